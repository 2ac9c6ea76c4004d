// A stream that is known byte by byte from its key: whoever reads it can tell whether a byte is missing,
// doubled or out of place, without keeping any.
#pragma once

#include <cstdint>

#include "base/units.hpp"

namespace wsblast::test {

// Position and key decide every byte; neighbouring positions and keys give unrelated ones.
[[nodiscard]] inline std::uint8_t stream_byte(std::uint64_t key, std::uint64_t position) {
    std::uint64_t x = (key + position) * 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9u;
    return static_cast<std::uint8_t>(x >> 56);
}

// Writes the stream's bytes from `position` on.
inline void fill(ByteSpan bytes, std::uint64_t key, std::uint64_t position) {
    for (std::uint8_t& byte : bytes) byte = stream_byte(key, position++);
}

// The bytes are the stream's from `position` on.
[[nodiscard]] inline bool matches(ByteView bytes, std::uint64_t key, std::uint64_t position) {
    for (const std::uint8_t byte : bytes) {
        if (byte != stream_byte(key, position++)) return false;
    }
    return true;
}

}  // namespace wsblast::test
