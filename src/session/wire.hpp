// A connection's bytes as WebSocket sees them, for either role: heads and frames that arrive in pieces,
// control frames that go out. What is rare (a half-read frame, a half-read head, a pong that found no room)
// lives in a pool and is given back when it is over. What the peer compresses is inflated on the way
// (session/inflations.hpp).
//
// One worker thread; connection ids are the transport's.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/chunk_pool.hpp"
#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/prng.hpp"
#include "proto/close_code.hpp"
#include "proto/frame.hpp"
#include "proto/mask.hpp"
#include "proto/message_reader.hpp"
#include "session/inflations.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

using transport::ConnectionId;

template <proto::Role kRole, class Transport>
class Wire {
  public:
    // `connections_max` ids. `seed`: of the mask keys. `message_size_max`: of what may come.
    Wire(Transport& transport, std::uint32_t connections_max, std::uint64_t seed,
         std::uint64_t message_size_max = limits::kMessageBytesMax)
        : transport_(transport),
          message_size_max_(message_size_max),
          numbers_(connections_max),
          partials_(connections_max),
          inflations_(connections_max),
          masks_(seed) {
        if (kRole == proto::Role::server) scratch_ = MappedArray<std::uint8_t>(limits::kSendBytesMax);
    }

    [[nodiscard]] bool ok() const { return numbers_.ok() && partials_.ok() && inflations_.ok(); }

    // --- heads -----------------------------------------------------------------------------------

    // All bytes of the head so far: `bytes` itself when nothing was kept. Empty when they are more than
    // limits::kHttpHeadMax and a receive buffer.
    [[nodiscard]] ByteView gather_head(ConnectionId cid, ByteView bytes) {
        if (numbers_[cid] == 0) return bytes;
        Partial& partial = partial_of(cid);
        return append(partial, bytes, limits::kHttpHeadMax + limits::kReceiveBufferBytes) ? stored(partial)
                                                                                          : ByteView{};
    }

    // Keeps what gather_head() returned, for the next bytes. False: no memory.
    [[nodiscard]] bool keep_head(ConnectionId cid, ByteView head) {
        if (numbers_[cid] != 0) return true;  // already there
        return append(partial_of(cid), head, ChunkPool::kChunkMax);
    }

    // --- frames ----------------------------------------------------------------------------------

    // The peer may compress its messages from now on.
    void agree(ConnectionId cid, const InflateTerms& terms) { inflations_.agree(cid, terms); }
    [[nodiscard]] bool agreed(ConnectionId cid) const { return inflations_.agreed(cid); }
    // Of what the inflaters take. `budget` lives longer.
    void bound_inflaters(MemoryBudget& budget) { inflations_.bound(budget); }
    // Of compressed messages, on all connections since the last call.
    [[nodiscard]] InflatedBytes take_inflated() { return inflations_.take_counts(); }

    // Feeds the frame reader; see proto::MessageReader. A compressed message reaches the sink as any other,
    // but does not ask it whether to go on. After a violation or a close nothing more is to be read.
    template <class Sink>
    proto::ReadResult read(ConnectionId cid, ByteView bytes, Sink& sink) {
        proto::ReadOptions options;
        options.message_size_max = message_size_max_;
        options.scratch = scratch_.span();
        if (inflations_.agreed(cid)) [[unlikely]]
            return read_compressed(cid, bytes, sink, options);
        return read_frames(cid, bytes, sink, options);
    }

    // Puts a message together from the pieces of on_fragment(). Complete: the whole message, valid until
    // the connection's next bytes. A message above limits::kAssembledBytesMax is given up: it completes as
    // empty.
    [[nodiscard]] std::optional<ByteView> assemble(ConnectionId cid, ByteView piece,
                                                   proto::FragmentEnd end) {
        Partial& partial = partial_of(cid);
        if (!append(partial, piece, limits::kAssembledBytesMax)) partial.size = kGivenUp;
        if (end == proto::FragmentEnd::more) return std::nullopt;
        const ByteView whole = partial.size == kGivenUp ? ByteView{} : stored(partial);
        partial.size = 0;
        return whole;
    }

    // --- sending ---------------------------------------------------------------------------------

    // Sends an unfragmented frame. False: no room now; on_room follows. `payload` above kSendBytesMax - 14
    // never finds room.
    [[nodiscard]] bool send(ConnectionId cid, proto::Opcode opcode, ByteView payload) {
        const std::size_t bytes_max = proto::kFrameHeaderMax + payload.size();
        const ByteSpan room = transport_.reserve(cid, bytes_max);
        if (room.empty()) return false;
        transport_.commit(cid, proto::encode_frame(room, opcode, payload, next_mask()));
        return true;
    }

    // Sends a message that is compressed, in room that was reserved and is large enough for it. Returns the
    // size of its frame.
    std::size_t commit_compressed(ConnectionId cid, ByteSpan room, proto::Opcode opcode, ByteView payload) {
        const proto::FrameHeader header{
            .opcode = opcode, .rsv1 = true, .mask_key = next_mask(), .payload_size = payload.size()};
        const std::size_t at = proto::encode_frame_header(room, header);
        proto::mask_copy(room.subspan(at), payload, header.mask_key.value_or(proto::MaskKey{}));
        transport_.commit(cid, at + payload.size());
        return at + payload.size();
    }

    // Answers a ping. Without room only the newest is answered, later (RFC 6455 5.5.3): one that waits is
    // not sent after it.
    void send_pong(ConnectionId cid, ByteView payload) {
        if (send(cid, proto::Opcode::pong, payload)) {
            if (numbers_[cid] != 0) partial_of(cid).pong_waits = PongWaits::no;
            return;
        }
        Partial& partial = partial_of(cid);
        partial.pong_size = static_cast<std::uint8_t>(payload.size());
        partial.pong_waits = PongWaits::yes;
        std::memcpy(partial.pong.data(), payload.data(), payload.size());
    }

    // There is room again: what was put off is sent first.
    void on_room(ConnectionId cid) {
        if (numbers_[cid] == 0) return;
        Partial& partial = partial_of(cid);
        if (partial.pong_waits == PongWaits::no) return;
        partial.pong_waits = PongWaits::no;
        send_pong(cid, ByteView(partial.pong).first(partial.pong_size));
        drop_if_idle(cid);
    }

    // Sends a close frame; code 1005 sends an empty one. False: as send().
    [[nodiscard]] bool send_close(ConnectionId cid, const proto::CloseFrame& close) {
        const ByteSpan room = transport_.reserve(cid, proto::kControlFrameMax);
        if (room.empty()) return false;
        transport_.commit(cid, proto::encode_close_frame(room, close, next_mask()));
        return true;
    }

    // Forgets what was kept for a connection.
    void drop(ConnectionId cid) {
        drop_partial(cid);
        inflations_.drop(cid);
    }

  private:
    // What stands between the frame reader and a sink where the peer may compress.
    template <class Sink>
    struct Inflating {
        Inflations& inflations;
        ConnectionId cid;
        std::uint64_t size_max;
        Sink& sink;
        proto::Violation violation = proto::Violation::none;

        proto::Flow on_message(proto::Opcode opcode, ByteView payload) {
            return sink.on_message(opcode, payload);
        }
        proto::Flow on_fragment(proto::Opcode opcode, ByteView piece, proto::FragmentEnd end) {
            return sink.on_fragment(opcode, piece, end);
        }
        proto::Flow on_compressed(proto::Opcode opcode, ByteView piece, proto::FragmentEnd end) {
            violation = inflations.read({cid, opcode, piece, end}, size_max, sink);
            return violation == proto::Violation::none ? proto::Flow::go_on : proto::Flow::stop;
        }
        proto::Flow on_ping(ByteView payload) { return sink.on_ping(payload); }
        proto::Flow on_pong(ByteView payload) { return sink.on_pong(payload); }
        void on_close(const proto::CloseFrame& close) { sink.on_close(close); }
    };

    // Apart from the way of what is not compressed, which it would only make longer.
    template <class Sink>
    [[gnu::noinline]] proto::ReadResult read_compressed(ConnectionId cid, ByteView bytes, Sink& sink,
                                                        proto::ReadOptions options) {
        options.compression = proto::Compression::negotiated;
        Inflating<Sink> inflating{inflations_, cid, message_size_max_, sink};
        proto::ReadResult result = read_frames(cid, bytes, inflating, options);
        if (inflating.violation == proto::Violation::none) return result;
        result.status = proto::ReadStatus::violation;
        result.violation = inflating.violation;
        return result;
    }

    template <class Sink>
    proto::ReadResult read_frames(ConnectionId cid, ByteView bytes, Sink& sink,
                                  const proto::ReadOptions& options) {
        if (numbers_[cid] == 0) {
            proto::MessageReader<kRole> reader;
            const proto::ReadResult result = reader.consume(bytes, sink, options);
            if (!reader.idle()) {
                partial_of(cid).reader = reader;
            } else if (numbers_[cid] != 0) {
                drop_if_idle(cid);  // the sink put a message together, or put a pong off
            }
            return result;
        }
        const proto::ReadResult result = partial_of(cid).reader.consume(bytes, sink, options);
        if (numbers_[cid] != 0) drop_if_idle(cid);
        return result;
    }

    void drop_partial(ConnectionId cid) {
        if (numbers_[cid] == 0) return;
        Partial& partial = partial_of(cid);
        chunks_.give(partial.chunk);
        partial.chunk = {};
        partials_.give(numbers_[cid]);
        numbers_[cid] = 0;
    }

    enum class PongWaits : std::uint8_t { no, yes };
    static constexpr std::uint32_t kGivenUp = ~0u;

    // Invariant: the first `size` bytes of the chunk are a head, or a message's pieces, so far.
    struct Partial {
        proto::MessageReader<kRole> reader;
        ByteSpan chunk;
        std::uint32_t size;
        PongWaits pong_waits;
        std::uint8_t pong_size;
        std::array<std::uint8_t, proto::kControlPayloadMax> pong;
    };

    // Numbered from 1, so that zeroed memory says "none".
    class PartialPool {
      public:
        explicit PartialPool(std::uint32_t count) : partials_(count), free_(count) {}
        [[nodiscard]] bool ok() const { return partials_.ok() && free_.ok(); }
        [[nodiscard]] std::uint32_t take() {
            const std::uint32_t number = free_count_ > 0 ? free_[--free_count_] : ++used_;
            Partial& partial = at(number);
            partial.reader = {};
            partial.chunk = {};
            partial.size = 0;
            partial.pong_waits = PongWaits::no;
            return number;
        }
        void give(std::uint32_t number) { free_[free_count_++] = number; }
        [[nodiscard]] Partial& at(std::uint32_t number) { return partials_[number - 1]; }

      private:
        MappedArray<Partial> partials_;
        MappedArray<std::uint32_t> free_;
        std::uint32_t free_count_ = 0;
        std::uint32_t used_ = 0;
    };

    [[nodiscard]] Partial& partial_of(ConnectionId cid) {
        if (numbers_[cid] == 0) numbers_[cid] = partials_.take();
        return partials_.at(numbers_[cid]);
    }

    void drop_if_idle(ConnectionId cid) {
        const Partial& partial = partial_of(cid);
        if (partial.reader.idle() && partial.size == 0 && partial.pong_waits == PongWaits::no)
            drop_partial(cid);
    }

    [[nodiscard]] static ByteView stored(const Partial& partial) {
        return partial.chunk.first(partial.size);
    }

    [[nodiscard]] bool append(Partial& partial, ByteView bytes, std::size_t size_max) {
        if (partial.size == kGivenUp || partial.size + bytes.size() > size_max) return false;
        if (bytes.empty()) return true;
        const std::size_t size = partial.size + bytes.size();
        const ByteSpan chunk = chunks_.grow(partial.chunk, partial.size, size);
        if (chunk.empty()) return false;
        std::memcpy(chunk.data() + partial.size, bytes.data(), bytes.size());
        partial.chunk = chunk;
        partial.size = static_cast<std::uint32_t>(size);
        return true;
    }

    [[nodiscard]] std::optional<proto::MaskKey> next_mask() {
        if constexpr (kRole == proto::Role::server) return std::nullopt;
        const std::uint64_t random = masks_.next();
        proto::MaskKey key{};
        std::memcpy(key.data(), &random, key.size());
        return key;
    }

    Transport& transport_;
    std::uint64_t message_size_max_;
    MappedArray<std::uint32_t> numbers_;  // by connection: its partial's, or 0
    PartialPool partials_;
    ChunkPool chunks_{limits::kSpillBytesMax};
    MappedArray<std::uint8_t> scratch_;
    Inflations inflations_;
    Prng masks_;
};

}  // namespace wsblast::session
