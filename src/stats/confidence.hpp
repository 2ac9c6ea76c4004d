// How far a figure of a step can be trusted: an estimate with its confidence interval, from the batches
// that the step was cut into (batch means).
//
// Latencies of one after the other message are alike: a long queue is still long a moment later. Taken for
// independent, they would make intervals far too narrow. So the figure is that of all messages, its error
// comes from how it differs between batches, and batches are merged with their neighbours until what is
// left of one says nothing of the next (lag-1 correlation). Law, Simulation Modeling and Analysis, 9.5.3.
//
// Pure functions; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "stats/histogram.hpp"

namespace wsblast::stats {

// Of all intervals.
inline constexpr double kConfidence = 0.95;

struct Estimate {
    double value = 0;
    double low = 0;
    double high = 0;            // infinite where so few samples do not bound it
    double standard_error = 0;  // of `value`

    // Half of the interval's width, as a share of the value.
    [[nodiscard]] double relative_half_width() const {
        return value > 0 ? (high - low) / 2 / value : high - low;
    }
};

// What a batch adds to a ratio of sums: latencies and their number, errors and messages, what came and what
// was offered.
struct BatchSum {
    double part = 0;
    double whole = 0;
};

// Correlation of each value with the next one, -1 .. 1; 0 for fewer than 3, and where all are alike.
[[nodiscard]] double neighbour_correlation(std::span<const double> values);

// sum(part) / sum(whole), by batches in their order. None with fewer than kBatchesMin of them, or nothing
// in them: then nothing can be said of an error.
inline constexpr std::size_t kBatchesMin = 4;
[[nodiscard]] std::optional<Estimate> ratio_estimate(std::span<const BatchSum> batches);

// A quantile `q` (0 .. 1) in nanoseconds of all batches together. Its interval is that of the share of
// messages below it, read back from the distribution (Woodruff 1952): other than the mean of the batches'
// own quantiles it has no bias of small batches, and needs no density. Never narrower than of as many
// independent samples.
using HistogramBatches = std::span<const HistogramSnapshot* const>;
[[nodiscard]] std::optional<Estimate> quantile_estimate(HistogramBatches batches, double q);

// The mean in nanoseconds.
[[nodiscard]] std::optional<Estimate> mean_estimate(HistogramBatches batches);

}  // namespace wsblast::stats
