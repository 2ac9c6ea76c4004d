// Where a figure that grows with the load reaches its limit: all steps near the knee say something about
// it, not only the two that enclose it.
//
// Near saturation a latency goes as 1 / (capacity - load), so its inverse falls along a straight line. That
// line is fitted to the steps and read where it meets the inverse of the limit (calibration; Draper and
// Smith, Applied Regression Analysis, 1.7). All steps weigh the same: a step that was lucky has a low
// figure and with it a low error of its own, and weights by those errors pulled the knee up by 1.5 % in
// simulated searches.
//
// Pure functions; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "stats/confidence.hpp"

namespace wsblast::stats {

struct LoadPoint {
    double load = 0;
    double value = 0;           // above 0
    double standard_error = 0;  // of the value, above 0: what the line may miss it by
};

// Fewer leave no error to be told.
inline constexpr std::size_t kCrossingPointsMin = 4;

// The load at which the value is `limit`, with its interval. None with fewer than kCrossingPointsMin
// points, or where the value does not clearly grow with the load.
[[nodiscard]] std::optional<Estimate> crossing(std::span<const LoadPoint> points, double limit);

}  // namespace wsblast::stats
