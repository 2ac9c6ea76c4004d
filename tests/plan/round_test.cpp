#include "plan/round.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::plan;

namespace {

constexpr std::uint64_t kRandomMax = ~std::uint64_t{0};

}  // namespace

TEST_CASE("round: its schedule has its rate, its times and its seed", "[plan][round]") {
    const Schedule schedule = schedule_of({.rate_per_s = 500,
                                           .arrivals = Arrivals::poisson,
                                           .warmup_ns = kSecond,
                                           .duration_ns = 2 * kSecond},
                                          7);
    CHECK(schedule.pacing == Pacing::rate);
    CHECK(schedule.arrivals == Arrivals::poisson);
    CHECK(schedule.seed == 7);
    CHECK(schedule.planned({0, 0, 1}) == 1'500);
    CHECK(schedule.end_ns({10 * kSecond, 0, 1}) == 13 * kSecond);
}

TEST_CASE("round: who reconnects immediately never waits", "[plan][round]") {
    const ReconnectPolicy policy{Reconnect::immediate, kSecond, kMinute};
    for (std::uint32_t attempt = 0; attempt < 100; ++attempt)
        CHECK(policy.wait_ns(attempt, kRandomMax) == 0);
}

TEST_CASE("round: exponential waits double up to the largest", "[plan][round]") {
    const ReconnectPolicy policy{Reconnect::exponential, 100 * kMillisecond, kSecond};
    CHECK(policy.wait_ns(0, 0) == 100 * kMillisecond);
    CHECK(policy.wait_ns(1, 0) == 200 * kMillisecond);
    CHECK(policy.wait_ns(3, 0) == 800 * kMillisecond);
    CHECK(policy.wait_ns(4, 0) == kSecond);
    CHECK(policy.wait_ns(1'000'000, 0) == kSecond);
}

TEST_CASE("round: jittered waits lie between none and the exponential one", "[plan][round]") {
    const ReconnectPolicy policy{Reconnect::jittered, 100 * kMillisecond, kSecond};
    CHECK(policy.wait_ns(1, 0) == 0);
    CHECK(policy.wait_ns(1, kRandomMax / 2) == 100 * kMillisecond);
    CHECK(policy.wait_ns(1, kRandomMax) == 200 * kMillisecond);
    CHECK(policy.wait_ns(50, kRandomMax) == kSecond);
}
