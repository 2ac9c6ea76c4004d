// config.ws, config.tls and config.timeout: how users connect, in the terms of `run`.
#pragma once

#include <string>

#include "base/node.hpp"
#include "base/result.hpp"
#include "plan/run_options.hpp"
#include "script/flow_context.hpp"

namespace wsblast::script {

// Headers, subprotocols and the time for an answer go into `into`; TLS, the proxy, addresses and limits
// into `run`. Keys of config.ws win over those of config.tls. Paths are relative to `into.folder`. Warnings
// name the keys that have no meaning here.
[[nodiscard]] Result<void> read_connection(const Node& config, FlowContext& into, plan::RunOptions& run);

}  // namespace wsblast::script
