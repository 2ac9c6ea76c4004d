// What Artillery has no word for, under keys `wsblast`: of a step, of a scenario, of `config`.
#pragma once

#include <string>
#include <vector>

#include "base/node.hpp"
#include "base/result.hpp"
#include "script/flow_context.hpp"

namespace wsblast::script {

// A step of its own: {hold: 30s | forever}, {close: CODE | {code, reason}} or {rate: {per_second, duration,
// send, arrivals, expect, timeout, label}}. Usage error with file and line.
[[nodiscard]] Result<plan::Action> compile_extension_step(const Node& node, const std::string& key,
                                                          FlowContext& into);

// Of a scenario: {on: [{match, count | reply | capture | close}, ...]}.
[[nodiscard]] Result<std::vector<plan::Handler>> compile_handlers(const Node& extension,
                                                                  const std::string& key,
                                                                  FlowContext& into);

// Of `config`: {queue: true, reconnect: immediate | {backoff: exponential | jittered, first, max},
// callTimeout}. Other keys of it are not looked at. `key` is "config.wsblast".
[[nodiscard]] Result<void> compile_run_extension(const Node& extension, const std::string& key,
                                                 FlowContext& into);

}  // namespace wsblast::script
