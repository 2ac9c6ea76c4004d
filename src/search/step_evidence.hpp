// What is known of a step from its batches: sums, and the figure of each check with its confidence
// interval. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/units.hpp"
#include "search/step.hpp"
#include "stats/confidence.hpp"
#include "stats/slo.hpp"
#include "stats/stationarity.hpp"

namespace wsblast::search {

// What is known of a step so far.
struct StepEvidence {
    double length_s = 0;
    double offered_per_s = 0;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t errors = 0;
    std::uint64_t lost = 0;
    std::uint64_t late = 0;
    std::uint64_t blocked = 0;
    std::size_t answered_batches = 0;  // that have an answer
    bool at_bound = false;             // it may last no longer
    bool at_minimum = false;           // it may end

    // Before, a queue that grows cannot be told.
    [[nodiscard]] bool shows_trends() const { return answered_batches >= stats::kTrendBatchesMin; }
};

struct StepBounds {
    TimeNs length_min_ns = 0;
    TimeNs length_max_ns = 0;
    bool ended = false;  // whatever its length
};
[[nodiscard]] StepEvidence evidence_of(const StepView& step, const StepBounds& bounds);

// In the rule's unit. None where too little came to say anything, and of what a step does not count.
[[nodiscard]] std::optional<stats::Estimate> figure_of(const StepView& step, const StepEvidence& evidence,
                                                       const stats::SloRule& rule);

// A share of messages: its interval is exact, whatever their number.
[[nodiscard]] inline bool is_share(stats::SloMetric metric) {
    return metric == stats::SloMetric::error_rate || metric == stats::SloMetric::success_rate;
}

}  // namespace wsblast::search
