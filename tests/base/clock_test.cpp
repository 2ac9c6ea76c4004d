#include "base/clock.hpp"

#include <cctype>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

using namespace wsblast;

TEST_CASE("clock: monotonic time never falls", "[base][clock]") {
    TimeNs last_ns = monotonic_now();
    REQUIRE(last_ns > 0);
    for (int i = 0; i < 1'000; ++i) {
        const TimeNs now_ns = monotonic_now();
        REQUIRE(now_ns >= last_ns);
        last_ns = now_ns;
    }
}

TEST_CASE("clock: a thread's CPU time is read from within and from without", "[base][clock]") {
    volatile std::uint64_t sink = 0;
    const TimeNs before_ns = thread_cpu_now();
    while (thread_cpu_now() - before_ns < kMillisecond) sink = sink + 1;
    const TimeNs seen_ns = thread_cpu_of(pthread_self());
    CHECK(seen_ns >= before_ns + kMillisecond);
    CHECK(thread_cpu_now() >= seen_ns);
}

TEST_CASE("clock: the CPU times of the process grow and subtract", "[base][clock]") {
    const CpuTimes before = process_cpu_times();
    volatile std::uint64_t sink = 0;
    const TimeNs start_ns = thread_cpu_now();
    while (thread_cpu_now() - start_ns < 20 * kMillisecond) sink = sink + 1;
    const CpuTimes spent = process_cpu_times() - before;
    CHECK(spent.total_ns() >= 10 * kMillisecond);
    CHECK(spent.total_ns() == spent.user_ns + spent.system_ns);
    CHECK(spent.total_ns() < kMinute);
}

TEST_CASE("clock: the wall clock is written in UTC with milliseconds", "[base][clock]") {
    const std::string text = wall_clock_text();
    const std::string form = "dddd-dd-ddTdd:dd:dd.dddZ";
    REQUIRE(text.size() == form.size());
    for (std::size_t i = 0; i < form.size(); ++i) {
        INFO(text << " at " << i);
        CHECK(
            (form[i] == 'd' ? std::isdigit(static_cast<unsigned char>(text[i])) != 0 : text[i] == form[i]));
    }
}
