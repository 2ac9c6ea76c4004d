#include "stats/stationarity.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "math/distributions.hpp"

namespace wsblast::stats {

namespace {

double median_of(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    const double upper = *middle;
    if (values.size() % 2 == 1) return upper;
    return (upper + *std::max_element(values.begin(), middle)) / 2;
}

// The median of the slopes of all pairs, for each step from one value to the next.
double theil_sen_slope(std::span<const double> values) {
    std::vector<double> slopes;
    slopes.reserve(values.size() * (values.size() - 1) / 2);
    for (std::size_t i = 0; i < values.size(); ++i) {
        for (std::size_t j = i + 1; j < values.size(); ++j) {
            slopes.push_back((values[j] - values[i]) / static_cast<double>(j - i));
        }
    }
    return median_of(std::move(slopes));
}

// Later and higher pairs less later and lower ones.
double pair_score(std::span<const double> values) {
    double score = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        for (std::size_t j = i + 1; j < values.size(); ++j) {
            score += values[j] > values[i] ? 1 : 0;
            score -= values[j] < values[i] ? 1 : 0;
        }
    }
    return score;
}

// 0, 1, ...; those of equal values are their mean.
std::vector<double> ranks_of(const std::vector<double>& values) {
    std::vector<double> ranks;
    ranks.reserve(values.size());
    for (const double value : values) {
        double rank = 0;
        for (const double other : values) {
            rank += other < value ? 1 : 0;
            rank += other == value ? 0.5 : 0;
        }
        ranks.push_back(rank);
    }
    return ranks;
}

double correlation_at(const std::vector<double>& values, std::size_t lag) {
    double mean = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    double together = 0;
    double variance = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        variance += (values[i] - mean) * (values[i] - mean);
        if (i >= lag) together += (values[i] - mean) * (values[i - lag] - mean);
    }
    return variance > 0 ? together / variance : 0;
}

// How much larger the score's variance is than that of independent values: by the correlations of the ranks
// of what the slope leaves, where they are significant.
double variance_factor(std::span<const double> values, double slope) {
    std::vector<double> flat(values.begin(), values.end());
    for (std::size_t i = 0; i < flat.size(); ++i) flat[i] -= slope * static_cast<double>(i);
    const std::vector<double> ranks = ranks_of(flat);
    const auto n = static_cast<double>(values.size());
    const double significant = 1.645 / std::sqrt(n);
    double sum = 0;
    for (std::size_t lag = 1; lag < values.size() / 2; ++lag) {
        const double correlation = correlation_at(ranks, lag);
        const double left = n - static_cast<double>(lag);
        if (correlation > significant) sum += left * (left - 1) * (left - 2) * correlation;
    }
    return 1 + 2 * sum / (n * (n - 1) * (n - 2));
}

}  // namespace

TrendTest test_trend(std::span<const double> values) {
    TrendTest test;
    if (values.size() < kTrendBatchesMin) return test;
    const auto n = static_cast<double>(values.size());
    const double score = pair_score(values);
    test.slope = theil_sen_slope(values);
    const double variance = n * (n - 1) * (2 * n + 5) / 18 * variance_factor(values, test.slope);
    // The score takes every second integer: half a step towards 0.
    const double towards_zero = score > 0 ? -1 : 1;
    test.z = score == 0 ? 0 : (score + towards_zero) / std::sqrt(variance);
    const double significant = math::normal_quantile(1 - kTrendSignificance);
    if (test.z > significant) test.trend = Trend::rising;
    if (test.z < -significant) test.trend = Trend::falling;
    return test;
}

}  // namespace wsblast::stats
