// The type of a plain scalar, by the rules of js-yaml 3's default schema (YAML 1.1 but for yes, no, on,
// off).
#pragma once

#include <optional>
#include <string_view>

#include "base/node.hpp"

namespace wsblast::yaml {

// A scalar without quotes or tag: null, a boolean, a number (12, 0x1F, 0b11, 017, 1_000, 1:30, 1.5e3, .inf,
// .nan), or a text.
[[nodiscard]] Node plain_scalar(std::string_view text, const Place& place);

// Nothing: the text is no number.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

}  // namespace wsblast::yaml
