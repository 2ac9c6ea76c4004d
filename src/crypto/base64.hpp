// Base64 (RFC 4648 4), with padding and without line breaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace wsblast::crypto {

// Any thread; allocates.
[[nodiscard]] std::string to_base64(ByteView bytes);
// The bytes; nothing where the text is no base64.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace wsblast::crypto
