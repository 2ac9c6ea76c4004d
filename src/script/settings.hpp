// The keys of `config` that bear on all scenarios: target, engine, processor, defaults; and what of it has
// no meaning here.
#pragma once

#include <string>

#include "base/node.hpp"
#include "base/result.hpp"
#include "plan/run_options.hpp"
#include "script/flow_context.hpp"

namespace wsblast::script {

// `root`: of the file. `script`: what the processor's path is relative to, unless it stands in another
// file. Usage errors: no target, a processor that is not there, a jitter that is none.
[[nodiscard]] Result<void> read_settings(const Node& root, const std::string& script, FlowContext& into);

// config.wsblast.slo: a list of checks, as --slo takes them.
[[nodiscard]] Result<std::vector<stats::SloRule>> read_slos(const Node& config);

}  // namespace wsblast::script
