// A YAML text as a tree. Plain scalars have the types of js-yaml 3, which Artillery reads its files with.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/node.hpp"
#include "base/result.hpp"

namespace wsblast::yaml {

// One document: aliases are copies, and `<<` is merged in. `file` is for the places of its nodes.
//
// Usage errors, "FILE:LINE: ...": no YAML, several documents, a key twice, an alias within its own anchor,
// nesting or size beyond limits::kScript*. An empty text is null.
[[nodiscard]] Result<Node> read(std::string_view text, std::shared_ptr<const std::string> file);

}  // namespace wsblast::yaml
