// What is looked for in messages: `capture`, `match`, and wsblast's `expect`.
#pragma once

#include <string>
#include <vector>

#include "base/node.hpp"
#include "base/result.hpp"
#include "script/flow_context.hpp"

namespace wsblast::script {

// A spec or a list of them: {json | regexp, as, strict, group, flags, multiple}. `key` is the way to the
// node, for errors.
[[nodiscard]] Result<std::vector<plan::Capture>> compile_captures(const Node& node, const std::string& key,
                                                                  FlowContext& into);
// The same: {json | regexp, value, strict, group, flags, multiple}.
[[nodiscard]] Result<std::vector<plan::Match>> compile_matches(const Node& node, const std::string& key,
                                                               FlowContext& into);

}  // namespace wsblast::script
