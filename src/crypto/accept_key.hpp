// Sec-WebSocket-Key and Sec-WebSocket-Accept: the only cryptography that a plain WebSocket needs.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace wsblast::crypto {

inline constexpr std::size_t kHandshakeKeyLength = 24;  // base64 of 16 bytes
inline constexpr std::size_t kAcceptKeyLength = 28;     // base64 of 20 bytes

using HandshakeKey = std::array<char, kHandshakeKeyLength>;
using AcceptKey = std::array<char, kAcceptKeyLength>;

// The base64 of 16 bytes (RFC 6455 4.1, item 7).
[[nodiscard]] HandshakeKey make_handshake_key(std::uint64_t random_high, std::uint64_t random_low);

// base64(SHA-1(key + GUID)) (RFC 6455 4.2.2, item 5.4). `key` is taken as it stands, at most 64 characters.
[[nodiscard]] AcceptKey make_accept_key(std::string_view key);

[[nodiscard]] inline std::string_view as_text(const HandshakeKey& key) {
    return {key.data(), key.size()};
}
[[nodiscard]] inline std::string_view as_text(const AcceptKey& key) {
    return {key.data(), key.size()};
}

}  // namespace wsblast::crypto
