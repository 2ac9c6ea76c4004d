// Base64 (RFC 4648 4), with padding and without line breaks.
#pragma once

#include <string>

#include "base/units.hpp"

namespace wsblast::crypto {

// Any thread; allocates.
[[nodiscard]] std::string to_base64(ByteView bytes);

}  // namespace wsblast::crypto
