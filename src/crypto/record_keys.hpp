// From the secrets of a handshake to the keys of its records (RFC 8446 7.1 to 7.3, RFC 5246 6.3). What is
// computed is libcrypto's. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/units.hpp"
#include "crypto/tls_options.hpp"

struct ssl_st;

namespace wsblast::crypto {

// The ciphers of TLS 1.3 that are in use, and their like in 1.2 (RFC 5288, RFC 7905).
enum class Aead : std::uint8_t { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };
inline constexpr std::size_t kAeads = 3;

// What a cipher suite says of records.
struct RecordSuite {
    TlsVersion version = TlsVersion::tls_1_3;
    Aead aead = Aead::aes_128_gcm;
    const char* digest = "SHA256";  // of the derivation of keys; OpenSSL's own text

    // A part of each nonce is in its record (RFC 5288 3); the rest is a salt.
    [[nodiscard]] bool has_explicit_nonce() const {
        return version == TlsVersion::tls_1_2 && aead != Aead::chacha20_poly1305;
    }
};
// Of a handshake that is done; none where its records are of another kind (CBC, CCM, shorter ones).
[[nodiscard]] std::optional<RecordSuite> suite_of(const ssl_st* session);

// What the keys of one direction come from, in 1.3. As long as the digest; 0: none.
struct TrafficSecret {
    std::array<std::uint8_t, 48> bytes{};
    std::size_t size = 0;
};
struct TrafficSecrets {
    TrafficSecret client;  // of what the client sends
    TrafficSecret server;
};
// Takes a line of SSL_CTX_set_keylog_callback(3) to heart, if it is about application data.
void keep_secret(TrafficSecrets& secrets, const char* line);
// The secret after a key update.
[[nodiscard]] std::optional<TrafficSecret> next_of(const TrafficSecret& secret, const RecordSuite& suite);

inline constexpr std::size_t kSaltBytes = 4;

struct RecordKey {
    std::array<std::uint8_t, 32> key{};  // the shorter ones leave the rest 0
    std::array<std::uint8_t, 12> iv{};   // or a salt
};
// In 1.3. None: no memory.
[[nodiscard]] std::optional<RecordKey> key_of(const TrafficSecret& secret, const RecordSuite& suite);

struct RecordKeys {
    RecordKey client;
    RecordKey server;
};
// In 1.3. None: no memory, or a secret is missing.
[[nodiscard]] std::optional<RecordKeys> keys_of(const TrafficSecrets& secrets, const RecordSuite& suite);
// In 1.2, from the master secret. None: no memory.
[[nodiscard]] std::optional<RecordKeys> keys_of(const ssl_st* session, const RecordSuite& suite);

}  // namespace wsblast::crypto
