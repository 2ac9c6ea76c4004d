// What the users of a script take of this machine's memory, against what is available: told before the
// first one begins, by the numbers of `validate`.
//
// A pure function.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "plan/run_options.hpp"
#include "plan/scenario_estimate.hpp"

namespace wsblast::app {

struct ScriptUsers {
    const plan::ScenarioEstimate& estimate;
    const plan::RunOptions& run;  // with the script's targets as its URLs
    const std::string& file;
};

// `available`: bytes; 0: unknown, and nothing is said. Environment error: those that a phase holds do not
// fit, which is certain. A warning: those that arrive may not, as the server decides how long they stay.
// Empty: all fit.
[[nodiscard]] Result<std::string> judge_memory(const ScriptUsers& users, std::uint64_t available);

}  // namespace wsblast::app
