// Memory for what is rare: a partial frame, an unfinished handshake, bytes that the kernel did not take.
//
// Chunks come in powers of two from one lazily touched mapping, so the hot path never meets the heap, and a
// connection that needs nothing holds nothing. One thread uses a pool.
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>

#include "base/mapped_array.hpp"
#include "base/units.hpp"

namespace wsblast {

// Invariant: every byte of the mapping is in exactly one chunk, given out or on the free list of its class,
// or lies behind `used_`.
class ChunkPool {
  public:
    static constexpr std::size_t kChunkMin = 256;
    static constexpr std::size_t kChunkMax = 2 * kMiB;

    // `bytes_max` bounds what can be given out at the same time (address space, not memory).
    explicit ChunkPool(std::size_t bytes_max) : memory_(bytes_max) {}

    // The size of the chunk that holds `size` bytes (at most kChunkMax).
    [[nodiscard]] static constexpr std::size_t chunk_size(std::size_t size) {
        return std::bit_ceil(size < kChunkMin ? kChunkMin : size);
    }

    // At least `size` bytes, uninitialised, or an empty span when the pool is used up or size > kChunkMax.
    // The span's own size is the chunk's; hand the same span back to give().
    [[nodiscard]] ByteSpan take(std::size_t size) {
        if (size > kChunkMax) return {};
        const std::size_t bytes = chunk_size(size);
        std::uint8_t*& free = free_[class_of(bytes)];
        if (free != nullptr) {
            std::uint8_t* chunk = free;
            std::memcpy(&free, chunk, sizeof free);
            return {chunk, bytes};
        }
        if (memory_.size() - used_ < bytes) return {};
        std::uint8_t* chunk = memory_.data() + used_;
        used_ += bytes;
        return {chunk, bytes};
    }

    // Takes back what take() gave. An empty span is no chunk and is ignored.
    void give(ByteSpan chunk) {
        if (chunk.empty()) return;
        std::uint8_t*& free = free_[class_of(chunk.size())];
        std::memcpy(chunk.data(), &free, sizeof free);
        free = chunk.data();
    }

    // A chunk of at least `size` bytes that begins with the first `kept` bytes of `chunk`, which is given
    // back. Empty (and `chunk` still the caller's) when there is none.
    [[nodiscard]] ByteSpan grow(ByteSpan chunk, std::size_t kept, std::size_t size) {
        assert(kept <= chunk.size());
        if (size <= chunk.size()) return chunk;
        const ByteSpan larger = take(size);
        if (larger.empty()) return {};
        if (kept > 0) std::memcpy(larger.data(), chunk.data(), kept);
        give(chunk);
        return larger;
    }

  private:
    [[nodiscard]] static std::size_t class_of(std::size_t bytes) {
        return static_cast<std::size_t>(std::bit_width(bytes / (2 * kChunkMin)));
    }

    MappedArray<std::uint8_t> memory_;
    std::size_t used_ = 0;
    std::array<std::uint8_t*, std::countr_zero(kChunkMax) - std::countr_zero(kChunkMin) + 1> free_{};
};

}  // namespace wsblast
