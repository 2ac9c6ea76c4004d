// Whether the batches of a step tell of one state, or of something that grows: a queue that gets longer as
// long as the step lasts has no latency that could be quoted.
//
// Mann and Kendall's test for a trend: it counts pairs of batches of which the later one is higher, so that
// it needs no distribution, and one batch in which something else had the CPU weighs no more than any
// other. A queue that is long now is long a moment later: its variance is corrected for the correlation of
// ranks (Hamed and Rao 1998). What lies beside it in the literature answers other questions: Anderson and
// Darling's compares two distributions, and would call every slow wave of a busy queue a change; Dickey and
// Fuller's takes a unit root for its hypothesis, and needs hundreds of samples to leave it.
//
// Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wsblast::stats {

enum class Trend : std::uint8_t { none, rising, falling };

struct TrendTest {
    Trend trend = Trend::none;
    double z = 0;      // how many standard deviations from no trend
    double slope = 0;  // from one batch to the next: the median of those of all pairs (Theil and Sen)
};

// One chance in a thousand of a trend that is none: a search looks at some hundred states of its steps.
inline constexpr double kTrendSignificance = 0.001;
// Fewer cannot be that unlikely.
inline constexpr std::size_t kTrendBatchesMin = 8;

// `values` in their order, one a batch. No trend with fewer than kTrendBatchesMin.
[[nodiscard]] TrendTest test_trend(std::span<const double> values);

}  // namespace wsblast::stats
