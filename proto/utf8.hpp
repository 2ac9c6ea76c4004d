// UTF-8 as it arrives: strict (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF), over
// any split, and wrong at the very byte that makes it wrong.
//
// ASCII, which is nearly everything, is checked sixteen bytes at a time and inline.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/units.hpp"

namespace wsblast::proto {

[[nodiscard]] constexpr bool is_utf8_continuation(std::uint8_t byte) {
    return (byte & 0xc0) == 0x80;
}

namespace detail {

// The Word at `bytes`, reduced to what no ASCII byte has.
template <class Word>
[[nodiscard]] inline Word high_bits(const std::uint8_t* bytes) {
    constexpr auto kHighBits = static_cast<Word>(0x8080808080808080u);
    Word word;
    std::memcpy(&word, bytes, sizeof word);
    return word & kHighBits;
}

}  // namespace detail

// Reads only within `bytes`: words at its two ends overlap instead of a loop over the rest.
[[nodiscard]] inline bool is_ascii(ByteView bytes) {
    const std::uint8_t* const data = bytes.data();
    const std::size_t size = bytes.size();
    if (size >= 16) {
        const auto high16 = [data](std::size_t at) {
            return detail::high_bits<std::uint64_t>(data + at) |
                   detail::high_bits<std::uint64_t>(data + at + 8);
        };
        std::uint64_t high = high16(size - 16);
        for (std::size_t at = 0; at + 16 < size; at += 16) high |= high16(at);
        return high == 0;
    }
    if (size >= 8) {
        return (detail::high_bits<std::uint64_t>(data) |
                detail::high_bits<std::uint64_t>(data + size - 8)) == 0;
    }
    if (size >= 4) {
        return (detail::high_bits<std::uint32_t>(data) |
                detail::high_bits<std::uint32_t>(data + size - 4)) == 0;
    }
    for (const std::uint8_t byte : bytes) {
        if (byte >= 0x80) return false;
    }
    return true;
}

// Invariant: the next `missing_` bytes must be continuation bytes, the first of them within [lower_,
// upper_].
class Utf8Validator {
  public:
    // False as soon as the bytes so far can begin no valid text; it stays false then.
    [[nodiscard]] bool feed(ByteView bytes) {
        if (complete() && is_ascii(bytes)) return true;
        return feed_any(bytes);
    }

    // Whether the text may end here: no character is cut.
    [[nodiscard]] bool complete() const { return missing_ == 0; }

  private:
    static constexpr std::uint8_t kLowest = 0x80;
    static constexpr std::uint8_t kHighest = 0xbf;

    [[nodiscard]] bool feed_any(ByteView bytes);
    [[nodiscard]] bool begin_character(std::uint8_t lead);
    void expect(std::uint8_t missing, std::uint8_t lower, std::uint8_t upper);
    bool fail();

    std::uint8_t missing_ = 0;
    std::uint8_t lower_ = kLowest;
    std::uint8_t upper_ = kHighest;
};

// Whether the bytes are valid UTF-8 from end to end.
[[nodiscard]] inline bool is_valid_utf8(ByteView bytes) {
    Utf8Validator validator;
    return validator.feed(bytes) && validator.complete();
}

}  // namespace wsblast::proto
