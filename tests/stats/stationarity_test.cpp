#include "stats/stationarity.hpp"

#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/simulated_queue.hpp"

namespace wsblast::stats {

namespace {

// The median sojourn time of each batch, in seconds.
std::vector<double> medians_of_queue(double rate_per_s, std::uint64_t seed, int batches) {
    support::SimulatedQueue queue({.service_s = 1e-3}, seed);
    (void)queue.advance(rate_per_s, 1);
    std::vector<double> medians;
    for (int i = 0; i < batches; ++i) {
        medians.push_back(static_cast<double>(*queue.advance(rate_per_s, 0.25).sojourn.percentile(0.5)) /
                          1e9);
    }
    return medians;
}

int rising_among(int series, double rate_per_s, int batches) {
    int rising = 0;
    for (int seed = 0; seed < series; ++seed) {
        const TrendTest test = test_trend(medians_of_queue(rate_per_s, seed, batches));
        rising += test.trend == Trend::rising ? 1 : 0;
    }
    return rising;
}

}  // namespace

TEST_CASE("stationarity: the score and its variance are those of Mann and Kendall") {
    // Of 10 rising values the score is 45 and its variance 10 * 9 * 25 / 18 = 125: z = 44 / sqrt(125).
    const std::vector<double> rising{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    const TrendTest test = test_trend(rising);
    CHECK(test.trend == Trend::rising);
    CHECK(test.z == Approx(3.935479).epsilon(1e-6));
    CHECK(test.slope == Approx(1));
}

TEST_CASE("stationarity: what falls is told from what rises") {
    const std::vector<double> falling{10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    CHECK(test_trend(falling).trend == Trend::falling);
    CHECK(test_trend(falling).z == Approx(-3.935479).epsilon(1e-6));
}

TEST_CASE("stationarity: equal values and few values have no trend") {
    CHECK(test_trend(std::vector<double>(20, 5.0)).z == 0);
    CHECK(test_trend(std::vector<double>{1, 2, 3, 4, 5, 6, 7}).trend == Trend::none);
}

TEST_CASE("stationarity: one batch that lost its CPU makes no trend, and hides none") {
    std::vector<double> flat{5, 6, 5, 6, 5, 6, 5, 6, 5, 900};
    CHECK(test_trend(flat).trend == Trend::none);
    std::vector<double> rising{1, 2, 900, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    CHECK(test_trend(rising).trend == Trend::rising);
}

TEST_CASE("stationarity: a queue that keeps its length is not said to grow", "[statistics]") {
    CHECK(rising_among(300, 500, 40) <= 3);
    CHECK(rising_among(300, 800, 40) <= 6);
}

TEST_CASE("stationarity: a queue that grows is caught") {
    CHECK(rising_among(100, 1'100, 40) >= 98);
    CHECK(rising_among(100, 1'500, 10) >= 90);
}

}  // namespace wsblast::stats
