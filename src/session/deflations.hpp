// Compresses the messages of connections that have agreed on permessage-deflate, as they are sent (RFC 7692
// 7.2.1).
//
// With context takeover (7.1.1.2) a connection has a deflater of its own, from the answer to its upgrade to
// its end, then it goes back to the pool. It goes on with each message that it compresses: one is handed to
// it only when there is room to send what comes of it. Where messages stand alone one deflater a window
// serves all. One worker thread; compress() allocates nothing.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/units.hpp"
#include "deflate/stream.hpp"
#include "session/memory_budget.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

// How the messages of a connection are compressed.
struct DeflateManner {
    std::uint8_t window_bits = deflate::kWindowBitsMax;
    bool alone = false;  // each stands alone
};

class Deflations {
  public:
    // `budget` lives longer.
    Deflations(std::uint32_t connections_max, MemoryBudget& budget)
        : budget_(budget),
          owners_(connections_max),
          plain_(limits::kSendBytesMax),
          deflated_(deflate::Deflater::size_max(limits::kSendBytesMax)) {}

    [[nodiscard]] bool ok() const { return owners_.ok() && plain_.ok() && deflated_.ok(); }

    // Messages of the connection can be compressed from now on, until drop(). False: there is no memory for
    // it, and nothing has changed.
    [[nodiscard]] bool agree(transport::ConnectionId cid, const DeflateManner& manner) {
        const std::uint32_t number = manner.alone ? shared(manner.window_bits) : take(manner.window_bits);
        if (number == 0) return false;
        any_ = true;
        owners_[cid] = {.number = number, .manner = manner};
        return true;
    }
    [[nodiscard]] bool agreed(transport::ConnectionId cid) const {
        return any_ && owners_[cid].number != 0;
    }
    void drop(transport::ConnectionId cid) {
        if (!agreed(cid)) return;
        const Owner owner = owners_[cid];
        if (!owner.manner.alone) free_[owner.manner.window_bits].push_back(owner.number);
        owners_[cid] = {};
    }

    // Room to write a payload to that is to be compressed: limits::kSendBytesMax.
    [[nodiscard]] ByteSpan scratch() { return plain_.span(); }

    // A message of a connection that has agreed, at most limits::kSendBytesMax. It is to be sent before the
    // next one, or forget() follows. Lives until the next call.
    [[nodiscard]] ByteView compress(transport::ConnectionId cid, ByteView payload) {
        const Owner& owner = owners_[cid];
        deflate::Deflater& deflater = *pool_[owner.number - 1];
        const auto made = deflater.deflate(payload, deflate::DeflateEnd::message, deflated_.span());
        if (owner.manner.alone) deflater.reset();
        return ByteView(deflated_.span()).first(made.size);
    }

    // What was compressed last is not sent: the next message refers to no earlier one.
    void forget(transport::ConnectionId cid) { pool_[owners_[cid].number - 1]->reset(); }

    // Deflaters that there are, in use or not.
    [[nodiscard]] std::size_t made() const { return pool_.size(); }

  private:
    struct Owner {
        std::uint32_t number;  // of its deflater in the pool, from 1; 0: none
        DeflateManner manner;
    };

    // One that has nothing to remember; 0: there is no memory.
    [[nodiscard]] std::uint32_t take(std::uint8_t window_bits) {
        std::vector<std::uint32_t>& free = free_[window_bits];
        if (free.empty()) return make(window_bits);
        const std::uint32_t number = free.back();
        free.pop_back();
        pool_[number - 1]->reset();
        return number;
    }

    [[nodiscard]] std::uint32_t shared(std::uint8_t window_bits) {
        if (shared_[window_bits] == 0) shared_[window_bits] = make(window_bits);
        return shared_[window_bits];
    }

    [[nodiscard]] std::uint32_t make(std::uint8_t window_bits) {
        constexpr int kMemory = limits::kDeflateMemoryLevel;
        if (!budget_.take(deflate::Deflater::memory_bytes(window_bits, kMemory))) return 0;
        auto made = std::make_unique<deflate::Deflater>(window_bits, limits::kDeflateLevelEach, kMemory);
        if (!made->ok()) return 0;
        pool_.push_back(std::move(made));
        free_[window_bits].reserve(pool_.capacity());  // drop() has room for it
        return static_cast<std::uint32_t>(pool_.size());
    }

    bool any_ = false;
    MemoryBudget& budget_;
    MappedArray<Owner> owners_;  // by connection
    std::vector<std::unique_ptr<deflate::Deflater>> pool_;
    std::array<std::vector<std::uint32_t>, deflate::kWindowBitsMax + 1> free_;  // by window
    std::array<std::uint32_t, deflate::kWindowBitsMax + 1> shared_{};           // by window
    MappedArray<std::uint8_t> plain_;
    MappedArray<std::uint8_t> deflated_;
};

}  // namespace wsblast::session
