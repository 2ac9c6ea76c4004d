#include "target/faults.hpp"

#include <cmath>

#include <catch2/catch.hpp>

namespace wsblast::target {

namespace {

constexpr std::uint64_t kDraws = 100'000;

Faults faults_of(const plan::FaultPlan& plan, std::uint32_t worker = 0) {
    return Faults(plan, worker, 0);
}

plan::FaultPlan seeded(std::uint64_t seed = 1) {
    plan::FaultPlan plan;
    plan.seed = seed;
    return plan;
}

// How often `is(number)` is true.
template <class Is>
double share_of(Is&& is) {
    std::uint64_t count = 0;
    for (std::uint64_t number = 0; number < kDraws; ++number) count += is(number) ? 1 : 0;
    return static_cast<double>(count) / kDraws;
}

// Four standard deviations of a share.
Approx close_to(double share) {
    return Approx(share).margin(4 * std::sqrt(share * (1 - share) / kDraws));
}

double mean_delay_of(const Faults& faults) {
    double sum = 0;
    for (std::uint64_t number = 0; number < kDraws; ++number)
        sum += static_cast<double>(faults.delay_of(number));
    return sum / kDraws;
}

TEST_CASE("faults: each fate has its share", "[target][faults]") {
    plan::FaultPlan plan = seeded();
    plan.drop = 0.01;
    plan.duplicate = 0.02;
    plan.reorder = 0.03;
    const Faults faults = faults_of(plan);
    const auto share = [&](Fate fate) {
        return share_of([&](std::uint64_t number) { return faults.fate_of(number) == fate; });
    };
    CHECK(share(Fate::dropped) == close_to(0.01));
    CHECK(share(Fate::duplicated) == close_to(0.02));
    CHECK(share(Fate::reordered) == close_to(0.03));
    CHECK(share(Fate::sent) == close_to(0.94));
}

TEST_CASE("faults: a share of 100 % is all, and one of 0 none", "[target][faults]") {
    plan::FaultPlan plan = seeded();
    CHECK(share_of([&](std::uint64_t n) { return faults_of(plan).fate_of(n) == Fate::sent; }) == 1);
    plan.drop = 1;
    CHECK(share_of([&](std::uint64_t n) { return faults_of(plan).fate_of(n) == Fate::dropped; }) == 1);
}

TEST_CASE("faults: a fixed delay is the same for all, and without a law there is none",
          "[target][faults]") {
    plan::FaultPlan plan = seeded();
    CHECK(share_of([&](std::uint64_t n) { return faults_of(plan).delay_of(n) == 0; }) == 1);
    plan.delay = {plan::DelayLaw::fixed, 2 * kMillisecond, 0, 0};
    CHECK(share_of([&](std::uint64_t n) { return faults_of(plan).delay_of(n) == 2 * kMillisecond; }) == 1);
}

TEST_CASE("faults: a uniform delay lies between its ends, evenly", "[target][faults]") {
    plan::FaultPlan plan = seeded();
    plan.delay = {plan::DelayLaw::uniform, kMillisecond, 3 * kMillisecond, 0};
    const Faults faults = faults_of(plan);
    const auto below = [&](TimeNs time_ns) {
        return share_of([&](std::uint64_t number) { return faults.delay_of(number) < time_ns; });
    };
    CHECK(below(kMillisecond) == 0);
    CHECK(below(1'500 * kMicrosecond) == close_to(0.25));
    CHECK(below(2 * kMillisecond) == close_to(0.5));
    CHECK(below(3 * kMillisecond) == 1);
}

TEST_CASE("faults: an exponential delay has its mean and its tail", "[target][faults]") {
    plan::FaultPlan plan = seeded();
    plan.delay = {plan::DelayLaw::exponential, 5 * kMillisecond, 0, 0};
    const Faults faults = faults_of(plan);
    // The standard deviation of one is its mean.
    CHECK(mean_delay_of(faults) == Approx(5e6).epsilon(4 / std::sqrt(kDraws)));
    for (const double units : {0.1, 1.0, 3.0}) {
        const double above = share_of([&](std::uint64_t number) {
            return static_cast<double>(faults.delay_of(number)) > units * 5e6;
        });
        CHECK(above == close_to(std::exp(-units)));
    }
}

TEST_CASE("faults: a bimodal delay takes the second time for its share", "[target][faults]") {
    plan::FaultPlan plan = seeded();
    plan.delay = {plan::DelayLaw::bimodal, kMillisecond, 50 * kMillisecond, 0.05};
    const Faults faults = faults_of(plan);
    const auto share = [&](TimeNs time_ns) {
        return share_of([&](std::uint64_t number) { return faults.delay_of(number) == time_ns; });
    };
    CHECK(share(50 * kMillisecond) == close_to(0.05));
    CHECK(share(kMillisecond) == close_to(0.95));
}

TEST_CASE("faults: they are a function of seed, worker and number", "[target][faults]") {
    plan::FaultPlan plan = seeded();
    plan.drop = 0.5;
    plan.delay = {plan::DelayLaw::exponential, kMillisecond, 0, 0};
    plan.rejections = {{503, 0.5}};
    plan::FaultPlan other = plan;
    other.seed = 2;
    const Faults faults = faults_of(plan);
    const auto agrees = [&](const Faults& with) {
        return share_of([&](std::uint64_t n) { return faults.fate_of(n) == with.fate_of(n); });
    };
    CHECK(agrees(faults_of(plan)) == 1);
    CHECK(agrees(faults_of(other)) == close_to(0.5));
    CHECK(agrees(faults_of(plan, 1)) == close_to(0.5));
    const Faults again = faults_of(plan);
    CHECK(share_of([&](std::uint64_t n) { return faults.delay_of(n) == again.delay_of(n); }) == 1);
    CHECK(share_of([&](std::uint64_t n) { return faults.rejection_of(n) == again.rejection_of(n); }) == 1);
}

TEST_CASE("faults: what becomes of an answer says nothing of its delay, nor of an upgrade",
          "[target][faults]") {
    plan::FaultPlan plan = seeded();
    plan.drop = 0.5;
    plan.delay = {plan::DelayLaw::bimodal, kMillisecond, kSecond, 0.5};
    plan.rejections = {{503, 0.5}};
    const Faults faults = faults_of(plan);
    const auto dropped = [&](std::uint64_t n) { return faults.fate_of(n) == Fate::dropped; };
    const auto late = [&](std::uint64_t n) { return faults.delay_of(n) == kSecond; };
    const auto refused = [&](std::uint64_t n) { return faults.rejection_of(n).has_value(); };
    CHECK(share_of([&](std::uint64_t n) { return dropped(n) && late(n); }) == close_to(0.25));
    CHECK(share_of([&](std::uint64_t n) { return dropped(n) && refused(n); }) == close_to(0.25));
    CHECK(share_of([&](std::uint64_t n) { return late(n) && refused(n); }) == close_to(0.25));
}

TEST_CASE("faults: what would leave in a stall leaves at its end", "[target][faults]") {
    plan::FaultPlan plan = seeded();
    plan.stall = {kSecond, 10 * kSecond};
    const TimeNs start_ns = 3 * kSecond;
    const Faults faults(plan, 0, start_ns);
    const auto moved_to = [&](TimeNs since_start_ns) {
        return faults.after_stall(start_ns + since_start_ns) - start_ns;
    };
    CHECK(moved_to(0) == 0);
    CHECK(moved_to(9 * kSecond - 1) == 9 * kSecond - 1);
    CHECK(moved_to(9 * kSecond) == 10 * kSecond);
    CHECK(moved_to(10 * kSecond - 1) == 10 * kSecond);
    CHECK(moved_to(10 * kSecond) == 10 * kSecond);
    CHECK(moved_to(29 * kSecond) == 30 * kSecond);
    CHECK(faults_of(seeded()).after_stall(9 * kSecond) == 9 * kSecond);
}

TEST_CASE("faults: each rejection has its share", "[target][faults]") {
    plan::FaultPlan plan = seeded();
    const auto share = [&](std::optional<std::uint16_t> status) {
        const Faults faults = faults_of(plan);
        return share_of([&](std::uint64_t number) { return faults.rejection_of(number) == status; });
    };
    CHECK(share(std::nullopt) == 1);
    plan.rejections = {{503, 0.1}, {429, 0.2}};
    CHECK(share(503) == close_to(0.1));
    CHECK(share(429) == close_to(0.2));
    CHECK(share(std::nullopt) == close_to(0.7));
}

}  // namespace

}  // namespace wsblast::target
