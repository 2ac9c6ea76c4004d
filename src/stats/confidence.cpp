#include "stats/confidence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "math/distributions.hpp"

namespace wsblast::stats {

namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
// Merged no further than to so many: with fewer the factor of Student's t outgrows what merging repairs.
constexpr std::size_t kMergedMin = 10;
// A correlation that stays although there are too few batches to merge is paid for with a wider interval;
// one above this says only that there is nearly nothing to know.
constexpr double kCorrelationMax = 0.9;

struct Spread {
    double ratio = 0;
    double standard_error = 0;
    double degrees = 1;
};

double ratio_of(std::span<const BatchSum> batches) {
    BatchSum sum;
    for (const BatchSum& batch : batches) {
        sum.part += batch.part;
        sum.whole += batch.whole;
    }
    return sum.whole > 0 ? sum.part / sum.whole : 0;
}

// What each batch has above or below its share of the whole.
std::vector<double> residuals(std::span<const BatchSum> batches, double ratio) {
    std::vector<double> values;
    values.reserve(batches.size());
    for (const BatchSum& batch : batches) values.push_back(batch.part - ratio * batch.whole);
    return values;
}

// Neighbours two and two; an odd last one joins the last pair.
std::vector<BatchSum> merge_neighbours(std::span<const BatchSum> batches) {
    std::vector<BatchSum> merged;
    merged.reserve(batches.size() / 2);
    for (std::size_t i = 0; i < batches.size(); ++i) {
        if (i % 2 == 0 && i + 1 < batches.size()) merged.push_back({});
        merged.back().part += batches[i].part;
        merged.back().whole += batches[i].whole;
    }
    return merged;
}

// By one standard deviation: to merge for nothing costs less than to trust an interval too narrow.
bool is_correlated(std::span<const double> values) {
    return neighbour_correlation(values) > 1 / std::sqrt(static_cast<double>(values.size()));
}

Spread spread_of(std::vector<BatchSum> batches) {
    Spread spread{.ratio = ratio_of(batches)};
    while (batches.size() >= 2 * kMergedMin && is_correlated(residuals(batches, spread.ratio))) {
        batches = merge_neighbours(batches);
    }
    const std::vector<double> rest = residuals(batches, spread.ratio);
    const double squares = std::inner_product(rest.begin(), rest.end(), rest.begin(), 0.0);
    double whole = 0;
    for (const BatchSum& batch : batches) whole += batch.whole;
    const auto count = static_cast<double>(batches.size());
    spread.degrees = count - 1;
    spread.standard_error = std::sqrt(squares * count / (count - 1)) / whole;
    const double r = std::clamp(neighbour_correlation(rest), 0.0, kCorrelationMax);
    spread.standard_error *= std::sqrt((1 + r) / (1 - r));
    return spread;
}

std::optional<Spread> spread_if_enough(const std::vector<BatchSum>& batches) {
    const auto used = [](const BatchSum& batch) { return batch.whole > 0; };
    std::vector<BatchSum> with_samples;
    std::copy_if(batches.begin(), batches.end(), std::back_inserter(with_samples), used);
    if (with_samples.size() < kBatchesMin) return std::nullopt;
    return spread_of(std::move(with_samples));
}

double t_factor(double degrees) {
    return math::student_t_quantile(0.5 + kConfidence / 2, degrees);
}

// Of the values those up to `value_ns`.
std::uint64_t count_up_to(const HistogramSnapshot& values, TimeNs value_ns) {
    const std::uint32_t last = Buckets::index_of(std::min(value_ns, Buckets::kValueMaxNs));
    std::uint64_t count = 0;
    values.for_each([&](std::uint32_t bucket, std::uint64_t more) {
        if (bucket <= last) count += more;
    });
    return count;
}

}  // namespace

double neighbour_correlation(std::span<const double> values) {
    if (values.size() < 3) return 0;
    const double mean =
        std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    double together = 0;
    double variance = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        variance += (values[i] - mean) * (values[i] - mean);
        if (i > 0) together += (values[i] - mean) * (values[i - 1] - mean);
    }
    return variance > 0 ? together / variance : 0;
}

std::optional<Estimate> ratio_estimate(std::span<const BatchSum> batches) {
    const auto spread = spread_if_enough({batches.begin(), batches.end()});
    if (!spread) return std::nullopt;
    const double half = t_factor(spread->degrees) * spread->standard_error;
    return Estimate{spread->ratio, spread->ratio - half, spread->ratio + half, spread->standard_error};
}

std::optional<Estimate> quantile_estimate(HistogramBatches batches, double q) {
    HistogramSnapshot all;
    for (const HistogramSnapshot* batch : batches) all.add(*batch);
    if (all.empty()) return std::nullopt;
    const TimeNs value_ns = *all.percentile(q);
    std::vector<BatchSum> below;
    below.reserve(batches.size());
    for (const HistogramSnapshot* batch : batches) {
        below.push_back(
            {static_cast<double>(count_up_to(*batch, value_ns)), static_cast<double>(batch->count())});
    }
    const auto spread = spread_if_enough(below);
    if (!spread) return std::nullopt;
    const double independent = std::sqrt(q * (1 - q) / static_cast<double>(all.count()));
    const double error = std::max(spread->standard_error, independent);
    const double half = t_factor(spread->degrees) * error;
    const auto at = [&](double share) { return static_cast<double>(*all.percentile(share)); };
    const bool bounded = q + half < 1;
    Estimate estimate{.value = static_cast<double>(value_ns)};
    estimate.low = q - half > 0 ? at(q - half) : static_cast<double>(all.min_ns());
    estimate.high = bounded ? at(q + half) : kInfinite;
    // That of the interval, or of its lower half: a density would have to be estimated for another one.
    const double width = bounded ? (estimate.high - estimate.low) / 2 : estimate.value - estimate.low;
    estimate.standard_error = width / t_factor(spread->degrees);
    return estimate;
}

std::optional<Estimate> mean_estimate(HistogramBatches batches) {
    std::vector<BatchSum> sums;
    sums.reserve(batches.size());
    for (const HistogramSnapshot* batch : batches) {
        const auto count = static_cast<double>(batch->count());
        sums.push_back({batch->mean_ns() * count, count});
    }
    return ratio_estimate(sums);
}

}  // namespace wsblast::stats
