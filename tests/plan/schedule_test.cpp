#include "plan/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::plan;

namespace {

constexpr TimeNs kStart = 5 * kSecond;

Schedule by_rate(double rate_per_s, std::uint64_t messages) {
    return {.pacing = Pacing::rate, .rate = RateCurve::at(rate_per_s), .messages = messages};
}

Schedule by_interval(TimeNs interval_ns) {
    return {.pacing = Pacing::interval, .interval_ns = interval_ns};
}

// When message k of a connection is due.
TimeNs due_at(const Schedule& schedule, const ScheduleSeat& seat, std::uint64_t k) {
    TimeNs due_ns = schedule.first_due_ns(seat);
    for (std::uint64_t i = 1; i <= k; ++i) due_ns = schedule.next_due_ns(seat, i, due_ns);
    return due_ns;
}

// The due times of all connections together, in order.
std::vector<TimeNs> due_times(const Schedule& schedule, std::uint64_t seats) {
    std::vector<TimeNs> all;
    for (std::uint64_t rank = 0; rank < seats; ++rank) {
        const ScheduleSeat seat{kStart, rank, seats};
        TimeNs due_ns = schedule.first_due_ns(seat);
        for (std::uint64_t k = 0; k < schedule.planned(seat); ++k) {
            if (k > 0) due_ns = schedule.next_due_ns(seat, k, due_ns);
            all.push_back(due_ns);
        }
    }
    std::sort(all.begin(), all.end());
    return all;
}

std::uint64_t counted_before(const Schedule& schedule, const ScheduleSeat& seat, TimeNs time_ns) {
    std::uint64_t count = 0;
    while (due_at(schedule, seat, count) < time_ns) ++count;
    return count;
}

}  // namespace

TEST_CASE("schedule: with an interval the messages of a connection are due that far apart",
          "[plan][schedule]") {
    const Schedule schedule = by_interval(10 * kMillisecond);
    const ScheduleSeat seat{kStart, 0, 4};
    CHECK(due_at(schedule, seat, 0) == kStart);
    CHECK(due_at(schedule, seat, 7) == kStart + 70 * kMillisecond);
    CHECK(schedule.step_ns() == 10 * kMillisecond);
}

TEST_CASE("schedule: with an interval connection i begins i/N of it later", "[plan][schedule]") {
    const Schedule schedule = by_interval(10 * kMillisecond);
    constexpr std::uint64_t kSeats = 8;
    for (std::uint64_t rank = 0; rank < kSeats; ++rank) {
        CHECK(due_at(schedule, {kStart, rank, kSeats}, 3) ==
              kStart + rank * 1'250 * kMicrosecond + 30 * kMillisecond);
    }
    const ScheduleSeat last{kStart, 9'999'999, 10'000'000};
    CHECK(by_interval(kHour).first_due_ns(last) == kStart + kHour - kHour / 10'000'000);
}

TEST_CASE("schedule: with a rate message i of all connections together is due at T0 + i/R",
          "[plan][schedule]") {
    const auto [rate, seats, messages] = GENERATE(table<double, std::uint64_t, std::uint64_t>(
        {{1000.0, 1, 500}, {1000.0, 7, 100}, {3.0, 4, 25}, {0.5, 3, 4}, {1234567.0, 13, 2000}}));
    const auto due = due_times(by_rate(rate, messages), seats);
    REQUIRE(due.size() == messages * seats);
    for (std::size_t i = 0; i < due.size(); ++i) {
        const long double exact = static_cast<long double>(i) * 1e9L / static_cast<long double>(rate);
        CHECK(static_cast<long double>(due[i] - kStart) == Approx(static_cast<double>(exact)).margin(0.51));
    }
}

TEST_CASE("schedule: a rate does not drift over a long run", "[plan][schedule]") {
    const Schedule schedule = by_rate(3.0, kUnlimited);
    const ScheduleSeat seat{kStart, 2, 5};
    constexpr std::uint64_t kRounds = 3 * 24 * 3600;  // 5 days: message 5 * k + 2 of 3 a second
    CHECK(schedule.next_due_ns(seat, kRounds, kStart) == kStart + (5 * kRounds + 2) * kSecond / 3 + 1);
}

TEST_CASE("schedule: M messages are planned for each connection", "[plan][schedule]") {
    const Pacing pacing = GENERATE(Pacing::interval, Pacing::closed, Pacing::rate);
    const Schedule schedule{
        .pacing = pacing, .interval_ns = kMillisecond, .rate = RateCurve::at(10), .messages = 17};
    for (std::uint64_t rank = 0; rank < 3; ++rank) CHECK(schedule.planned({kStart, rank, 3}) == 17);
    CHECK(schedule.end_ns({kStart, 0, 3}) == kNever);
}

TEST_CASE("schedule: a duration and a rate plan R x duration messages over all connections",
          "[plan][schedule]") {
    const auto [rate, duration, seats, total] =
        GENERATE(table<double, TimeNs, std::uint64_t, std::uint64_t>({{1000.0, 2 * kSecond, 7, 2000},
                                                                      {10.0, 250 * kMillisecond, 4, 2},
                                                                      {0.1, 10 * kSecond, 3, 1},
                                                                      {0.1, kSecond, 3, 0},
                                                                      {333.0, 3 * kSecond, 1000, 999}}));
    Schedule schedule = by_rate(rate, kUnlimited);
    schedule.duration_ns = duration;
    const auto due = due_times(schedule, seats);
    CHECK(due.size() == total);
    if (!due.empty()) CHECK(due.back() < kStart + duration);
}

TEST_CASE("schedule: a duration and an interval plan what is due before the end", "[plan][schedule]") {
    Schedule schedule = by_interval(10 * kMillisecond);
    schedule.duration_ns = 95 * kMillisecond;
    CHECK(schedule.planned({kStart, 0, 10}) == 10);
    CHECK(schedule.planned({kStart, 4, 10}) == 10);
    CHECK(schedule.planned({kStart, 5, 10}) == 9);
    CHECK(schedule.end_ns({kStart, 5, 10}) == kStart + 95 * kMillisecond);
    schedule.duration_ns = 4 * kMillisecond;
    CHECK(schedule.planned({kStart, 5, 10}) == 0);
}

TEST_CASE("schedule: only time ends a closed loop with a duration", "[plan][schedule]") {
    const Schedule schedule{.pacing = Pacing::closed, .duration_ns = kSecond};
    const ScheduleSeat seat{kStart, 0, 1};
    CHECK(schedule.planned(seat) == kUnlimited);
    CHECK(schedule.end_ns(seat) == kStart + kSecond);
    CHECK(schedule.first_due_ns(seat) == kStart);
    CHECK(schedule.step_ns() == 0);
}

TEST_CASE("schedule: count_due counts the due times before a moment, exactly", "[plan][schedule]") {
    const auto [rate, seats] =
        GENERATE(table<double, std::uint64_t>({{1000.0, 3}, {3.0, 7}, {777.7, 11}, {0.3, 2}, {1e6, 1}}));
    const Schedule by_time = by_rate(rate, kUnlimited);
    const Schedule spaced = by_interval(static_cast<TimeNs>(1e9 / rate));
    for (const std::uint64_t rank : {std::uint64_t{0}, seats - 1}) {
        const ScheduleSeat seat{kStart, rank, seats};
        CHECK(by_time.count_due(seat, 0, by_time.first_due_ns(seat), kStart - kSecond) == 0);
        for (const std::uint64_t k : {0u, 1u, 2u, 29u, 100u, 999u}) {
            for (const Schedule* schedule : {&by_time, &spaced}) {
                const TimeNs first_ns = schedule->first_due_ns(seat);
                const TimeNs due_ns = due_at(*schedule, seat, k);
                CHECK(schedule->count_due(seat, 0, first_ns, due_ns) ==
                      counted_before(*schedule, seat, due_ns));
                CHECK(schedule->count_due(seat, 0, first_ns, due_ns + 1) == k + 1);
                CHECK(schedule->count_due(seat, k, due_ns, due_ns + 1) == 1);
            }
        }
    }
}

TEST_CASE("schedule: where a rate decides there is no common step between two messages",
          "[plan][schedule]") {
    CHECK(by_rate(100, 10).step_ns() == kNever);
}

// The largest distance between the empirical distribution of the gaps and the exponential one of that mean
// (Kolmogorov, Smirnov), times the root of their number: above 1.63 in one of a hundred samples.
namespace {
double gap_distance(const std::vector<TimeNs>& due, double mean_ns) {
    std::vector<double> gaps;
    for (std::size_t i = 1; i < due.size(); ++i) gaps.push_back(static_cast<double>(due[i] - due[i - 1]));
    std::sort(gaps.begin(), gaps.end());
    const auto count = static_cast<double>(gaps.size());
    double distance = 0;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        const double expected = 1 - std::exp(-gaps[i] / mean_ns);
        distance = std::max({distance, std::abs(expected - static_cast<double>(i) / count),
                             std::abs(expected - static_cast<double>(i + 1) / count)});
    }
    return distance * std::sqrt(count);
}
constexpr double kOnePercent = 1.63;
}  // namespace

TEST_CASE("schedule: the gaps of Poisson arrivals are exponential, for ten seeds", "[plan][schedule]") {
    const auto seats = GENERATE(as<std::uint64_t>{}, 1, 10, 1000);
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        INFO("seed " << seed << ", " << seats << " connections");
        Schedule schedule = by_rate(1000, 20'000 / seats);
        schedule.arrivals = Arrivals::poisson;
        schedule.seed = seed;
        const auto due = due_times(schedule, seats);
        REQUIRE(due.size() == 20'000);
        CHECK(gap_distance(due, 1e6) < kOnePercent);
    }
}

TEST_CASE("schedule: evenly spaced arrivals do not pass for Poisson ones", "[plan][schedule]") {
    CHECK(gap_distance(due_times(by_rate(1000, 200), 10), 1e6) > kOnePercent);
}

TEST_CASE("schedule: the number of Poisson arrivals is exact, with the warm-up and without",
          "[plan][schedule]") {
    const TimeNs warmup_ns = GENERATE(as<TimeNs>{}, 0, 500 * kMillisecond);
    Schedule schedule = by_rate(2000, kUnlimited);
    schedule.arrivals = Arrivals::poisson;
    schedule.duration_ns = 3 * kSecond;
    schedule.warmup_ns = warmup_ns;
    const auto due = due_times(schedule, 7);
    const TimeNs from_ns = kStart + warmup_ns;
    const auto measured = std::count_if(due.begin(), due.end(), [=](TimeNs t) { return t >= from_ns; });
    CHECK(measured == 6000);
    CHECK(due.size() == 6000 + 2 * warmup_ns / kMillisecond);
    CHECK(due.back() < from_ns + 3 * kSecond);
}

TEST_CASE("schedule: behind a warm-up of any length, a rate of any size is exact to the message",
          "[plan][schedule]") {
    const auto curve =
        GENERATE(RateCurve::at(3), RateCurve::at(7.7), RateCurve::at(333.3), RateCurve::at(12'345.67),
                 RateCurve{0, 990, 700 * kMillisecond}, RateCurve{1'000, 10, 1'500 * kMillisecond});
    const auto warmup_ns =
        GENERATE(as<TimeNs>{}, 100 * kMillisecond, 333'333'333, 500 * kMillisecond, 999'999'999);
    const auto arrivals = GENERATE(Arrivals::uniform, Arrivals::poisson);
    const auto seats = GENERATE(as<std::uint64_t>{}, 1, 7, 1'000);
    Schedule schedule{.pacing = Pacing::rate, .rate = curve, .arrivals = arrivals};
    schedule.duration_ns = 777 * kMillisecond;
    schedule.warmup_ns = warmup_ns;
    schedule.seed = warmup_ns + seats;
    CAPTURE(curve.to_per_s, warmup_ns, seats);
    const TimeNs end_ns = kStart + warmup_ns + schedule.duration_ns;
    const auto due = due_times(schedule, seats);
    const auto warm = static_cast<std::size_t>(
        std::count_if(due.begin(), due.end(), [=](TimeNs t) { return t < kStart + warmup_ns; }));
    const double exact = curve.count_at(end_ns - kStart) - curve.count_at(warmup_ns);
    CHECK(due.size() - warm == static_cast<std::size_t>(exact + 1e-6));
    CHECK(warm == static_cast<std::size_t>(std::ceil(curve.count_at(warmup_ns) - 1e-6)));
    if (!due.empty()) CHECK(due.back() < end_ns);
    schedule.duration_ns = kNever;
    schedule.messages = 3;
    const auto counted = due_times(schedule, seats);
    CHECK(counted.size() == warm + 3 * seats);
    CHECK(std::count_if(counted.begin(), counted.end(), [=](TimeNs t) { return t < kStart + warmup_ns; }) ==
          static_cast<std::ptrdiff_t>(warm));
}

TEST_CASE("schedule: the same seed gives the same arrivals, another one others", "[plan][schedule]") {
    Schedule schedule = by_rate(1000, 100);
    schedule.arrivals = Arrivals::poisson;
    schedule.seed = 1;
    const auto first = due_times(schedule, 3);
    CHECK(due_times(schedule, 3) == first);
    schedule.seed = 2;
    CHECK(due_times(schedule, 3) != first);
}

TEST_CASE("schedule: messages due in the warm-up come besides those that are asked for",
          "[plan][schedule]") {
    const Pacing pacing = GENERATE(Pacing::interval, Pacing::rate);
    const Schedule schedule{.pacing = pacing,
                            .interval_ns = 10 * kMillisecond,
                            .rate = RateCurve::at(400),
                            .messages = 25,
                            .warmup_ns = 100 * kMillisecond};
    const auto due = due_times(schedule, 4);
    const auto warm =
        std::count_if(due.begin(), due.end(), [](TimeNs t) { return t < kStart + 100 * kMillisecond; });
    CHECK(warm == 40);
    CHECK(due.size() == 40 + 4 * 25);
}

TEST_CASE("schedule: a rate for each connection is that of all divided by their number",
          "[plan][schedule]") {
    Schedule each = by_rate(50, 10);
    each.rate_scope = RateScope::per_connection;
    CHECK(due_times(each, 8) == due_times(by_rate(400, 10), 8));
}
