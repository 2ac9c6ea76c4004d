// Masking (RFC 6455 5.3): byte i of a payload is XORed with byte i mod 4 of the key. The same function
// masks and unmasks.
//
// Sixteen bytes at a time, then what is left by halves: a message of 20 to 200 bytes takes a few ns.
#pragma once

#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>

#include "base/units.hpp"
#include "proto/frame.hpp"

namespace wsblast::proto {

namespace detail {

using Block __attribute__((vector_size(16))) = std::uint64_t;

template <class Word>
inline void xor_word(std::uint8_t* dst, const std::uint8_t* src, Word pad) {
    Word word;
    std::memcpy(&word, src, sizeof word);
    word ^= pad;
    std::memcpy(dst, &word, sizeof word);
}

}  // namespace detail

// The key as it lies in memory, turned so that its first byte meets payload byte `offset`.
[[nodiscard]] inline std::uint32_t turned_key(const MaskKey& key, std::size_t offset) {
    static_assert(std::endian::native == std::endian::little);
    return std::rotr(std::bit_cast<std::uint32_t>(key), static_cast<int>(8 * (offset % key.size())));
}

// dst[i] = src[i] ^ key[(offset + i) mod 4]. `dst` has room for `src`; they are the same memory or do not
// overlap. `offset` is the position of src[0] in the frame's payload. Any alignment.
inline void mask_copy(ByteSpan dst, ByteView src, const MaskKey& key, std::size_t offset = 0) {
    assert(dst.size() >= src.size());
    const std::uint32_t pad4 = turned_key(key, offset);
    const std::uint64_t pad8 = std::uint64_t{pad4} << 32 | pad4;
    const detail::Block pad16{pad8, pad8};
    std::uint8_t* to = dst.data();
    const std::uint8_t* from = src.data();
    const auto forward = [&to, &from](auto pad) {
        detail::xor_word(to, from, pad);
        to += sizeof pad;
        from += sizeof pad;
    };

    const std::size_t size = src.size();
    for (std::size_t blocks = size / sizeof pad16; blocks > 0; --blocks) forward(pad16);
    // All steps so far and the next two are multiples of the key's length: the pad need not turn.
    if ((size & 8) != 0) forward(pad8);
    if ((size & 4) != 0) forward(pad4);
    if ((size & 2) != 0) forward(static_cast<std::uint16_t>(pad4));
    if ((size & 1) != 0) {
        const int past_pair = (size & 2) != 0 ? 16 : 0;
        forward(static_cast<std::uint8_t>(pad4 >> past_pair));
    }
}

inline void mask_in_place(ByteSpan bytes, const MaskKey& key, std::size_t offset = 0) {
    mask_copy(bytes, bytes, key, offset);
}

}  // namespace wsblast::proto
