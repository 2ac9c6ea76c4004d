#include "crypto/digest.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::crypto;

namespace {

std::string hex(const std::optional<std::string>& bytes) {
    REQUIRE(bytes.has_value());
    std::string text;
    for (const char byte : *bytes) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[static_cast<std::uint8_t>(byte) >> 4];
        text += kDigits[static_cast<std::uint8_t>(byte) & 15];
    }
    return text;
}

}  // namespace

TEST_CASE("digests are those of their standards") {
    // RFC 1321 A.5, FIPS 180-4's examples.
    CHECK(hex(digest("md5", as_bytes("abc"))) == "900150983cd24fb0d6963f7d28e17f72");
    CHECK(hex(digest("sha1", as_bytes("abc"))) == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(hex(digest("SHA256", as_bytes("abc"))) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex(digest("md5", {})) == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(digest("sha512", as_bytes("abc"))->size() == 64);
}

TEST_CASE("HMACs are those of RFC 4231 and RFC 2202") {
    CHECK(hex(hmac("sha256", as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    const std::string key(131, '\xaa');
    CHECK(hex(hmac("sha256", as_bytes(key),
                   as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK(hex(hmac("md5", as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
          "750c783e6ab0b503eaa86e310a5db738");
}

TEST_CASE("an empty key is a key") {
    CHECK(hex(hmac("sha256", {}, {})) ==
          "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    CHECK(hex(hmac("sha256", as_bytes("x"), {})) != hex(hmac("sha256", {}, {})));
}

TEST_CASE("what OpenSSL does not know is nothing") {
    CHECK(is_digest("sha256"));
    CHECK(is_digest("RSA-SHA256"));
    CHECK_FALSE(is_digest("sha257"));
    CHECK_FALSE(is_digest(""));
    CHECK_FALSE(digest("sha257", {}).has_value());
    CHECK_FALSE(hmac("sha257", {}, {}).has_value());
}
