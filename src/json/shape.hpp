// Recognises a message of a known, compact JSON shape without parsing it.
//
// The match is exact or none at all: what it accepts is valid JSON, and a JSON parser reads the same values
// from it. What it refuses may still be the same message in another spelling, which is the parser's
// business.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/units.hpp"

namespace wsblast::json {

// The integers that a JSON number carries exactly everywhere (RFC 8259, section 6).
inline constexpr std::uint64_t kIntegerMax = (std::uint64_t{1} << 53) - 1;

// A number as it stands in the message, and what it says.
struct Integer {
    std::string_view text;
    std::uint64_t value = 0;
};

// Reads a message from front to back. The first step that does not match ends it: every later one fails
// too, so that a shape is written as a plain sequence of steps with one question, at_end(), at its end.
// Values are views into the message.
//
// Invariant: at_ <= end_, and all bytes before at_ matched.
class ShapeCursor {
  public:
    explicit ShapeCursor(ByteView message)
        : at_(reinterpret_cast<const char*>(message.data())), end_(at_ + message.size()) {}

    // These very bytes, or the shape does not match. Gives them as they stand in the message.
    template <std::size_t kSize>
    std::string_view literal(const char (&text)[kSize]) {
        if (optional(text)) return {at_ - (kSize - 1), kSize - 1};
        fail();
        return {};
    }

    // These very bytes, or nothing: says which.
    template <std::size_t kSize>
    [[nodiscard]] bool optional(const char (&text)[kSize]) {
        constexpr std::size_t kLength = kSize - 1;
        if (left() < kLength || !equal<kLength>(at_, text)) return false;
        at_ += kLength;
        return true;
    }

    // A string whose bytes are its value: printable ASCII without a backslash. The view holds its quotes
    // too, so that it can be pasted into another message.
    std::string_view safe_string() {
        const char* const start = at_;
        literal("\"");
        while (left() >= sizeof(std::uint64_t)) {
            const std::uint64_t special = special_bytes(at_);
            if (special != 0) {
                at_ += std::countr_zero(special) / 8;
                return close_string(start);
            }
            at_ += sizeof(std::uint64_t);
        }
        while (left() > 0 && !is_special(*at_)) ++at_;
        return close_string(start);
    }

    // A whole number of 0 .. kIntegerMax as serialisers write it: no sign, no leading zero, no fraction.
    Integer integer() {
        constexpr std::ptrdiff_t kDigitsMax = 16;
        const char* const start = at_;
        std::uint64_t value = 0;
        while (left() > 0 && *at_ >= '0' && *at_ <= '9' && at_ - start <= kDigitsMax) {
            value = value * 10 + static_cast<std::uint64_t>(*at_++ - '0');
        }
        const std::ptrdiff_t length = at_ - start;
        if (length == 0 || (*start == '0' && length > 1) || value > kIntegerMax) {
            fail();
            return {};
        }
        return {{start, static_cast<std::size_t>(length)}, value};
    }

    // Every step matched, and nothing is left.
    [[nodiscard]] bool at_end() const { return at_ == end_ && matched_; }

  private:
    static_assert(std::endian::native == std::endian::little,
                  "special_bytes looks for the lowest byte first");

    [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

    void fail() {
        end_ = at_;
        matched_ = false;
    }

    [[nodiscard]] static std::uint64_t load_word(const char* bytes) {
        std::uint64_t word;
        std::memcpy(&word, bytes, sizeof word);
        return word;
    }

    // memcmp(3) of a size that is known, as plain words: compilers call the library from 17 bytes on.
    template <std::size_t kLength>
    [[nodiscard]] static bool equal(const char* a, const char* b) {
        constexpr std::size_t kWord = sizeof(std::uint64_t);
        if constexpr (kLength < kWord) {
            return std::memcmp(a, b, kLength) == 0;
        } else {
            std::uint64_t difference = load_word(a + kLength - kWord) ^ load_word(b + kLength - kWord);
            for (std::size_t i = 0; i + kWord < kLength; i += kWord) {
                difference |= load_word(a + i) ^ load_word(b + i);
            }
            return difference == 0;
        }
    }

    // What is not taken as it stands: the closing quote, a backslash, control characters, all but ASCII.
    [[nodiscard]] static bool is_special(char byte) {
        return byte < ' ' || byte > '~' || byte == '"' || byte == '\\';
    }

    // is_special() of eight bytes: the highest bit of each such byte is set. Exact for the first of them; a
    // borrow or a carry may mark bytes behind it.
    [[nodiscard]] static std::uint64_t special_bytes(const char* bytes) {
        constexpr std::uint64_t kOnes = 0x0101010101010101u;
        constexpr std::uint64_t kHighBits = 0x8080808080808080u;
        const std::uint64_t word = load_word(bytes);
        const std::uint64_t quote = word ^ (kOnes * '"');
        const std::uint64_t backslash = word ^ (kOnes * '\\');
        const std::uint64_t equal = ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash);
        const std::uint64_t control = (word - kOnes * 0x20) & ~word;
        const std::uint64_t above = (word + kOnes) | word;  // 0x7f + 1 reaches the highest bit
        return (equal | control | above) & kHighBits;
    }

    std::string_view close_string(const char* start) {
        literal("\"");
        if (!matched_) return {};
        return {start, static_cast<std::size_t>(at_ - start)};
    }

    const char* at_;
    const char* end_;
    bool matched_ = true;
};

}  // namespace wsblast::json
