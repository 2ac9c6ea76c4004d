// Text to bytes and back, by the encodings that Node.js's Buffer knows: lenient where it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace wsblast::js {

enum class Encoding : std::uint8_t { utf8, utf16le, latin1, ascii, hex, base64, base64url };

// By the names above.
[[nodiscard]] std::optional<Encoding> encoding_of(std::string_view name);

// Any thread; they allocate.
// UTF-8: lone surrogates become U+FFFD. Latin-1, ASCII: the low byte of each unit. Hex: up to what is none.
// Base64: both alphabets, up to the first =, past what is of neither.
[[nodiscard]] std::string to_bytes(std::u16string_view text, Encoding encoding);
// UTF-8: what is none becomes U+FFFD, one for each maximal subpart (Unicode 3.9, D93b). UTF-16: an odd byte
// at the end is left out. ASCII: without the highest bit.
[[nodiscard]] std::u16string to_text(ByteView bytes, Encoding encoding);

}  // namespace wsblast::js
