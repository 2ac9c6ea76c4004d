#include "json/shape.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "base/prng.hpp"

using namespace wsblast;
using json::ShapeCursor;

namespace {

// Whether the whole of `text` is one safe string.
bool is_safe_string(std::string_view text) {
    ShapeCursor shape(as_bytes(text));
    const std::string_view value = shape.safe_string();
    if (shape.at_end()) CHECK(value == text);
    return shape.at_end();
}

bool is_integer(std::string_view text) {
    ShapeCursor shape(as_bytes(text));
    const json::Integer number = shape.integer();
    if (!shape.at_end()) return false;
    CHECK(number.text == text);
    CHECK(std::to_string(number.value) == text);
    return true;
}

}  // namespace

TEST_CASE("shape: literals match these very bytes and nothing may be left", "[json][shape]") {
    ShapeCursor whole(as_bytes("abcd"));
    CHECK(whole.literal("ab") == "ab");
    CHECK_FALSE(whole.at_end());
    CHECK(whole.literal("cd") == "cd");
    CHECK(whole.at_end());
    ShapeCursor shorter(as_bytes("abc"));
    CHECK(shorter.literal("abcd").empty());
    CHECK_FALSE(shorter.at_end());
}

TEST_CASE("shape: after a step that fails every later one fails", "[json][shape]") {
    ShapeCursor shape(as_bytes("abcd"));
    shape.literal("x");
    CHECK(shape.literal("abcd").empty());
    CHECK_FALSE(shape.optional("a"));
    CHECK_FALSE(shape.at_end());
}

TEST_CASE("shape: an optional literal may be missing", "[json][shape]") {
    ShapeCursor shape(as_bytes("ab"));
    CHECK_FALSE(shape.optional("b"));
    CHECK(shape.optional("a"));
    CHECK_FALSE(shape.at_end());
    shape.literal("b");
    CHECK(shape.at_end());
}

TEST_CASE("shape: a safe string is printable ASCII in quotes, given with its quotes", "[json][shape]") {
    CHECK(is_safe_string(R"("")"));
    CHECK(is_safe_string(R"("user_123")"));
    CHECK(is_safe_string(R"(" !#$%&'()*+,-./0123456789:;<=>?@AZ[]^_`az{|}~")"));
    CHECK_FALSE(is_safe_string(""));
    CHECK_FALSE(is_safe_string("\""));
    CHECK_FALSE(is_safe_string("user"));
    CHECK_FALSE(is_safe_string(R"("user)"));
    CHECK_FALSE(is_safe_string(R"("a user of many words)"));
    CHECK_FALSE(is_safe_string(R"("\n")"));
    CHECK_FALSE(is_safe_string(R"("a\"b")"));
    CHECK_FALSE(is_safe_string("\"\xc3\xa4\""));
}

TEST_CASE("shape: each byte at each place of a string is judged for itself", "[json][shape]") {
    for (std::size_t length = 1; length <= 20; ++length) {
        for (std::size_t place = 0; place < length; ++place) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string text(length,
                                 '!');  // the least byte that is safe: most likely to be borrowed from
                text[place] = static_cast<char>(byte);
                const bool safe = byte >= 0x20 && byte <= 0x7e && byte != '"' && byte != '\\';
                if (is_safe_string('"' + text + '"') != safe) FAIL(length << ' ' << place << ' ' << byte);
            }
        }
    }
    SUCCEED();
}

TEST_CASE("shape: a safe string ends at its first quote, whatever follows", "[json][shape]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Prng random(seed);
    for (int round = 0; round < 20'000; ++round) {
        std::string value(random.next_below(20), ' ');
        for (char& byte : value) {
            do {
                byte = static_cast<char>(0x20 + random.next_below(0x5f));
            } while (byte == '"' || byte == '\\');
        }
        std::string message = '"' + value + '"';
        for (std::uint64_t i = random.next_below(20); i > 0; --i)
            message += static_cast<char>(random.next());
        ShapeCursor shape(as_bytes(message));
        REQUIRE(shape.safe_string() == std::string_view(message).substr(0, value.size() + 2));
    }
}

TEST_CASE("shape: an integer has no sign, no leading zero, and is below 2^53", "[json][shape]") {
    for (const char* text : {"0", "7", "1234567890", "1700000000000", "9007199254740991"})
        CHECK(is_integer(text));
    for (const char* text : {"", "-1", "+1", "00", "01", "1.0", "1e3", " 1", "1 ", "x", "9007199254740992",
                             "18446744073709551617", "99999999999999999999999999999999"}) {
        INFO(text);
        CHECK_FALSE(is_integer(text));
    }
}
