// `script`: a scenario file, run. The main thread.
#pragma once

#include <vector>

#include "app/exit_status.hpp"
#include "app/script_options.hpp"
#include "stats/ensure.hpp"
#include "stats/script_result.hpp"

namespace wsblast::app {

// Loads, runs, prints Artillery's summaries as the run goes, and writes what was asked for.
[[nodiscard]] ExitStatus script_command(const ScriptCommandOptions& options);

// What a run is worth: interrupted, without one connection where some were tried, saturated, or a check
// failed.
[[nodiscard]] ExitStatus script_status(const stats::ScriptResult& result,
                                       const std::vector<stats::EnsureCheck>& checks,
                                       plan::SaturationPolicy policy);

// The file's own options with those of the command line over them.
[[nodiscard]] plan::RunOptions merged_options(const plan::RunOptions& of_file,
                                              const plan::RunOptions& given);

}  // namespace wsblast::app
