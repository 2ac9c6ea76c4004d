#include "crypto/record_keys.hpp"

#include <catch2/catch.hpp>

#include "tests/crypto/rfc8448.hpp"

namespace wsblast::crypto {

using test::from_hex_text;
using test::TestBytes;

namespace {

template <std::size_t N>
TestBytes first_of(const std::array<std::uint8_t, N>& bytes, std::size_t size) {
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

}  // namespace

TEST_CASE("record keys: the keys of RFC 8448 3", "[crypto][tls]") {
    const auto keys = keys_of(test::rfc8448_secrets(), RecordSuite{});
    REQUIRE(keys);
    CHECK(first_of(keys->client.key, 16) == from_hex_text("17422dda596ed5d9acd890e3c63f5051"));
    CHECK(first_of(keys->client.iv, 12) == from_hex_text("5b78923dee08579033e523d9"));
    CHECK(first_of(keys->server.key, 16) == from_hex_text("9f02283b6c9c07efc26bb9f2ac92e356"));
    CHECK(first_of(keys->server.iv, 12) == from_hex_text("cf782b88dd83549aadf1e984"));
}

TEST_CASE("record keys: without a secret there are none", "[crypto][tls]") {
    TrafficSecrets secrets = test::rfc8448_secrets();
    secrets.client = {};
    CHECK_FALSE(keys_of(secrets, RecordSuite{}));
}

TEST_CASE("record keys: secrets are read from the lines of a key log, and nothing else is",
          "[crypto][tls]") {
    TrafficSecrets secrets;
    keep_secret(secrets, "CLIENT_HANDSHAKE_TRAFFIC_SECRET 00 ffff");
    keep_secret(secrets, "CLIENT_RANDOM 00 ffff");
    keep_secret(secrets, "nonsense");
    CHECK(secrets.client.size == 0);
    CHECK(secrets.server.size == 0);
    keep_secret(secrets, "CLIENT_TRAFFIC_SECRET_0 0011 a09f0102");
    CHECK(first_of(secrets.client.bytes, secrets.client.size) == from_hex_text("a09f0102"));
    keep_secret(secrets, ("SERVER_TRAFFIC_SECRET_0 0011 " + std::string(96, 'e')).c_str());
    CHECK(first_of(secrets.server.bytes, secrets.server.size) == TestBytes(48, 0xee));
    // A digest of 512 bits is in no cipher suite.
    keep_secret(secrets, ("SERVER_TRAFFIC_SECRET_0 0011 " + std::string(128, 'd')).c_str());
    CHECK(secrets.server.size == 48);
}

TEST_CASE("record keys: a key update makes a secret of the same length, and another one", "[crypto][tls]") {
    RecordSuite suite{TlsVersion::tls_1_3, Aead::aes_256_gcm, "SHA384"};
    TrafficSecret secret;
    secret.size = 48;
    const auto next = next_of(secret, suite);
    REQUIRE(next);
    CHECK(next->size == 48);
    CHECK(next->bytes != secret.bytes);
    const auto after = next_of(*next, suite);
    REQUIRE(after);
    CHECK(after->bytes != next->bytes);
}

}  // namespace wsblast::crypto
