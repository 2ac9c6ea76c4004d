#include "host/cpus.hpp"

#include <algorithm>
#include <thread>

#include <catch2/catch.hpp>
#include <sched.h>

namespace wsblast::host {

TEST_CASE("cpus: the usable ones are ascending, distinct, and hold the one this thread runs on",
          "[host][cpus]") {
    const auto cpus = usable_cpus();
    REQUIRE_FALSE(cpus.empty());
    CHECK(std::is_sorted(cpus.begin(), cpus.end()));
    CHECK(std::adjacent_find(cpus.begin(), cpus.end()) == cpus.end());
    CHECK(std::count(cpus.begin(), cpus.end(), static_cast<unsigned>(sched_getcpu())) == 1);
}

TEST_CASE("cpus: a pinned thread runs on its CPU and sees no other", "[host][cpus]") {
    const std::uint32_t wanted = usable_cpus().back();
    Result<void> pinned;
    int running_on = -1;
    std::vector<std::uint32_t> left;
    std::thread([&] {
        pinned = pin_thread(wanted);
        running_on = sched_getcpu();
        left = usable_cpus();
    }).join();
    REQUIRE(pinned.ok());
    CHECK(running_on == static_cast<int>(wanted));
    CHECK(left == std::vector{wanted});
}

TEST_CASE("cpus: pinning to a CPU that does not exist is an error that names it", "[host][cpus]") {
    constexpr std::uint32_t kMissing = 60'000;
    const Result<void> pinned = pin_thread(kMissing);
    REQUIRE_FALSE(pinned.ok());
    CHECK(pinned.error().fault == Fault::environment);
    CHECK(pinned.error().what.find("CPU 60000") != std::string::npos);
    CHECK(pinned.error().what.find("--cores") != std::string::npos);
}

TEST_CASE("cpus: cpu.max is a quota over a period, max is no limit", "[host][cpus]") {
    CHECK(parse_cpu_max("150000 100000\n") == 1.5);
    CHECK(parse_cpu_max("50000 100000") == 0.5);
    CHECK_FALSE(parse_cpu_max("max 100000\n").has_value());
    CHECK_FALSE(parse_cpu_max("").has_value());
    CHECK_FALSE(parse_cpu_max("150000").has_value());
    CHECK_FALSE(parse_cpu_max("150000 0").has_value());
}

TEST_CASE("cpus: a quota that the machine reports is above 0", "[host][cpus]") {
    CHECK(cpu_quota().value_or(1.0) > 0);
}

}  // namespace wsblast::host
