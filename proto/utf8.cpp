#include "proto/utf8.hpp"

namespace wsblast::proto {

namespace {

constexpr std::size_t kBlock = 16;

}  // namespace

void Utf8Validator::expect(std::uint8_t missing, std::uint8_t lower, std::uint8_t upper) {
    missing_ = missing;
    lower_ = lower;
    upper_ = upper;
}

// An empty range that no byte is in: every later feed fails too.
bool Utf8Validator::fail() {
    expect(1, 0xff, 0);
    return false;
}

// The table of well-formed byte sequences (RFC 3629 4): the lead byte tells how many follow, and the first
// of them is what keeps overlong forms (E0, F0), surrogates (ED) and values above U+10FFFF (F4) out.
bool Utf8Validator::begin_character(std::uint8_t lead) {
    if (lead < 0x80) return true;
    if (lead < 0xc2 || lead > 0xf4) return fail();
    if (lead < 0xe0) {
        expect(1, kLowest, kHighest);
    } else if (lead < 0xf0) {
        expect(2, lead == 0xe0 ? 0xa0 : kLowest, lead == 0xed ? 0x9f : kHighest);
    } else {
        expect(3, lead == 0xf0 ? 0x90 : kLowest, lead == 0xf4 ? 0x8f : kHighest);
    }
    return true;
}

bool Utf8Validator::feed_any(ByteView bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (missing_ == 0 && bytes.size() - at >= kBlock && is_ascii(bytes.subspan(at, kBlock))) {
            at += kBlock;
            continue;
        }
        const std::uint8_t byte = bytes[at++];
        if (missing_ == 0) {
            if (!begin_character(byte)) return false;
        } else {
            if (byte < lower_ || byte > upper_) return fail();
            expect(static_cast<std::uint8_t>(missing_ - 1), kLowest, kHighest);
        }
    }
    return true;
}

}  // namespace wsblast::proto
