// Digests (FIPS 180-4 and others) and HMACs (RFC 2104), by the names that OpenSSL has for them.
#pragma once

#include <optional>
#include <string>

#include "base/units.hpp"

namespace wsblast::crypto {

// "sha256", "SHA256", "md5": whether OpenSSL has it here. Any thread.
[[nodiscard]] bool is_digest(const std::string& algorithm);
// The bytes; nothing where there is no such algorithm. Any thread; they allocate.
[[nodiscard]] std::optional<std::string> digest(const std::string& algorithm, ByteView bytes);
[[nodiscard]] std::optional<std::string> hmac(const std::string& algorithm, ByteView key, ByteView bytes);

}  // namespace wsblast::crypto
