// The bytes that the server sends: straight into the transport's arena while there is room, and else into a
// backlog of the connection, which is bounded. The order of a connection's bytes is that of the calls.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/chunk_pool.hpp"
#include "base/limits.hpp"
#include "proto/frame.hpp"
#include "target/connection.hpp"
#include "target/counters.hpp"
#include "transport/transport.hpp"

namespace wsblast::target {

// Whose bytes: the id and the backlog of one connection.
struct Outlet {
    transport::ConnectionId cid;
    Backlog& backlog;
};

// False: the connection's backlog, or the memory of all backlogs, is used up; nothing was sent.
enum class Sent : std::uint8_t { no, yes };

// Invariant: a connection whose backlog is not empty is owed an on_room by the transport.
template <class Transport>
class Outflow {
  public:
    Outflow(Transport& transport, Counters& counters) : transport_(transport), counters_(counters) {}

    // Sends a frame. `write(out)` writes its payload of header.payload_size bytes, at once or not at all.
    template <class Write>
    [[nodiscard]] Sent send_frame(Outlet to, const proto::FrameHeader& header, Write&& write) {
        const std::size_t size = proto::header_size(header) + static_cast<std::size_t>(header.payload_size);
        const Sent sent = put(to, size, bytes_max(header.opcode), [&](ByteSpan room) {
            write(room.data() + proto::encode_frame_header(room, header));
        });
        if (sent == Sent::yes) counters_[Count::bytes_sent].add(size);
        return sent;
    }

    [[nodiscard]] Sent send_frame(Outlet to, const proto::FrameHeader& header, ByteView payload) {
        return send_frame(to, header, [&](std::uint8_t* out) { std::ranges::copy(payload, out); });
    }

    // Sends what is no frame: the answer to a request.
    [[nodiscard]] Sent send(Outlet to, ByteView bytes) {
        return put(to, bytes.size(), kDataBytesMax,
                   [&](ByteSpan room) { std::ranges::copy(bytes, room.begin()); });
    }

    // There is room again: sends as much of the backlog as fits.
    void pump(Outlet to) {
        Backlog& backlog = to.backlog;
        while (!backlog.empty()) {
            const std::size_t size =
                std::min<std::size_t>(backlog.end - backlog.begin, limits::kSendBytesMax);
            const ByteSpan room = transport_.reserve(to.cid, size);
            if (room.empty()) return;
            std::memcpy(room.data(), backlog.bytes().data(), size);
            transport_.commit(to.cid, size);
            backlog.begin += static_cast<std::uint32_t>(size);
            if (backlog.begin == backlog.end) drop(backlog);
        }
    }

    // Forgets what was not sent.
    void drop(Backlog& backlog) {
        chunks_.give(backlog.chunk);
        backlog = {};
    }

  private:
    static_assert(limits::kBacklogBytesMax <= ChunkPool::kChunkMax);
    // The last of a backlog is kept for a close frame.
    static constexpr std::size_t kDataBytesMax = limits::kBacklogBytesMax - proto::kControlFrameMax;

    [[nodiscard]] static std::size_t bytes_max(proto::Opcode opcode) {
        return opcode == proto::Opcode::close ? limits::kBacklogBytesMax : kDataBytesMax;
    }

    template <class Write>
    [[nodiscard]] Sent put(Outlet to, std::size_t size, std::size_t backlog_max, Write&& write) {
        if (to.backlog.empty() && size <= limits::kSendBytesMax) {
            const ByteSpan room = transport_.reserve(to.cid, size);
            if (!room.empty()) {
                write(room);
                transport_.commit(to.cid, size);
                return Sent::yes;
            }
        }
        const bool first = to.backlog.empty();
        const ByteSpan room = extend(to.backlog, size, backlog_max);
        if (room.empty()) return Sent::no;
        write(room);
        if (first) pump(to);
        return Sent::yes;
    }

    // Room for `size` bytes at the backlog's end; empty when it would hold more than `bytes_max`.
    [[nodiscard]] ByteSpan extend(Backlog& backlog, std::size_t size, std::size_t bytes_max) {
        const std::size_t held = backlog.end - backlog.begin;
        if (held + size > bytes_max) return {};
        if (backlog.end + size > backlog.chunk.size()) {
            if (backlog.begin > 0) std::memmove(backlog.chunk.data(), backlog.bytes().data(), held);
            backlog.begin = 0;
            backlog.end = static_cast<std::uint32_t>(held);
            const ByteSpan chunk = chunks_.grow(backlog.chunk, held, held + size);
            if (chunk.empty()) return {};
            backlog.chunk = chunk;
        }
        const ByteSpan room = backlog.chunk.subspan(backlog.end, size);
        backlog.end += static_cast<std::uint32_t>(size);
        return room;
    }

    Transport& transport_;
    Counters& counters_;
    ChunkPool chunks_{limits::kBacklogPoolBytes};
};

}  // namespace wsblast::target
