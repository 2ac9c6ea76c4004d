// A search for saturation as a person reads it: the knee, what gave first, the whole curve, and what
// follows from it. Names that come from the backend are shown with "." for what is not printable ASCII.
#pragma once

#include <cstddef>
#include <string>

#include "stats/saturation_result.hpp"

namespace wsblast::report {

// The whole report, with a line feed at its end.
[[nodiscard]] std::string saturation_text(const stats::SaturationResult& result);

// A step as a line without a line feed, as it is told while the search goes on: "step 9: 5,400 messages/s:
// pass (p99<1ms: 0.98 ms, 0.95 ms to 1.01 ms)".
[[nodiscard]] std::string step_line(const stats::StepRow& row, stats::LoadAxis axis);

// "[42 s] step 9 (fit): 5,400 messages/s, p99<1ms: 0.98 ms (0.95 ms to 1.01 ms), knee between 5,000 and
// 5,600, 3 min 12 s left", what does not fit into `width_max` cut off.
[[nodiscard]] std::string search_progress_text(const stats::SearchProgress& progress,
                                               std::size_t width_max);

}  // namespace wsblast::report
