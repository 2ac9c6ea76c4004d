// The command `saturate`: one search, from its options to its reports.
#pragma once

#include "app/exit_status.hpp"
#include "plan/saturate_options.hpp"
#include "stats/saturation_result.hpp"

namespace wsblast::app {

// Prints steps and progress to standard error, the report to standard output (with --json - the text goes
// to standard error), and returns what to exit with. The main thread, before any other was started.
[[nodiscard]] ExitStatus saturate_command(plan::SaturateOptions options);

// What a search exits with: 1 when a knee was not found for want of a load that passes, or of time; of the
// searches of a grid, the one that counts most. Pure.
[[nodiscard]] ExitStatus status_of(const stats::SaturationResult& result, plan::SaturationPolicy policy);

}  // namespace wsblast::app
