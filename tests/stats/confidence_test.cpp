#include "stats/confidence.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "tests/support/simulated_queue.hpp"

namespace wsblast::stats {

namespace {

double uniform(Prng& random) {
    return static_cast<double>(random.next() >> 11) * 0x1p-53;
}

std::vector<BatchSum> values_as_batches(std::initializer_list<double> values) {
    std::vector<BatchSum> batches;
    for (const double value : values) batches.push_back({value, 1});
    return batches;
}

bool covers(const std::optional<Estimate>& estimate, double truth) {
    return estimate && estimate->low <= truth && truth <= estimate->high;
}

// Batches of a queue with one server in its steady state, after what fills it.
std::vector<HistogramSnapshot> queue_batches(double rate_per_s, std::uint64_t seed) {
    support::SimulatedQueue queue({.service_s = 1e-3}, seed);
    (void)queue.advance(rate_per_s, 2);
    std::vector<HistogramSnapshot> batches;
    for (int i = 0; i < 40; ++i) batches.push_back(queue.advance(rate_per_s, 0.25).sojourn);
    return batches;
}

std::vector<const HistogramSnapshot*> pointers_to(const std::vector<HistogramSnapshot>& batches) {
    std::vector<const HistogramSnapshot*> pointers;
    for (const HistogramSnapshot& batch : batches) pointers.push_back(&batch);
    return pointers;
}

std::optional<Estimate> quantile_of(const std::vector<HistogramSnapshot>& batches, double q) {
    return quantile_estimate(pointers_to(batches), q);
}

}  // namespace

TEST_CASE("confidence: a mean of batches has Student's interval") {
    // Mean 5, standard deviation 2.5820, 6 batches: 5 +- 2.5706 * 2.1602 / sqrt(6).
    const auto batches = values_as_batches({4, 2, 8, 5, 7, 4});
    const auto estimate = ratio_estimate(batches);
    REQUIRE(estimate);
    CHECK(estimate->value == Approx(5));
    CHECK(estimate->standard_error == Approx(0.894427).epsilon(1e-5));
    CHECK(estimate->high == Approx(5 + 2.570582 * 0.894427).epsilon(1e-5));
    CHECK(estimate->low == Approx(5 - 2.570582 * 0.894427).epsilon(1e-5));
}

TEST_CASE("confidence: a batch weighs what is in it") {
    const std::vector<BatchSum> batches{{1, 10}, {2, 20}, {3, 30}, {4, 40}};
    const auto estimate = ratio_estimate(batches);
    REQUIRE(estimate);
    CHECK(estimate->value == Approx(0.1));
    CHECK(estimate->standard_error == Approx(0).margin(1e-12));
}

TEST_CASE("confidence: nothing is said of three batches, or of empty ones") {
    CHECK_FALSE(ratio_estimate(values_as_batches({1, 2, 3})));
    CHECK_FALSE(ratio_estimate(std::vector<BatchSum>(10)));
    CHECK_FALSE(quantile_of(std::vector<HistogramSnapshot>(10), 0.5));
}

TEST_CASE("confidence: neighbours that are alike are seen as such") {
    const std::vector<double> waves{1, 2, 3, 4, 5, 5, 4, 3, 2, 1};
    const std::vector<double> jumps{1, 5, 1, 5, 1, 5, 1, 5, 1, 5};
    CHECK(neighbour_correlation(waves) > 0.5);
    CHECK(neighbour_correlation(jumps) < -0.8);
    CHECK(neighbour_correlation(std::vector<double>(10, 3.0)) == 0);
}

TEST_CASE("confidence: intervals hold the mean of independent values 19 times in 20") {
    Prng random(1);
    int held = 0;
    constexpr int kSeries = 1'000;
    for (int series = 0; series < kSeries; ++series) {
        std::vector<BatchSum> batches;
        for (int i = 0; i < 20; ++i) batches.push_back({uniform(random), 1});
        held += covers(ratio_estimate(batches), 0.5) ? 1 : 0;
    }
    CHECK(held > 930);
    CHECK(held < 970);
}

TEST_CASE("confidence: intervals hold the mean of correlated values too") {
    // Each value keeps 0.8 of the one before: taken as independent, intervals would hold it 50 times in
    // 100.
    Prng random(2);
    int held = 0;
    constexpr int kSeries = 500;
    for (int series = 0; series < kSeries; ++series) {
        std::vector<BatchSum> batches;
        double value = 0;
        for (int i = -50; i < 160; ++i) {
            value = 0.8 * value + uniform(random) - 0.5;
            if (i >= 0) batches.push_back({value + 10, 1});
        }
        held += covers(ratio_estimate(batches), 10) ? 1 : 0;
    }
    CHECK(held > 440);
}

TEST_CASE("confidence: the interval of a percentile holds that of the queue", "[statistics]") {
    // Of one server with exponential times a message is in the system for an exponential time of the mean
    // 1 / (1000 - 700) s.
    const double p99_ns = std::log(100) / 300 * 1e9;
    int held = 0;
    constexpr int kSteps = 200;
    for (int step = 0; step < kSteps; ++step) {
        const auto estimate = quantile_of(queue_batches(700, step), 0.99);
        REQUIRE(estimate);
        held += covers(estimate, p99_ns) ? 1 : 0;
    }
    CHECK(held > 175);
}

TEST_CASE("confidence: the interval of a mean holds that of the queue", "[statistics]") {
    int held = 0;
    constexpr int kSteps = 200;
    for (int step = 0; step < kSteps; ++step) {
        const auto batches = queue_batches(700, step);
        held += covers(mean_estimate(pointers_to(batches)), 1e9 / 300) ? 1 : 0;
    }
    CHECK(held > 175);
}

TEST_CASE("confidence: a percentile that too few messages bound has no upper end") {
    const auto histogram = std::make_unique<Histogram>();
    for (TimeNs value = 1; value <= 25; ++value) histogram->record(value * kMicrosecond);
    const auto estimate = quantile_of(std::vector(4, histogram->snapshot()), 0.99);
    REQUIRE(estimate);
    CHECK(estimate->value == Approx(25'000).epsilon(0.001));
    CHECK(estimate->high == std::numeric_limits<double>::infinity());
    CHECK(estimate->low < estimate->value);
}

TEST_CASE("confidence: the width is a share of the value") {
    CHECK(Estimate{.value = 10, .low = 9, .high = 11}.relative_half_width() == Approx(0.1));
    CHECK(Estimate{.value = 0, .low = 0, .high = 0.2}.relative_half_width() == Approx(0.2));
}

}  // namespace wsblast::stats
