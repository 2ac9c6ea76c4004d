// One search along an axis: steps until the knee is known, or the time is over. The calling thread.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "search/knee_search.hpp"
#include "search/step.hpp"
#include "stats/saturation_result.hpp"
#include "stats/slo.hpp"

namespace wsblast::search {

struct SearchPlan {
    stats::LoadAxis axis = stats::LoadAxis::rate;
    KneeBounds bounds{};
    std::optional<double> fixed{};  // in a grid: the value of the other axis
    std::vector<stats::SloRule> slos{};
    TimeNs step_min_ns = 0;
    TimeNs step_max_ns = 0;
    TimeNs step_warmup_ns = 0;
    TimeNs budget_ns = 0;
};

// How the caller takes part; all are called from the calling thread.
struct SearchHooks {
    std::function<void(const stats::SearchProgress&)> show_progress = [](const stats::SearchProgress&) {};
    std::function<void(const stats::StepRow&)> show_step = [](const stats::StepRow&) {};
    std::function<bool()> stop_requested = [] { return false; };
    std::function<TimeNs()> now_ns = monotonic_now;
};

// Errors: those of `blast`.
[[nodiscard]] Result<stats::LoadSearch> search_load(const SearchPlan& plan, const Blast& blast,
                                                    const SearchHooks& hooks);

// A step is cut into so many batches at its shortest: enough for a trend to show.
inline constexpr std::uint64_t kBatchesOfShortest = 10;
// A step at which the generator was the bottleneck is made again so often: on a small machine something
// else may have had its core.
inline constexpr std::uint32_t kGeneratorRepeats = 2;
// Where the figure of a check grows with the load, the bracket is halved to this share, and then a line
// through steps near the knee says more than verdicts: those are nearly accidents there.
inline constexpr double kNearKnee = 0.12;
// Steps for the line lie so far below, above and at what it says so far.
inline constexpr double kFitSpread = 0.07;
inline constexpr std::uint32_t kFitStepsMin = 3;
inline constexpr std::uint32_t kFitStepsMax = 7;
// So many of them without a steady latency, or figures so many times as high as others: there is no line,
// but an edge.
inline constexpr std::uint32_t kFitUnsteadyMax = 2;
inline constexpr double kEdgeFactor = 4;

}  // namespace wsblast::search
