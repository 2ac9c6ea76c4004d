// What the connections of one ring send: their pieces gather in the outbox, leave together when the tick
// ends, and what the kernel did not take is spilled and finished by a request that waits for room.
//
// One worker thread. A failed send is returned as the reason to end its connection; the lane ends it.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/chunk_pool.hpp"
#include "base/mapped_array.hpp"
#include "ring/user_data.hpp"
#include "transport/link.hpp"
#include "transport/outbox.hpp"
#include "transport/slot_list.hpp"
#include "transport/transport.hpp"

namespace wsblast::transport {

template <class Ring>
class SendSide {
  public:
    // `links` by slot; everything lives longer.
    SendSide(Ring& ring, MappedArray<Link>& links, ChunkPool& spill_pool, TransportCounters& counters)
        : ring_(ring),
          links_(links),
          spill_pool_(spill_pool),
          counters_(counters),
          spills_(links.size()),
          outbox_(static_cast<std::uint32_t>(links.size())),
          roomless_(2 * static_cast<std::uint32_t>(links.size())) {}

    [[nodiscard]] bool ok() const { return spills_.ok() && outbox_.ok(); }

    // --- by the connection's owner: see transport.hpp --------------------------------------------

    [[nodiscard]] ByteSpan reserve(std::uint32_t slot, std::size_t size) {
        Link& link = links_[slot];
        ByteSpan room;
        if (may_send(link)) room = outbox_.reserve(link.send_index(), size);
        if (room.empty()) want_room(slot);
        return room;
    }

    void commit(std::uint32_t slot, std::size_t size) {
        if (size == 0) return;
        Link& link = links_[slot];
        link.set_send_index(outbox_.commit(link.send_index(), slot, size));
    }

    [[nodiscard]] bool commit_ref(std::uint32_t slot, ByteView bytes) {
        Link& link = links_[slot];
        if (link.send_index() == kNoSend && may_send(link)) {
            link.set_send_index(
                outbox_.begin({bytes.data(), static_cast<std::uint32_t>(bytes.size()), slot}));
            return true;
        }
        const ByteSpan room = reserve(slot, bytes.size());
        if (room.empty()) return false;
        std::memcpy(room.data(), bytes.data(), bytes.size());
        commit(slot, bytes.size());
        return true;
    }

    // --- by the lane -----------------------------------------------------------------------------

    // Queues the sends of this tick.
    void flush() {
        std::uint32_t index = 0;
        for (const Outgoing& send : outbox_.turn()) {
            if (send.size > 0) {
                Link& link = links_[send.slot];
                link.set_send_index(kNoSend);
                ring_.send(send.slot, send.bytes(), link.user_data(ring::Op::send, index));
            }
            ++index;
        }
    }

    // Whose send a completion of Op::send is about.
    [[nodiscard]] std::uint32_t slot_of(const ring::Completion& completion) const {
        return outbox_.submitted(completion.user_data.slot).slot;
    }

    // A send of the tick before was not done when it was submitted: what is left of it, and what was
    // written since, goes into a spill, in this order. Returns why the connection has to end, if it has.
    [[nodiscard]] std::optional<CloseEvent> on_short_send(const ring::Completion& completion) {
        if (failed(completion)) return CloseEvent{cause_of(-completion.result), -completion.result};
        const Outgoing& send = outbox_.submitted(completion.user_data.slot);
        Link& link = links_[send.slot];
        ++counters_.short_sends;
        const ByteView left =
            send.bytes().subspan(static_cast<std::size_t>(std::max(completion.result, 0)));
        const ByteView later =
            link.send_index() == kNoSend ? ByteView{} : outbox_.written(link.send_index()).bytes();
        const ByteSpan chunk = spill_pool_.take(left.size() + later.size());
        if (chunk.empty()) return CloseEvent{CloseCause::no_memory, ENOMEM};
        std::ranges::copy(later, std::ranges::copy(left, chunk.begin()).out);
        withdraw(link);
        spills_[send.slot] = {chunk, 0, static_cast<std::uint32_t>(left.size() + later.size())};
        send_rest(send.slot);
        return std::nullopt;
    }

    // A send_rest of an open or draining connection has ended. When all is sent, room is offered, or its
    // owner is told by link.has(InFlight::send_rest).
    [[nodiscard]] std::optional<CloseEvent> on_send_rest(std::uint32_t slot,
                                                         const ring::Completion& completion) {
        if (failed(completion) && completion.result != -EINTR) {
            return CloseEvent{cause_of(-completion.result), -completion.result};
        }
        Spill& spill = spills_[slot];
        spill.begin += static_cast<std::uint32_t>(std::max(completion.result, 0));
        if (spill.begin < spill.end) {
            send_rest(slot);
            return std::nullopt;
        }
        drop_spill(slot);
        if (links_[slot].room_wanted == RoomWanted::yes) roomless_.push(slot);
        return std::nullopt;
    }

    // Takes back what the connection wrote in this tick.
    void withdraw(Link& link) {
        if (link.send_index() != kNoSend) outbox_.written(link.send_index()).size = 0;
        link.set_send_index(kNoSend);
    }

    // Nothing of it may be in flight any more.
    void drop_spill(std::uint32_t slot) {
        spill_pool_.give(spills_[slot].chunk);
        spills_[slot] = {};
    }

    // Calls offer(slot) for each connection that was refused room and may have it now.
    template <class Offer>
    void offer_room(Offer&& offer) {
        for (std::uint32_t left = roomless_.size(); left > 0; --left) {
            const std::uint32_t slot = roomless_.pop_oldest();
            Link& link = links_[slot];
            if (link.room_wanted == RoomWanted::no || link.has(InFlight::send_rest)) continue;
            link.room_wanted = RoomWanted::no;
            if (link.state == LinkState::open) offer(slot);
        }
    }

    // Somebody waits for room that the next tick will bring.
    [[nodiscard]] bool has_roomless() const { return roomless_.size() > 0; }

  private:
    [[nodiscard]] static bool may_send(const Link& link) {
        return link.state == LinkState::open && !link.has(InFlight::send_rest);
    }
    [[nodiscard]] static bool failed(const ring::Completion& completion) {
        return completion.result < 0 && completion.result != -EAGAIN;
    }

    void want_room(std::uint32_t slot) {
        Link& link = links_[slot];
        if (link.room_wanted == RoomWanted::yes || link.state != LinkState::open) return;
        link.room_wanted = RoomWanted::yes;
        if (!link.has(InFlight::send_rest)) roomless_.push(slot);
    }

    void send_rest(std::uint32_t slot) {
        Link& link = links_[slot];
        link.add(InFlight::send_rest);
        ring_.send_rest(slot, spills_[slot].rest(), link.user_data(ring::Op::send_rest, slot));
    }

    Ring& ring_;
    MappedArray<Link>& links_;
    ChunkPool& spill_pool_;
    TransportCounters& counters_;
    MappedArray<Spill> spills_;  // by slot, untouched unless the kernel was full
    Outbox outbox_;
    SlotList roomless_;  // were refused room for want of arena space, or have it again
};

}  // namespace wsblast::transport
