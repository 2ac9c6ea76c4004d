#include "plan/rate_curve.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::plan;

TEST_CASE("rate curve: a constant rate counts evenly", "[plan][rate_curve]") {
    const RateCurve curve = RateCurve::at(250);
    CHECK(curve.count_at(2 * kSecond) == Approx(500));
    CHECK(curve.time_of(500) == 2 * kSecond);
    CHECK(curve.times(4).time_of(500) == kSecond / 2);
}

TEST_CASE("rate curve: a ramp counts the area below it, then goes on evenly", "[plan][rate_curve]") {
    const RateCurve curve{100, 300, 10 * kSecond};
    CHECK(curve.count_at(5 * kSecond) == Approx(100 * 5 + 0.5 * 5 * 100));
    CHECK(curve.count_at(10 * kSecond) == Approx(2000));
    CHECK(curve.count_at(12 * kSecond) == Approx(2600));
}

TEST_CASE("rate curve: time_of is the inverse of count_at", "[plan][rate_curve]") {
    const auto [from, to] = GENERATE(table<double, double>({{0, 1000}, {1000, 0}, {10, 5000}, {5000, 10}}));
    const RateCurve curve{from, to, 4 * kSecond};
    for (TimeNs time_ns = 100 * kMillisecond; time_ns < 4 * kSecond; time_ns += 100 * kMillisecond) {
        const auto back = static_cast<double>(curve.time_of(curve.count_at(time_ns)));
        CHECK(back == Approx(static_cast<double>(time_ns)).margin(2));
    }
    CHECK(curve.time_of(0) == 0);
}

TEST_CASE("rate curve: due times never fall", "[plan][rate_curve]") {
    const RateCurve curve{0, 2000, 3 * kSecond};
    TimeNs last_ns = 0;
    for (int message = 0; message < 5000; ++message) {
        const TimeNs due_ns = curve.time_of(message);
        REQUIRE(due_ns >= last_ns);
        last_ns = due_ns;
    }
}
