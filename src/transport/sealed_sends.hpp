// The encrypted bytes of a tunnel's connections on their way into its inner transport. A record that is
// written cannot be taken back: what finds no room is kept in a pool, in order, until there is some.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/chunk_pool.hpp"
#include "base/limits.hpp"
#include "transport/link.hpp"
#include "transport/transport.hpp"

namespace wsblast::transport {

// Invariant: a connection with something unsent was refused room by the inner transport, which owes it an
// on_room.
template <class Inner>
class SealedSends {
  public:
    // `inner` lives longer.
    explicit SealedSends(Inner& inner) : inner_(inner) {}

    // Whether all bytes were sent or kept; no: the pool is used up, and the stream has a hole.
    enum class Kept : std::uint8_t { no, yes };

    // Sends the bytes behind what is unsent.
    [[nodiscard]] Kept send(ConnectionId cid, Spill& unsent, ByteView bytes) {
        while (!bytes.empty() && !unsent.active()) {
            const std::size_t sent = send_piece(cid, bytes);
            if (sent == 0) break;
            bytes = bytes.subspan(sent);
        }
        return bytes.empty() ? Kept::yes : keep(unsent, bytes);
    }

    // There is room again. True: nothing is unsent any more.
    [[nodiscard]] bool pump(ConnectionId cid, Spill& unsent) {
        while (unsent.active()) {
            const std::size_t sent = send_piece(cid, unsent.rest());
            if (sent == 0) return false;
            unsent.begin += static_cast<std::uint32_t>(sent);
            if (unsent.begin == unsent.end) drop(unsent);
        }
        return true;
    }

    // Forgets what is unsent.
    void drop(Spill& unsent) {
        chunks_.give(unsent.chunk);
        unsent = {};
    }

  private:
    // How many of the bytes found room.
    [[nodiscard]] std::size_t send_piece(ConnectionId cid, ByteView bytes) {
        const std::size_t size = std::min<std::size_t>(bytes.size(), limits::kSendBytesMax);
        const ByteSpan room = inner_.reserve(cid, size);
        if (room.empty()) return 0;
        std::memcpy(room.data(), bytes.data(), size);
        inner_.commit(cid, size);
        return size;
    }

    [[nodiscard]] Kept keep(Spill& unsent, ByteView bytes) {
        const std::size_t size = unsent.end + bytes.size();
        const ByteSpan chunk = chunks_.grow(unsent.chunk, unsent.end, size);
        if (chunk.empty()) return Kept::no;
        std::memcpy(chunk.data() + unsent.end, bytes.data(), bytes.size());
        unsent.chunk = chunk;
        unsent.end = static_cast<std::uint32_t>(size);
        return Kept::yes;
    }

    Inner& inner_;
    ChunkPool chunks_{limits::kSpillBytesMax};
};

}  // namespace wsblast::transport
