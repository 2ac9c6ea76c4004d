#include "proto/utf8.hpp"

#include <catch2/catch.hpp>

#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::proto;
using test::Bytes;

namespace {

enum class Verdict { valid, incomplete, invalid };

Verdict verdict_of(test::SplitInput& input) {
    Utf8Validator validator;
    while (!input.done()) {
        if (!validator.feed(input.next())) return Verdict::invalid;
    }
    return validator.complete() ? Verdict::valid : Verdict::incomplete;
}

void require_verdict(const Bytes& bytes, Verdict expected) {
    CAPTURE(bytes);
    test::for_every_split(bytes, [&](test::SplitInput& input) { REQUIRE(verdict_of(input) == expected); });
    REQUIRE(is_valid_utf8(bytes) == (expected == Verdict::valid));
}

// One code point in UTF-8's scheme, allowed or not.
Bytes encode(std::uint32_t point) {
    const auto tail = [point](int shift) {
        return static_cast<std::uint8_t>(0x80 | (point >> shift & 0x3f));
    };
    if (point < 0x80) return {static_cast<std::uint8_t>(point)};
    if (point < 0x800) return {static_cast<std::uint8_t>(0xc0 | point >> 6), tail(0)};
    if (point < 0x10000) return {static_cast<std::uint8_t>(0xe0 | point >> 12), tail(6), tail(0)};
    return {static_cast<std::uint8_t>(0xf0 | point >> 18), tail(12), tail(6), tail(0)};
}

}  // namespace

TEST_CASE("utf8: text of every length of character is valid over any split", "[proto][utf8]") {
    require_verdict({}, Verdict::valid);
    require_verdict(
        test::to_bytes("Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!"),
        Verdict::valid);
    require_verdict(test::to_bytes("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"), Verdict::valid);
    require_verdict(test::to_bytes("sixteen ASCII.., then \xf0\x9f\x98\x80 and sixteen ASCII more"),
                    Verdict::valid);
}

TEST_CASE("utf8: every code point but the surrogates is valid, and nothing above U+10FFFF",
          "[proto][utf8]") {
    for (std::uint32_t point = 0; point < 0x120000; ++point) {
        const bool surrogate = point >= 0xd800 && point <= 0xdfff;
        const bool valid = !surrogate && point <= 0x10ffff;
        if (is_valid_utf8(encode(point)) == valid) continue;
        CAPTURE(point);
        FAIL("wrong verdict");
    }
    SUCCEED("0x120000 code points");
}

TEST_CASE("utf8: the borders of the ranges hold over any split", "[proto][utf8]") {
    for (const std::uint32_t point :
         {0x7fu, 0x80u, 0x7ffu, 0x800u, 0xd7ffu, 0xe000u, 0xfffdu, 0xffffu, 0x10000u, 0x10ffffu}) {
        require_verdict(encode(point), Verdict::valid);
    }
    for (const std::uint32_t point : {0xd800u, 0xdb7fu, 0xdc00u, 0xdfffu, 0x110000u}) {
        require_verdict(encode(point), Verdict::invalid);
    }
}

TEST_CASE("utf8: overlong forms, stray and missing continuations are invalid", "[proto][utf8]") {
    const std::vector<Bytes> wrong{{0x80},
                                   {0xbf},
                                   {0xc0, 0xaf},
                                   {0xc1, 0xbf},
                                   {0xe0, 0x80, 0xaf},
                                   {0xe0, 0x9f, 0xbf},
                                   {0xf0, 0x80, 0x80, 0xaf},
                                   {0xf0, 0x8f, 0xbf, 0xbf},
                                   {0xf8, 0x88, 0x80, 0x80, 0x80},
                                   {0xfc, 0x84, 0x80, 0x80, 0x80, 0x80},
                                   {0xfe},
                                   {0xff},
                                   {0xce, 0x20},
                                   {0xe2, 0x82, 0x41},
                                   {0xf0, 0x9f, 0x98, 0xc0},
                                   {0xed, 0xa0, 0x80, 0x65, 0x64}};
    for (const Bytes& bytes : wrong) require_verdict(bytes, Verdict::invalid);
}

TEST_CASE("utf8: a cut character is incomplete, not invalid", "[proto][utf8]") {
    require_verdict({0xce}, Verdict::incomplete);
    require_verdict({0xe2, 0x82}, Verdict::incomplete);
    require_verdict({0x41, 0xf0, 0x9f, 0x98}, Verdict::incomplete);
}

TEST_CASE("utf8: it fails at the byte that makes it wrong, and stays failed", "[proto][utf8]") {
    Utf8Validator validator;
    const Bytes text{0xce, 0xba, 0xf4, 0x90};  // U+110000 begins: 90 after F4 can be nothing
    REQUIRE(validator.feed(ByteView(text).first(3)));
    CHECK_FALSE(validator.feed(ByteView(text).subspan(3)));
    CHECK_FALSE(validator.feed(test::to_bytes("a")));
    CHECK_FALSE(validator.feed(Bytes{0x80}));
    CHECK_FALSE(validator.complete());
}

TEST_CASE("utf8: one byte that is not ASCII is seen at every place of every length", "[proto][utf8]") {
    test::GuardedMemory memory(80);
    for (std::size_t size = 0; size <= 70; ++size) {
        Bytes text(size, 'x');
        REQUIRE(is_ascii(memory.place(text)));
        for (std::size_t at = 0; at < size; ++at) {
            text[at] = 0x80;
            REQUIRE_FALSE(is_ascii(memory.place(text)));
            text[at] = 'x';
        }
    }
}
