// Scenarios of a file, compiled: `scenarios`, `before` and `after`.
#pragma once

#include <string_view>

#include "base/node.hpp"
#include "base/result.hpp"
#include "script/flow_context.hpp"

namespace wsblast::script {

// The list `scenarios`: its flows, in their order, those that --scenario-name leaves. Call it once, after
// the hooks. Errors: "FILE:LINE: scenarios[0].flow[2].send: what is wrong, what is allowed".
[[nodiscard]] Result<void> compile_flows(const Node& scenarios, FlowContext& into);

enum class Hook : std::uint8_t { before, after };

// The map `before` or `after`: its flow becomes Scenario::before or Scenario::after.
[[nodiscard]] Result<void> compile_hook(const Node& hook, Hook which, FlowContext& into);

}  // namespace wsblast::script
