// config.variables: what users have as variables from their beginning.
#pragma once

#include "base/node.hpp"
#include "base/result.hpp"
#include "base/value.hpp"
#include "script/flow_context.hpp"

namespace wsblast::script {

// A tree as a value: objects and lists as JSON text.
[[nodiscard]] OwnedValue to_value(const Node& node);

// config.variables: a list is one of its values for each user.
[[nodiscard]] Result<void> read_variables(const Node& config, FlowContext& into);

}  // namespace wsblast::script
