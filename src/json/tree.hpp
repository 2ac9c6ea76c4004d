// A JSON text that a person wrote, as a tree that knows its lines.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/node.hpp"
#include "base/result.hpp"

namespace wsblast::json {

// `file` is for the places of its nodes; line 0 for all of them when the text is from the command line.
enum class Lines : std::uint8_t { counted, none };

// Usage errors, "FILE:LINE: ...": no JSON, a key twice, nesting or size beyond limits::kScript*. A byte
// order mark is left out.
[[nodiscard]] Result<Node> read_tree(std::string_view text, std::shared_ptr<const std::string> file,
                                     Lines lines = Lines::counted);

}  // namespace wsblast::json
