// The service /broadcast: what one member of a channel sends goes to all others, on all workers, in the
// order in which it was sent. The sender gets nothing back.
//
//     on_message() -> frame, once -> members of this worker
//                                 -> Mailbox of each worker that has members -> collect() there -> its
//                                 members
//
// One worker thread. No fault of --delay, --drop and their like touches these messages.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "proto/frame.hpp"
#include "target/board.hpp"
#include "target/channels.hpp"
#include "target/connection.hpp"
#include "target/counters.hpp"
#include "target/endings.hpp"
#include "target/outflow.hpp"

namespace wsblast::target {

template <class Transport>
class Broadcast {
  public:
    // Parts and board live longer. `worker`: whose members these are.
    Broadcast(const ServiceParts<Transport>& parts, Board& board, std::uint32_t worker)
        : parts_(parts),
          board_(board),
          worker_(worker),
          channels_(board.channels(), worker, static_cast<std::uint32_t>(parts.connections.size())),
          frame_(proto::kFrameHeaderMax + limits::kAssembledBytesMax),
          letters_(board.workers()) {}

    [[nodiscard]] bool ok() const { return channels_.ok() && frame_.ok() && board_.mail().ok(); }

    // --- members ---------------------------------------------------------------------------------

    // False: there are too many channels (ChannelRegistry::number_of).
    [[nodiscard]] bool join(transport::ConnectionId cid, std::string_view channel) {
        const auto number = board_.channels().number_of(channel);
        if (number) channels_.join(cid, *number);
        return number.has_value();
    }
    void leave(transport::ConnectionId cid) { channels_.leave(cid); }

    // --- messages --------------------------------------------------------------------------------

    // `payload` has at most limits::kAssembledBytesMax bytes.
    void on_message(const Visit& visit, proto::Opcode opcode, ByteView payload) {
        parts_.counters[Count::messages_received].add();
        parts_.counters[Count::broadcast].add();
        const ByteView frame =
            ByteView(frame_.span())
                .first(proto::encode_frame(frame_.span(), opcode, payload, std::nullopt));
        const ChannelNumber channel = channels_.channel_of(visit.cid);
        deliver(channel, frame, {.cid = visit.cid, .now_ns = visit.now_ns});
        for (std::uint32_t peer = 0; peer < letters_.size(); ++peer) {
            if (peer != worker_) post(peer, channel, frame);
        }
    }

    // Put together first; what is larger than that may be ends the connection.
    void on_fragment(const Visit& visit, proto::Opcode opcode, ByteView piece, proto::FragmentEnd end) {
        std::uint32_t& gathered = visit.connection.gathered;
        gathered += static_cast<std::uint32_t>(piece.size());
        if (gathered > limits::kAssembledBytesMax) return refuse(visit);
        const auto whole = parts_.wire.assemble(visit.cid, piece, end);
        if (!whole) return;
        const bool complete = whole->size() == std::exchange(gathered, 0);
        if (!complete) return refuse(visit);  // no memory to keep it in
        on_message(visit, opcode, *whole);
    }

    // --- other workers ---------------------------------------------------------------------------

    // Delivers what has come from them: once a tick, and from each of them about as much as a connection
    // may send in a tick. When there is more: kNever if there is not, else now.
    [[nodiscard]] TimeNs collect(TimeNs now_ns) {
        TimeNs again_ns = kNever;
        for (std::uint32_t peer = 0; peer < letters_.size(); ++peer) {
            if (peer == worker_) continue;
            Mailbox& box = board_.mail().box(peer, worker_);
            const bool all = box.collect(limits::kSendBytesMax, [&](ChannelNumber channel, ByteView frame) {
                deliver(channel, frame, {.cid = transport::kNoConnection, .now_ns = now_ns});
            });
            if (!all) again_ns = now_ns;
        }
        return again_ns;
    }

    // Wakes those that have got something. Once a burst, not once a message: it is a system call.
    void wake_peers() {
        for (std::uint32_t peer = 0; peer < letters_.size(); ++peer) {
            if (std::exchange(letters_[peer], Letters::none) == Letters::posted) board_.mail().wake(peer);
        }
    }

  private:
    // What was posted to a worker in this burst.
    enum class Letters : std::uint8_t { none, posted };
    // Who sent a message, if it was on this worker, and the time.
    struct Origin {
        transport::ConnectionId cid;
        TimeNs now_ns;
    };

    void refuse(const Visit& visit) { parts_.endings.begin_close(visit, proto::close_code::kTooBig); }

    void deliver(ChannelNumber channel, ByteView frame, const Origin& origin) {
        for (const transport::ConnectionId cid : channels_.members(channel)) {
            const Visit visit{cid, parts_.connections[cid], origin.now_ns};
            if (cid != origin.cid && visit.connection.phase == Phase::open) send(visit, frame);
        }
    }

    void send(const Visit& visit, ByteView frame) {
        const Sent sent = parts_.outflow.send(visit.outlet(), frame);
        if (sent == Sent::yes) {
            parts_.counters[Count::messages_sent].add();
            parts_.counters[Count::bytes_sent].add(frame.size());
        } else {
            parts_.counters[Count::broadcast_dropped].add();
        }
        parts_.endings.check(visit, sent);
    }

    void post(std::uint32_t peer, ChannelNumber channel, ByteView frame) {
        const std::uint64_t members = channels_.members_on(peer, channel);
        if (members == 0) return;
        if (!board_.mail().box(worker_, peer).post(channel, frame)) {
            return parts_.counters[Count::broadcast_dropped].add(members);
        }
        letters_[peer] = Letters::posted;
    }

    ServiceParts<Transport> parts_;
    Board& board_;
    std::uint32_t worker_;
    Channels channels_;
    MappedArray<std::uint8_t> frame_;  // the one that is being sent
    std::vector<Letters> letters_;     // by worker
};

}  // namespace wsblast::target
