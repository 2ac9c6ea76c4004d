#include "crypto/accept_key.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/base64.hpp"

namespace wsblast::crypto {

TEST_CASE("accept key: the example of RFC 6455 1.3", "[crypto][accept_key]") {
    CHECK(as_text(make_accept_key("dGhlIHNhbXBsZSBub25jZQ==")) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("accept key: a key is taken as it stands, whatever it is", "[crypto][accept_key]") {
    CHECK(as_text(make_accept_key("")) == "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=");
    CHECK(as_text(make_accept_key("a")) != as_text(make_accept_key("A")));
    CHECK(as_text(make_accept_key("a")) != as_text(make_accept_key("a ")));
}

TEST_CASE("accept key: of a key beyond 64 characters the rest does not count", "[crypto][accept_key]") {
    const std::string longest(64, 'k');
    CHECK(as_text(make_accept_key(longest + "more")) == as_text(make_accept_key(longest)));
    CHECK(as_text(make_accept_key(longest.substr(1))) != as_text(make_accept_key(longest)));
}

TEST_CASE("accept key: a handshake key is the base64 of 16 bytes, its two numbers in order",
          "[crypto][accept_key]") {
    const HandshakeKey key = make_handshake_key(0x0807060504030201, 0x100f0e0d0c0b0a09);
    const std::vector<std::uint8_t> bytes = test::from_base64(as_text(key));
    REQUIRE(bytes.size() == 16);
    for (std::size_t i = 0; i < bytes.size(); ++i) CHECK(bytes[i] == i + 1);
    CHECK(as_text(key).substr(22) == "==");
}

}  // namespace wsblast::crypto
