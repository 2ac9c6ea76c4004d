// What the connections of one ring want to send in this tick: an arena for the bytes, and at most one send
// a connection.
//
// Two halves take turns. While the kernel may still report that a send of the last tick was too short, its
// bytes stay where they are; what is written meanwhile goes to the other half (see design of Ring::send).
#pragma once

#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/units.hpp"

namespace wsblast::transport {

inline constexpr std::uint32_t kNoSend = ~0u;

// One send: its bytes are in the arena, or a caller's that live as long as the run. Size 0: withdrawn.
struct Outgoing {
    const std::uint8_t* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t slot = 0;

    [[nodiscard]] ByteView bytes() const { return {data, size}; }
};

// Invariant: the bytes [0, used_) of the writing half's arena belong to its sends; a reservation lies
// behind.
class Outbox {
  public:
    // `sends_max`: connections that may send in one tick.
    explicit Outbox(std::uint32_t sends_max) {
        for (Half& half : halves_) {
            half.arena = MappedArray<std::uint8_t>(limits::kArenaBytes);
            half.sends = MappedArray<Outgoing>(sends_max);
        }
    }

    [[nodiscard]] bool ok() const { return halves_[0].ok() && halves_[1].ok(); }
    [[nodiscard]] bool empty() const { return writing().count == 0; }

    // Room for `size` bytes that continue the send `index` (kNoSend: that begin one); empty when the send
    // would grow beyond limits::kSendBytesMax or the arena is full.
    [[nodiscard]] ByteSpan reserve(std::uint32_t index, std::size_t size) {
        Half& half = writing();
        Outgoing* send = index == kNoSend ? nullptr : &half.sends[index];
        const std::size_t before = send == nullptr ? 0 : send->size;
        if (before + size > limits::kSendBytesMax) return {};
        const bool at_end = send != nullptr && send->data + send->size == half.arena.data() + half.used;
        const std::size_t moved = at_end ? 0 : before;
        if (half.arena.size() - half.used < moved + size) return {};
        if (moved > 0) {  // others wrote behind it: it moves to the end, so that it stays one piece
            std::uint8_t* end = half.arena.data() + half.used;
            std::memcpy(end, send->data, moved);
            send->data = end;
            half.used += moved;
        }
        return {half.arena.data() + half.used, size};
    }

    // Appends the first `size` bytes of the last reservation to the send; returns its index.
    std::uint32_t commit(std::uint32_t index, std::uint32_t slot, std::size_t size) {
        Half& half = writing();
        const std::uint8_t* data = half.arena.data() + half.used;
        half.used += size;
        if (index == kNoSend) return begin({data, static_cast<std::uint32_t>(size), slot});
        half.sends[index].size += static_cast<std::uint32_t>(size);
        return index;
    }

    // A send of bytes that are not in the arena.
    std::uint32_t begin(const Outgoing& send) {
        Half& half = writing();
        half.sends[half.count] = send;
        return half.count++;
    }

    [[nodiscard]] Outgoing& written(std::uint32_t index) { return writing().sends[index]; }
    // A send of the tick that was submitted last.
    [[nodiscard]] const Outgoing& submitted(std::uint32_t index) const {
        return halves_[1 - current_].sends[index];
    }

    // Ends the tick: the sends that are to be submitted now; they and their bytes stay until the next turn.
    [[nodiscard]] std::span<const Outgoing> turn() {
        current_ = 1 - current_;
        writing().used = 0;
        writing().count = 0;
        const Half& done = halves_[1 - current_];
        return {done.sends.data(), done.count};
    }

  private:
    struct Half {
        MappedArray<std::uint8_t> arena;
        MappedArray<Outgoing> sends;
        std::size_t used = 0;
        std::uint32_t count = 0;

        [[nodiscard]] bool ok() const { return arena.ok() && sends.ok(); }
    };

    [[nodiscard]] Half& writing() { return halves_[current_]; }
    [[nodiscard]] const Half& writing() const { return halves_[current_]; }

    std::array<Half, 2> halves_;
    std::size_t current_ = 0;
};

}  // namespace wsblast::transport
