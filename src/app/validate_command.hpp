// `validate`: a scenario file is loaded, compiled and its processor run dry; what it will do, what that
// takes, and what this machine has for it. No connection is opened. The main thread.
#pragma once

#include "app/exit_status.hpp"
#include "app/script_options.hpp"
#include "base/result.hpp"
#include "report/plan_text.hpp"

namespace wsblast::app {

// 0, or 2 where the script is wrong. What this machine lacks is told, and is no fault of the script.
[[nodiscard]] ExitStatus validate_command(const ValidateCommandOptions& options);

// The run whose limits are to be examined: so many connections to the scenario's targets.
[[nodiscard]] plan::RunOptions run_of(const script::Script& script, const plan::RunOptions& given,
                                      std::uint64_t connections);

}  // namespace wsblast::app
