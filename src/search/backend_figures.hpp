// What follows from watching the backend beside the steps. Pure.
#pragma once

#include <string>

#include "stats/saturation_result.hpp"

namespace wsblast::search {

// Fills in messages a CPU-second, by the highest step that passed, and bytes a connection, where
// connections are the axis.
void add_backend_figures(stats::LoadSearch& search, stats::LoadAxis axis);

// What the backend's CPU says of a step that did not pass: "its thread 'node' used 1.00 of a core"; empty
// where nothing is known.
[[nodiscard]] std::string cpu_evidence(const stats::StepRow& row);

}  // namespace wsblast::search
