// What workers have counted of virtual users, as the windows of Artillery's report.
#pragma once

#include <cstdint>

#include "base/units.hpp"
#include "plan/scenario.hpp"
#include "stats/script_result.hpp"
#include "stats/user_shard.hpp"

namespace wsblast::load {

// When a window lies, and when something was counted in it for the first time; Unix time in ms, 0: never.
struct WindowTimes {
    std::int64_t period_ms = 0;
    double duration_s = 0;  // of the rates
    std::int64_t first_counter_ms = 0;
    std::int64_t last_counter_ms = 0;
    std::int64_t first_histogram_ms = 0;
    std::int64_t last_histogram_ms = 0;
};

// `counted`: what came in the window alone.
[[nodiscard]] stats::MetricWindow to_window(const plan::Scenario& scenario,
                                            const stats::UserSnapshot& counted, const WindowTimes& times);

// Milliseconds, rounded to 0.1; empty: all zeros.
[[nodiscard]] stats::MetricSummary to_summary(const stats::HistogramSnapshot& values);

}  // namespace wsblast::load
