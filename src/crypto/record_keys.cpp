#include "crypto/record_keys.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/ssl.h>

#include "crypto/openssl_owners.hpp"

namespace wsblast::crypto {

namespace {

constexpr std::size_t kMasterSecretBytes = 48;

std::optional<Aead> aead_of(int nid) {
    switch (nid) {  // NID_* are no enum
        case NID_aes_128_gcm: return Aead::aes_128_gcm;
        case NID_aes_256_gcm: return Aead::aes_256_gcm;
        case NID_chacha20_poly1305: return Aead::chacha20_poly1305;
    }
    return std::nullopt;
}

std::size_t key_size(Aead aead) {
    return aead == Aead::aes_128_gcm ? 16 : 32;
}

std::size_t iv_size(const RecordSuite& suite) {
    return suite.has_explicit_nonce() ? kSaltBytes : sizeof(RecordKey::iv);
}

// OSSL_PARAM wants bytes that it may write to, and does not.
OSSL_PARAM octets(const char* name, ByteView bytes) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()), bytes.size());
}
OSSL_PARAM digest_of(const RecordSuite& suite) {
    return OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(suite.digest), 0);
}

bool derive(const char* algorithm, const OSSL_PARAM* params, ByteSpan out) {
    const KdfOwner kdf(EVP_KDF_fetch(nullptr, algorithm, nullptr));
    if (kdf == nullptr) return false;
    const KdfContextOwner context(EVP_KDF_CTX_new(kdf.get()));
    return context != nullptr && EVP_KDF_derive(context.get(), out.data(), out.size(), params) == 1;
}

// HKDF-Expand-Label of RFC 8446 7.1, without a context.
bool expand(const TrafficSecret& secret, const RecordSuite& suite, std::string_view label, ByteSpan out) {
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        digest_of(suite),
        octets(OSSL_KDF_PARAM_KEY, ByteView(secret.bytes).first(secret.size)),
        octets(OSSL_KDF_PARAM_PREFIX, as_bytes("tls13 ")),
        octets(OSSL_KDF_PARAM_LABEL, as_bytes(label)),
        OSSL_PARAM_construct_end(),
    };
    return derive("TLS13-KDF", params, out);
}

TrafficSecret from_hex(std::string_view digits) {
    TrafficSecret secret;
    const auto value = [](char digit) {
        return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    };
    secret.size = std::min(digits.size() / 2, secret.bytes.size());
    for (std::size_t i = 0; i < secret.size; ++i)
        secret.bytes[i] = static_cast<std::uint8_t>(value(digits[2 * i]) << 4 | value(digits[2 * i + 1]));
    return secret;
}

}  // namespace

std::optional<RecordSuite> suite_of(const SSL* session) {
    const SSL_CIPHER* const cipher = SSL_get_current_cipher(session);
    const std::optional<Aead> aead = aead_of(SSL_CIPHER_get_cipher_nid(cipher));
    if (!aead) return std::nullopt;
    // Records that are shorter by agreement (RFC 6066 4) are left to OpenSSL.
    if (SSL_SESSION_get_max_fragment_length(SSL_get_session(session)) !=
        TLSEXT_max_fragment_length_DISABLED)
        return std::nullopt;
    return RecordSuite{static_cast<TlsVersion>(SSL_version(session)), *aead,
                       EVP_MD_get0_name(SSL_CIPHER_get_handshake_digest(cipher))};
}

// "SERVER_TRAFFIC_SECRET_0 <random> <secret>", in hexadecimal digits.
void keep_secret(TrafficSecrets& secrets, const char* line) {
    const std::string_view text = line;
    const std::size_t last = text.rfind(' ');
    if (last == std::string_view::npos) return;
    if (text.starts_with("CLIENT_TRAFFIC_SECRET_0 ")) secrets.client = from_hex(text.substr(last + 1));
    if (text.starts_with("SERVER_TRAFFIC_SECRET_0 ")) secrets.server = from_hex(text.substr(last + 1));
}

std::optional<TrafficSecret> next_of(const TrafficSecret& secret, const RecordSuite& suite) {
    TrafficSecret next;
    next.size = secret.size;
    if (!expand(secret, suite, "traffic upd", ByteSpan(next.bytes).first(next.size))) return std::nullopt;
    return next;
}

std::optional<RecordKey> key_of(const TrafficSecret& secret, const RecordSuite& suite) {
    if (secret.size == 0) return std::nullopt;
    RecordKey made;
    const bool derived = expand(secret, suite, "key", ByteSpan(made.key).first(key_size(suite.aead))) &&
                         expand(secret, suite, "iv", made.iv);
    if (!derived) return std::nullopt;
    return made;
}

std::optional<RecordKeys> keys_of(const TrafficSecrets& secrets, const RecordSuite& suite) {
    const auto client = key_of(secrets.client, suite);
    const auto server = key_of(secrets.server, suite);
    if (!client || !server) return std::nullopt;
    return RecordKeys{*client, *server};
}

std::optional<RecordKeys> keys_of(const SSL* session, const RecordSuite& suite) {
    std::array<std::uint8_t, kMasterSecretBytes> master{};
    SSL_SESSION_get_master_key(SSL_get_session(session), master.data(), master.size());
    constexpr std::string_view kLabel = "key expansion";
    std::array<std::uint8_t, kLabel.size() + 2 * SSL3_RANDOM_SIZE> seed{};
    std::copy(kLabel.begin(), kLabel.end(), seed.begin());
    SSL_get_server_random(session, &seed[kLabel.size()], SSL3_RANDOM_SIZE);
    SSL_get_client_random(session, &seed[kLabel.size() + SSL3_RANDOM_SIZE], SSL3_RANDOM_SIZE);
    const OSSL_PARAM params[] = {
        digest_of(suite),
        octets(OSSL_KDF_PARAM_SECRET, master),
        octets(OSSL_KDF_PARAM_SEED, seed),
        OSSL_PARAM_construct_end(),
    };
    // The key block: two keys, two IVs, the client's first.
    std::array<std::uint8_t, 2 * (sizeof(RecordKey::key) + sizeof(RecordKey::iv))> block{};
    const std::size_t of_key = key_size(suite.aead);
    const std::size_t of_iv = iv_size(suite);
    if (!derive("TLS1-PRF", params, ByteSpan(block).first(2 * (of_key + of_iv)))) return std::nullopt;
    RecordKeys made;
    const std::uint8_t* from = block.data();
    const auto take = [&from](std::uint8_t* to, std::size_t size) {
        std::memcpy(to, from, size);
        from += size;
    };
    take(made.client.key.data(), of_key);
    take(made.server.key.data(), of_key);
    take(made.client.iv.data(), of_iv);
    take(made.server.iv.data(), of_iv);
    return made;
}

}  // namespace wsblast::crypto
