#include "host/resources.hpp"

#include <thread>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.hpp"

namespace wsblast::host {

TEST_CASE("resources: the soft descriptor limit is raised to the hard one", "[host][resources]") {
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit lowered = before;
    lowered.rlim_cur = 256;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &lowered) == 0);

    CHECK(raise_descriptor_limit() == before.rlim_max);
    rlimit after{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &after) == 0);
    CHECK(after.rlim_cur == before.rlim_max);
}

TEST_CASE("resources: resident memory grows with what is touched", "[host][resources]") {
    constexpr std::size_t kTouched = 64 * kMiB;
    const std::uint64_t before = rss_bytes();
    CHECK(before > 0);
    const std::vector<char> touched(kTouched, 'x');
    CHECK(rss_bytes() >= before + kTouched * 9 / 10);
    CHECK(touched.back() == 'x');
}

TEST_CASE("resources: some memory is available", "[host][resources]") {
    CHECK(memory_available_bytes() > kMiB);
}

TEST_CASE("resources: the local port range is in order and above the privileged ports",
          "[host][resources]") {
    const PortRange range = local_port_range();
    CHECK(range.first >= 1);
    CHECK(range.last > range.first);
    for (const PortRange& reserved : reserved_ports()) CHECK(reserved.first <= reserved.last);
}

TEST_CASE("resources: a port list has single ports and ranges, rubbish is left out", "[host][resources]") {
    CHECK(parse_port_list("").empty());
    CHECK(parse_port_list("\n").empty());
    CHECK(parse_port_list("8080\n") == std::vector<PortRange>{{8080, 8080}});
    CHECK(parse_port_list("8080,9000-9010,60000") ==
          std::vector<PortRange>{{8080, 8080}, {9000, 9010}, {60000, 60000}});
    CHECK(parse_port_list("0,70000,9-3,x,,5") == std::vector<PortRange>{{5, 5}});
}

TEST_CASE("resources: a kernel release begins with its version", "[host][resources]") {
    CHECK(*parse_kernel_version("6.1.0-18-amd64") == KernelVersion{6, 1});
    CHECK(*parse_kernel_version("6.18") == KernelVersion{6, 18});
    CHECK(KernelVersion{6, 2} < KernelVersion{6, 18});
    CHECK(KernelVersion{5, 19} < KernelVersion{6, 0});
    CHECK_FALSE(parse_kernel_version("linux").ok());
    CHECK_FALSE(parse_kernel_version("6").ok());
    CHECK_FALSE(parse_kernel_version("").ok());
    CHECK(kernel_version() > KernelVersion{2, 6});
}

TEST_CASE("resources: a thread's account shows that it ran; a thread that is gone has none",
          "[host][resources]") {
    const TimeNs until_ns = thread_cpu_now() + 5 * kMillisecond;
    while (thread_cpu_now() < until_ns) {
    }
    const auto schedule = thread_schedule(gettid());
    REQUIRE(schedule.has_value());
    CHECK(schedule->run_ns >= kMillisecond);

    pid_t gone = 0;
    std::thread([&] { gone = gettid(); }).join();
    // Who was joined is still in the lists of the kernel for a moment.
    const TimeNs patience_ns = monotonic_now() + 10 * kSecond;
    while (thread_schedule(gone).has_value() && monotonic_now() < patience_ns) continue;
    CHECK_FALSE(thread_schedule(gone).has_value());
}

TEST_CASE("resources: steal is the eighth figure of a CPU's line, in clock ticks", "[host][resources]") {
    const TimeNs tick_ns = kSecond / static_cast<TimeNs>(sysconf(_SC_CLK_TCK));
    const std::vector<TimeNs> steal = parse_steal(
        "cpu  1 2 3 4 5 6 7 999 0 0\n"
        "cpu0 1 2 3 4 5 6 7 8 9 10\n"
        "cpu2 1 2 3 4 5 6 7 30 9 10\n"
        "intr 5 5 5\n");
    CHECK(steal == std::vector<TimeNs>{8 * tick_ns, 0, 30 * tick_ns});  // CPU 1 is offline
    CHECK(parse_steal("").empty());
    CHECK(parse_steal("cpu0 1 2").size() == 1);
    CHECK_FALSE(steal_by_cpu().empty());
}

TEST_CASE("resources: a thread that is preempted is told so", "[host][resources]") {
    const std::uint64_t before = involuntary_switches();
    CHECK(involuntary_switches() >= before);
}

}  // namespace wsblast::host
