// Where a user connects to: `connect` in all its forms, and config.target.
#pragma once

#include <string>

#include "base/node.hpp"
#include "base/result.hpp"
#include "script/flow_context.hpp"

namespace wsblast::script {

// "ws://...", "/path" (behind config.target), {function}, or {target | url, headers, subprotocols}. Returns
// the number of its ConnectPlan. Usage error with file and line; the host has to be known before the run,
// so that a hole in it must be a variable with one value for all users.
[[nodiscard]] Result<plan::TableIndex> compile_connect(const Node& node, const std::string& key,
                                                       FlowContext& into);
// To config.target, where no step says more. `place` and `key`: of the flow, for errors.
[[nodiscard]] Result<plan::TableIndex> compile_default_connect(const Place& place, const std::string& key,
                                                               FlowContext& into);

}  // namespace wsblast::script
