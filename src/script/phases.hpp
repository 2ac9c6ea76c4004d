// config.phases: when users begin.
#pragma once

#include <string>
#include <vector>

#include "base/node.hpp"
#include "base/result.hpp"
#include "plan/arrival_phases.hpp"

namespace wsblast::script {

// Artillery's own without any: one user, after a second.
[[nodiscard]] std::vector<plan::ArrivalPhase> single_user();

// The phases of `config` (its members "phases" and "mode"); without any, single_user(). Warnings name keys
// that mean nothing. Errors: "FILE:LINE: config.phases[2].duration: ...".
[[nodiscard]] Result<std::vector<plan::ArrivalPhase>> read_phases(const Node& config,
                                                                  std::vector<std::string>& warnings);

}  // namespace wsblast::script
