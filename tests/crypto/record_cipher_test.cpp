#include "crypto/record_cipher.hpp"

#include <catch2/catch.hpp>

#include "tests/crypto/rfc8448.hpp"

namespace wsblast::crypto {

namespace {

using test::TestBytes;
using Direction = RecordCipher::Direction;

constexpr TlsVersion kVersions[] = {TlsVersion::tls_1_2, TlsVersion::tls_1_3};
constexpr Aead kAll[] = {Aead::aes_128_gcm, Aead::aes_256_gcm, Aead::chacha20_poly1305};

RecordKey some_key() {
    RecordKey key;
    for (std::size_t i = 0; i < key.key.size(); ++i) key.key[i] = static_cast<std::uint8_t>(3 * i);
    for (std::size_t i = 0; i < key.iv.size(); ++i) key.iv[i] = static_cast<std::uint8_t>(7 * i);
    return key;
}

struct Ends {
    explicit Ends(const RecordSuite& suite, const RecordKey& key = some_key()) {
        REQUIRE(sealer.begin(suite, ciphers.find(suite.aead), Direction::sealing));
        REQUIRE(opener.begin(suite, ciphers.find(suite.aead), Direction::opening));
        REQUIRE(sealer.use_key(key, 0));
        REQUIRE(opener.use_key(key, 0));
    }

    TestBytes seal(ContentType type, ByteView content) {
        TestBytes record;
        REQUIRE(sealer.seal(type, content, record));
        return record;
    }
    // "type:content", or "none".
    std::string open(ByteView record) {
        TestBytes out(record.size());
        const auto opened = opener.open(record, out);
        if (!opened) return "none";
        return std::to_string(static_cast<int>(opened->type)) + ":" +
               std::string(wsblast::as_text(ByteView(out).first(opened->size)));
    }

    RecordCiphers ciphers;
    RecordCipher sealer;
    RecordCipher opener;
};

std::string data_of(ByteView content) {
    return "23:" + std::string(wsblast::as_text(content));
}

}  // namespace

TEST_CASE("record cipher: the records of RFC 8448 3", "[crypto][tls]") {
    const auto keys = keys_of(test::rfc8448_secrets(), RecordSuite{});
    REQUIRE(keys);
    const TestBytes content = test::rfc8448_content();
    Ends client({}, keys->client);
    CHECK(client.seal(ContentType::application_data, content) == test::rfc8448_client_data());
    constexpr std::uint8_t kGoodbye[] = {1, 0};
    CHECK(client.seal(ContentType::alert, kGoodbye) == test::rfc8448_client_goodbye());
    Ends server({}, keys->server);
    REQUIRE(server.opener.use_key(keys->server, 1));
    CHECK(server.open(test::rfc8448_server_data()) == data_of(content));
}

TEST_CASE("record cipher: what is sealed is opened, of every suite and size", "[crypto][tls]") {
    for (const TlsVersion version : kVersions) {
        for (const Aead aead : kAll) {
            Ends ends({version, aead, "SHA256"});
            for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 1'000u, 16'384u}) {
                const TestBytes content(size, 'x');
                const TestBytes record = ends.seal(ContentType::application_data, content);
                CHECK(record.size() == size + ends.sealer.overhead());
                CHECK(ends.open(record) == data_of(content));
            }
            CHECK(ends.open(ends.seal(ContentType::handshake, as_bytes("abc"))) == "22:abc");
        }
    }
}

TEST_CASE("record cipher: no bit can be changed, and no record left out or said twice", "[crypto][tls]") {
    for (const TlsVersion version : kVersions) {
        Ends ends({version, GENERATE(Aead::aes_128_gcm, Aead::chacha20_poly1305), "SHA256"});
        const TestBytes record = ends.seal(ContentType::application_data, as_bytes("text"));
        for (std::size_t i = 0; i < record.size(); ++i) {
            if (i == 3 || i == 4) continue;  // the length is what the record is cut out by
            TestBytes changed = record;
            changed[i] ^= 4;
            CHECK(ends.open(changed) == "none");
        }
        CHECK(ends.open(record) == "23:text");
        CHECK(ends.open(record) == "none");
        const TestBytes left_out = ends.seal(ContentType::application_data, as_bytes("left out"));
        CHECK(ends.open(ends.seal(ContentType::application_data, as_bytes("next"))) == "none");
        CHECK(ends.open(left_out) == "23:left out");
    }
}

TEST_CASE("record cipher: padding is taken off, and nothing else is no record", "[crypto][tls]") {
    // A record of 1.3 is content, type, zeros: sealed as the content of one whose own type is a zero more.
    Ends ends({});
    const auto padded = [&](std::string_view inner) {
        return ends.seal(ContentType::invalid, as_bytes(inner));
    };
    using namespace std::string_view_literals;
    CHECK(ends.open(padded("text\x17\0\0\0"sv)) == "23:text");
    CHECK(ends.open(padded("\0\0\x17"sv)) == data_of(as_bytes("\0\0"sv)));
    CHECK(ends.open(padded("\x15"sv)) == "21:");
    CHECK(ends.open(padded("\0\0\0"sv)) == "0:");
    CHECK(ends.open(padded(""sv)) == "0:");
}

TEST_CASE("record cipher: what cannot be sealed is not there at all", "[crypto][tls]") {
    const RecordSuite suite;
    RecordCiphers ciphers;
    RecordCipher keyless;
    REQUIRE(keyless.begin(suite, ciphers.find(suite.aead), Direction::sealing));
    TestBytes out = {1, 2, 3};
    CHECK_FALSE(keyless.seal(ContentType::application_data, as_bytes("text"), out));
    CHECK(out == TestBytes{1, 2, 3});
}

TEST_CASE("record cipher: in 1.2 the number of the record is its nonce", "[crypto][tls]") {
    Ends ends({TlsVersion::tls_1_2, Aead::aes_128_gcm, "SHA256"});
    REQUIRE(ends.sealer.use_key(some_key(), 0x0102030405060708));
    RecordKey key = some_key();
    const TestBytes record = ends.seal(ContentType::application_data, as_bytes("x"));
    // What the first four of the IV leave is XORed with it: RFC 5288 3 wants no more than that it never
    // comes again.
    TestBytes expected = test::from_hex_text("0102030405060708");
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] ^= key.iv[kSaltBytes + i];
    CHECK(TestBytes(record.begin() + 5, record.begin() + 13) == expected);
}

}  // namespace wsblast::crypto
