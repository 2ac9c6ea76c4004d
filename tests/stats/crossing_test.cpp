#include "stats/crossing.hpp"

#include <vector>

#include <catch2/catch.hpp>

#include "base/prng.hpp"

namespace wsblast::stats {

namespace {

// Of a queue with the capacity 1,000: 1 / (1000 - load), off by `error` standard errors.
LoadPoint queue_point(double load, double relative_error, double off = 0) {
    const double value = 1 / (1'000 - load);
    return {load, value * (1 + off * relative_error), value * relative_error};
}

double nearly_normal(Prng& random) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(random.next() >> 11) * 0x1p-53;
    return sum;
}

}  // namespace

TEST_CASE("crossing: the line of a queue is met where its formula says") {
    const std::vector<LoadPoint> points{queue_point(850, 0.02), queue_point(880, 0.02),
                                        queue_point(920, 0.02), queue_point(950, 0.02)};
    const auto knee = crossing(points, 1.0 / 100);
    REQUIRE(knee);
    CHECK(knee->value == Approx(900).epsilon(1e-9));
    CHECK(knee->low < 900);
    CHECK(knee->high > 900);
    CHECK(knee->high - knee->low < 20);
}

TEST_CASE("crossing: intervals hold the knee as often as they say") {
    Prng random(3);
    int held = 0;
    constexpr int kSearches = 500;
    for (int search = 0; search < kSearches; ++search) {
        std::vector<LoadPoint> points;
        for (const double load : {860.0, 880.0, 890.0, 900.0, 905.0, 930.0}) {
            points.push_back(queue_point(load, 0.03, nearly_normal(random)));
        }
        const auto knee = crossing(points, 1.0 / 100);
        REQUIRE(knee);
        held += knee->low <= 900 && 900 <= knee->high ? 1 : 0;
    }
    CHECK(held > 470);
}

TEST_CASE("crossing: steps that differ more than their errors say widen the interval") {
    const std::vector<double> offs{3, -3, 3, -3, 3};
    std::vector<LoadPoint> calm;
    std::vector<LoadPoint> noisy;
    for (std::size_t i = 0; i < offs.size(); ++i) {
        const double load = 860 + 20 * static_cast<double>(i);
        calm.push_back(queue_point(load, 0.02));
        noisy.push_back(queue_point(load, 0.02, offs[i]));
    }
    const auto narrow = crossing(calm, 1.0 / 100);
    const auto wide = crossing(noisy, 1.0 / 100);
    REQUIRE(narrow);
    REQUIRE(wide);
    CHECK(wide->high - wide->low > 2 * (narrow->high - narrow->low));
}

TEST_CASE("crossing: there is none where the value does not grow, or too little is known") {
    const std::vector<LoadPoint> flat{{1, 5, 0.1}, {2, 5, 0.1}, {3, 5, 0.1}, {4, 5, 0.1}, {5, 5, 0.1}};
    CHECK_FALSE(crossing(flat, 6));
    const std::vector<LoadPoint> same{{1, 5, 0.1}, {1, 5, 0.1}, {1, 6, 0.1}, {1, 4, 0.1}};
    CHECK_FALSE(crossing(same, 6));
    const std::vector<LoadPoint> few{queue_point(850, 0.02), queue_point(900, 0.02),
                                     queue_point(950, 0.02)};
    CHECK_FALSE(crossing(few, 1.0 / 100));
    std::vector<LoadPoint> unbounded{queue_point(850, 0.02), queue_point(880, 0.02), queue_point(920, 0.02),
                                     queue_point(950, 0.02)};
    unbounded[2].standard_error = 0;
    CHECK_FALSE(crossing(unbounded, 1.0 / 100));
}

}  // namespace wsblast::stats
