#include "plan/poisson_arrivals.hpp"

#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "base/limits.hpp"

using namespace wsblast;
using namespace wsblast::plan;

namespace {

struct Moments {
    double mean = 0;
    double variance = 0;
};

Moments moments_of(const std::vector<double>& values) {
    Moments moments;
    for (const double value : values) moments.mean += value / static_cast<double>(values.size());
    for (const double value : values)
        moments.variance +=
            (value - moments.mean) * (value - moments.mean) / static_cast<double>(values.size());
    return moments;
}

// How many arrivals come in each of the parts of the duration.
std::vector<double> counts_of(const PoissonArrivals& arrivals, TimeNs part_ns, std::size_t parts) {
    std::vector<double> counts(parts);
    for (std::uint64_t number = 0; number < arrivals.count(); ++number)
        counts.at(arrivals.due_ns(number) / part_ns) += 1;
    return counts;
}

}  // namespace

TEST_CASE("poisson arrivals: no rate and no time have none", "[plan][arrivals]") {
    CHECK(PoissonArrivals().count() == 0);
    CHECK(PoissonArrivals(0, kHour, 1).count() == 0);
    CHECK(PoissonArrivals(100, 0, 1).count() == 0);
}

TEST_CASE("poisson arrivals: their number is as scattered as it has to be", "[plan][arrivals]") {
    // The mean of 2,000 draws is off by less than 5 standard errors; the variance is the mean.
    const double mean = GENERATE(0.5, 8.0, 300.0, 3.6e8);
    std::vector<double> counts;
    for (std::uint64_t seed = 0; seed < 2'000; ++seed)
        counts.push_back(static_cast<double>(PoissonArrivals(mean, kSecond, seed).count()));
    const Moments moments = moments_of(counts);
    CHECK(moments.mean == Approx(mean).margin(5 * std::sqrt(mean / 2'000)));
    CHECK(moments.variance / mean == Approx(1).margin(0.2));
}

TEST_CASE("poisson arrivals: any part of the time has as many as chance gives it", "[plan][arrivals]") {
    // 2 a millisecond, and 2,000 a second: halves of few and of many arrivals.
    const PoissonArrivals arrivals(2'000, 200 * kSecond, 5);
    const Moments short_parts = moments_of(counts_of(arrivals, kMillisecond, 200'000));
    CHECK(short_parts.mean == Approx(2).margin(0.02));
    CHECK(short_parts.variance == Approx(2).margin(0.06));
    const Moments long_parts = moments_of(counts_of(arrivals, kSecond, 200));
    CHECK(long_parts.variance / 2'000 == Approx(1).margin(0.5));
}

TEST_CASE("poisson arrivals: they never go back, and lie within the time", "[plan][arrivals]") {
    const auto [per_s, duration_ns] = GENERATE(table<double, TimeNs>(
        {{3'000, 20 * kSecond}, {1e9, 20 * kMicrosecond}, {0.001, 3'600'000 * kSecond}, {1e9, 3}}));
    const PoissonArrivals arrivals(per_s, duration_ns, 11);
    REQUIRE(arrivals.count() > 0);
    TimeNs last_ns = 0;
    for (std::uint64_t number = 0; number < arrivals.count(); ++number) {
        const TimeNs due_ns = arrivals.due_ns(number);
        REQUIRE(due_ns >= last_ns);
        REQUIRE(due_ns < duration_ns);
        last_ns = due_ns;
    }
}

TEST_CASE("poisson arrivals: as many as there may be are told at once", "[plan][arrivals]") {
    const TimeNs before_ns = thread_cpu_now();
    const PoissonArrivals arrivals(static_cast<double>(limits::kUsersMax) / 3'600, kHour, 2);
    CHECK(static_cast<double>(arrivals.count()) == Approx(1e9).margin(5 * std::sqrt(1e9)));
    TimeNs last_ns = 0;
    for (std::uint64_t number = 0; number < arrivals.count(); number += 1'000'000) {
        const TimeNs due_ns = arrivals.due_ns(number);
        // Some 31,623 of a billion lie elsewhere than on average, half of them at most: 0.06 s.
        REQUIRE(to_seconds(due_ns) == Approx(static_cast<double>(number) * 3.6e-6).margin(0.5));
        REQUIRE(due_ns >= last_ns);
        last_ns = due_ns;
    }
    CHECK(thread_cpu_now() - before_ns < kSecond);
}
