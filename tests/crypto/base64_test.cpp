#include "crypto/base64.hpp"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "tests/support/base64.hpp"

namespace wsblast::crypto {

namespace {

std::vector<std::uint8_t> random_bytes(std::size_t count) {
    Prng random(count);
    std::vector<std::uint8_t> bytes(count);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
    return bytes;
}

}  // namespace

TEST_CASE("base64: the vectors of RFC 4648 10", "[crypto][base64]") {
    const auto [plain, encoded] = GENERATE(table<const char*, const char*>({{"", ""},
                                                                            {"f", "Zg=="},
                                                                            {"fo", "Zm8="},
                                                                            {"foo", "Zm9v"},
                                                                            {"foob", "Zm9vYg=="},
                                                                            {"fooba", "Zm9vYmE="},
                                                                            {"foobar", "Zm9vYmFy"}}));
    CHECK(to_base64(as_bytes(plain)) == encoded);
}

TEST_CASE("base64: every byte comes back, at every length", "[crypto][base64]") {
    for (std::size_t size = 0; size < 200; ++size) {
        const auto bytes = random_bytes(size);
        REQUIRE(test::from_base64(to_base64(bytes)) == bytes);
    }
}

TEST_CASE("base64: long ones have no seam, no line break and no zero byte", "[crypto][base64]") {
    const std::size_t size = 3 * kMiB + GENERATE(as<std::size_t>{}, 0, 1, 2, 3, 3 * kMiB + 1);
    const auto bytes = random_bytes(size);
    const std::string text = to_base64(bytes);
    CHECK(text.size() == (size + 2) / 3 * 4);
    CHECK(std::all_of(text.begin(), text.end() - 2,
                      [](char letter) { return letter > ' ' && letter != '='; }));
    CHECK(test::from_base64(text) == bytes);
}

TEST_CASE("base64: what was written is read, and nothing else", "[crypto][base64]") {
    for (std::size_t size = 0; size < 50; ++size) {
        const std::vector<std::uint8_t> bytes = random_bytes(size);
        const auto read = from_base64(to_base64(bytes));
        REQUIRE(read.has_value());
        CHECK(*read == wsblast::as_text(bytes));
    }
    for (const char* bad :
         {"Zg", "Zg=", "Zg===", "Z===", "Z=g=", " Zg=", "Zg==\n", "Zm9v!A==", "====", "Zm-_"})
        CHECK_FALSE(from_base64(bad).has_value());
}

}  // namespace wsblast::crypto
