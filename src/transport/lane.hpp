// One ring of a worker and the connections in its table: the lives of links, what they send and receive.
//
// Completions only change state; requests that follow from them are queued, and all leave together when the
// transport enters the ring at the tick's end. Calls of the handler are listed in transport.hpp.
#pragma once

#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/chunk_pool.hpp"
#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "transport/link.hpp"
#include "transport/receive_side.hpp"
#include "transport/send_side.hpp"
#include "transport/slot_list.hpp"
#include "transport/source_plan.hpp"
#include "transport/transport.hpp"

namespace wsblast::transport {

// What the lanes of one worker share.
struct LaneShared {
    std::optional<SourceSlice> sources;  // there when connections are opened
    ChunkPool spills{limits::kSpillBytesMax};
    ring::StampClock stamp_clock;  // refreshed before a burst, when there are stamps
    TransportCounters counters;
};

template <class Ring>
class Lane {
  public:
    // `first_id`: the connection id of slot 0. `slots`: the size of the ring's table.
    Lane(std::unique_ptr<Ring> ring, LaneShared& shared, ConnectionId first_id, std::uint32_t slots)
        : ring_(std::move(ring)),
          shared_(shared),
          first_id_(first_id),
          links_(slots),
          sends_(*ring_, links_, shared.spills, shared.counters),
          receives_(*ring_, links_, shared.stamp_clock, shared.counters),
          free_(slots),
          leaving_(2 * slots) {  // a slot may be in it once more before its former owner's entry is met
        for (std::uint32_t slot = slots; slot-- > 0;) free_.push(slot);
    }

    [[nodiscard]] bool ok() const { return links_.ok() && sends_.ok(); }
    [[nodiscard]] Ring& ring() { return *ring_; }
    [[nodiscard]] std::uint32_t free_slots() const { return free_.size(); }
    // On the listening socket of that number (below limits::kListenersMax).
    [[nodiscard]] std::uint32_t accepts_armed(std::uint32_t listener) const {
        return accepts_armed_[listener];
    }
    // The error of an accept that failed since the last call, or 0.
    [[nodiscard]] int take_accept_error() { return std::exchange(accept_error_, 0); }

    // --- connections -----------------------------------------------------------------------------

    // There must be a free slot.
    [[nodiscard]] ConnectionId open(TargetId target) {
        const std::uint32_t slot = free_.pop();
        links_[slot].begin(LinkState::connecting, target);
        connect(slot);
        return first_id_ + slot;
    }

    // Arms one accept of a listening socket on a free slot.
    void accept(int listen_descriptor, std::uint32_t listener) {
        const std::uint32_t slot = free_.pop();
        Link& link = links_[slot];
        link.begin(LinkState::accepting, listener);
        link.add(InFlight::accept);
        ++accepts_armed_[listener];
        ring_->accept(listen_descriptor, slot, link.user_data(ring::Op::accept, slot));
    }

    [[nodiscard]] ByteSpan reserve(std::uint32_t slot, std::size_t size) {
        return sends_.reserve(slot, size);
    }
    void commit(std::uint32_t slot, std::size_t size) { sends_.commit(slot, size); }
    [[nodiscard]] bool commit_ref(std::uint32_t slot, ByteView bytes) {
        return sends_.commit_ref(slot, bytes);
    }

    void close(std::uint32_t slot, CloseMode mode) {
        Link& link = links_[slot];
        switch (mode) {
            case CloseMode::reset:
                if (link.receives()) ring_->reset(slot);
                return end(slot, {CloseCause::local, 0});
            case CloseMode::abort: return end(slot, {CloseCause::local, 0});
            case CloseMode::graceful:
                if (link.state == LinkState::connecting) return end(slot, {CloseCause::local, 0});
                if (!link.receives()) return;
                link.state = LinkState::draining;
                return leave_after_sends(slot, AfterSends::close);
            case CloseMode::half:
                if (link.state != LinkState::open) return;
                link.state = LinkState::half_closed;
                return leave_after_sends(slot, AfterSends::shutdown);
        }
    }

    void pause(std::uint32_t slot) { receives_.pause(slot); }
    void resume(std::uint32_t slot) { receives_.resume(slot); }

    void inspect(std::uint32_t slot) {
        Link& link = links_[slot];
        if (!link.receives() || link.has(InFlight::inspect)) return;
        if (ring_->inspect(slot, link.user_data(ring::Op::inspect, slot))) link.add(InFlight::inspect);
    }

    // --- a tick ----------------------------------------------------------------------------------

    // Queues what has gathered since the last tick. The caller enters the ring next.
    void flush() {
        receives_.flush();
        sends_.flush();
    }

    // Acts on all completions that are there, then on what they made possible.
    template <class Handler>
    void reap(Handler& handler, TimeNs now_ns) {
        for (;;) {
            const auto batch = ring_->take_completions();
            if (batch.empty()) {
                if (!ring_->overflowed()) break;
                ++shared_.counters.cq_overflows;
                ring_->enter();
                continue;
            }
            for (std::size_t i = 0; i < batch.size(); ++i) {
                prefetch(handler, batch, i + kPrefetchDistance);
                act(batch[i], handler, now_ns);
            }
            ring_->publish_buffers();
        }
        leave();
        sends_.offer_room([&](std::uint32_t slot) { handler.on_room(first_id_ + slot); });
    }

    // Calls take(number) for each poll of the ring that has fired since the last call.
    template <class Take>
    void take_fired_polls(Take&& take) {
        for (const std::uint32_t number : fired_polls_) take(number);
        fired_polls_.clear();
    }

    // Something waits that only the next tick can do: the coming wait must not block.
    [[nodiscard]] bool has_deferred_work() const {
        return receives_.has_starved() || leaving_.size() > 0 || sends_.has_roomless();
    }

  private:
    static constexpr std::size_t kPrefetchDistance = 4;

    template <class Handler>
    void prefetch(Handler& handler, std::span<const ring::Completion> batch, std::size_t index) {
        if (index >= batch.size()) return;
        const std::uint32_t slot = batch[index].user_data.slot;
        if (slot >= links_.size()) return;
        __builtin_prefetch(&links_[slot]);
        if constexpr (requires { handler.prefetch(first_id_ + slot); }) handler.prefetch(first_id_ + slot);
    }

    template <class Handler>
    void act(const ring::Completion& completion, Handler& handler, TimeNs now_ns) {
        switch (completion.user_data.op) {
            case ring::Op::receive: return on_receive(completion, handler, now_ns);
            case ring::Op::send: return on_short_send(completion);
            case ring::Op::send_rest: return on_send_rest(completion, handler, now_ns);
            case ring::Op::connect: return on_connect(completion, handler, now_ns);
            case ring::Op::accept: return on_accept(completion, handler, now_ns);
            case ring::Op::shutdown: return on_finished(completion, InFlight::shutdown, handler, now_ns);
            case ring::Op::close: return on_finished(completion, InFlight::close, handler, now_ns);
            case ring::Op::inspect: return on_inspected(completion, handler, now_ns);
            case ring::Op::poll: fired_polls_.push_back(completion.user_data.slot); return;
            case ring::Op::none: return;
        }
    }

    // The link that a completion belongs to, or null when its slot has another owner by now.
    [[nodiscard]] Link* owner(const ring::Completion& completion) {
        Link& link = links_[completion.user_data.slot];
        const bool same = (link.generation & ring::kGenerationMask) == completion.user_data.generation;
        return same && link.state != LinkState::free ? &link : nullptr;
    }

    // --- connecting ------------------------------------------------------------------------------

    // Takes pairs of the plan until one is not refused at once.
    void connect(std::uint32_t slot) {
        Link& link = links_[slot];
        int error = -EADDRINUSE;
        while (error == -EADDRINUSE && link.tries < limits::kSourceTriesMax) {
            if (link.tries++ > 0) ++shared_.counters.source_retries;
            const SourcePair pair = shared_.sources->next(link.target);
            error = ring_->connect(slot, pair.source, pair.destination,
                                   link.user_data(ring::Op::connect, slot));
        }
        if (error == 0) {
            link.add(InFlight::connect);
        } else {
            end(slot, {cause_of(-error), -error});
        }
    }

    template <class Handler>
    void on_connect(const ring::Completion& completion, Handler& handler, TimeNs now_ns) {
        Link* link = owner(completion);
        if (link == nullptr || !link->has(InFlight::connect)) return;
        const std::uint32_t slot = completion.user_data.slot;
        link->remove(InFlight::connect);
        if (link->state == LinkState::closing) return settle(slot, handler, now_ns);
        if (completion.result >= 0) return begin(slot, handler, now_ns);
        const bool taken = completion.result == -EADDRINUSE || completion.result == -EADDRNOTAVAIL;
        if (taken && link->tries < limits::kSourceTriesMax) return connect(slot);
        end(slot, {cause_of(-completion.result), -completion.result});
    }

    template <class Handler>
    void on_accept(const ring::Completion& completion, Handler& handler, TimeNs now_ns) {
        Link* link = owner(completion);
        if (link == nullptr || !link->has(InFlight::accept)) return;
        const std::uint32_t slot = completion.user_data.slot;
        link->remove(InFlight::accept);
        --accepts_armed_[link->target];
        if (completion.result >= 0) return begin(slot, handler, now_ns);
        accept_error_ = -completion.result;
        ++link->generation;
        link->state = LinkState::free;
        free_.push(slot);
    }

    template <class Handler>
    void begin(std::uint32_t slot, Handler& handler, TimeNs now_ns) {
        links_[slot].state = LinkState::open;
        receives_.arm(slot);
        handler.on_open(first_id_ + slot, now_ns);
    }

    // --- receiving -------------------------------------------------------------------------------

    template <class Handler>
    void on_receive(const ring::Completion& completion, Handler& handler, TimeNs now_ns) {
        Link* link = owner(completion);
        const std::uint32_t slot = completion.user_data.slot;
        receives_.deliver(completion, link, now_ns, [&](ByteView bytes, TimeNs stamp_ns) {
            handler.on_bytes(first_id_ + slot, bytes, Arrival{now_ns, stamp_ns});
        });
        if (link == nullptr) return;
        if (completion.armed == ring::Armed::no) link->remove(InFlight::receive);
        if (link->state == LinkState::closing) {
            // Armed after its slot was closed: the cancel came while it was at work.
            if (link->has(InFlight::receive) && !link->has(InFlight::close))
                ring_->cancel(completion.user_data);
            return settle(slot, handler, now_ns);
        }
        if (completion.result > 0 || completion.result == -ECANCELED) {
            if (completion.armed == ring::Armed::no) receives_.arm_again(slot);
            return;
        }
        if (completion.result == -ENOBUFS) {
            receives_.starve(slot);
        } else if (completion.result == 0) {
            on_peer_end(slot);
        } else {
            end(slot, {cause_of(-completion.result), -completion.result});
        }
    }

    // The peer has no more to say, and may still read: what was committed before a close is sent to it.
    void on_peer_end(std::uint32_t slot) {
        Link& link = links_[slot];
        if (link.after_sends == AfterSends::nothing) return end(slot, {CloseCause::peer_closed, 0});
        if (link.after_sends == AfterSends::shutdown) link.end = {CloseCause::peer_closed, 0};
        link.state = LinkState::draining;
        link.after_sends = AfterSends::close;
    }

    // --- sending ---------------------------------------------------------------------------------

    void on_short_send(const ring::Completion& completion) {
        const std::uint32_t slot = sends_.slot_of(completion);
        const Link& link = links_[slot];
        const bool same = (link.generation & ring::kGenerationMask) == completion.user_data.generation;
        if (!same || link.state == LinkState::free || link.state == LinkState::closing) return;
        if (const auto why = sends_.on_short_send(completion)) end(slot, *why);
    }

    template <class Handler>
    void on_send_rest(const ring::Completion& completion, Handler& handler, TimeNs now_ns) {
        Link* link = owner(completion);
        if (link == nullptr || !link->has(InFlight::send_rest)) return;
        const std::uint32_t slot = completion.user_data.slot;
        link->remove(InFlight::send_rest);
        if (link->state == LinkState::closing) return settle(slot, handler, now_ns);
        if (const auto why = sends_.on_send_rest(slot, completion)) return end(slot, *why);
        if (!link->has(InFlight::send_rest) && link->after_sends != AfterSends::nothing)
            leaving_.push(slot);
    }

    // --- closing ---------------------------------------------------------------------------------

    void leave_after_sends(std::uint32_t slot, AfterSends what) {
        const bool listed = links_[slot].after_sends != AfterSends::nothing;
        links_[slot].after_sends = what;
        if (!listed && !links_[slot].has(InFlight::send_rest)) leaving_.push(slot);
    }

    // Links whose sends have all been taken by the kernel; one that wrote in this tick waits for the next.
    void leave() {
        for (std::uint32_t left = leaving_.size(); left > 0; --left) {
            const std::uint32_t slot = leaving_.pop_oldest();
            Link& link = links_[slot];
            if (link.has(InFlight::send_rest) || link.after_sends == AfterSends::nothing) continue;
            if (link.send_index() != kNoSend) {
                leaving_.push(slot);
                continue;
            }
            const AfterSends what = std::exchange(link.after_sends, AfterSends::nothing);
            if (what == AfterSends::close) {
                end(slot, link.end);
            } else if (what == AfterSends::shutdown) {
                link.add(InFlight::shutdown);
                ring_->shutdown(slot, link.user_data(ring::Op::shutdown, slot));
            }
        }
    }

    // Begins the end: everything in flight is cancelled, then the slot is closed.
    void end(std::uint32_t slot, CloseEvent why) {
        Link& link = links_[slot];
        if (link.state == LinkState::closing || link.state == LinkState::free) return;
        link.end = why;
        link.state = LinkState::closing;
        link.after_sends = AfterSends::nothing;
        link.room_wanted = RoomWanted::no;
        sends_.withdraw(link);
        const CancelList requests = cancellable(link, slot);
        link.add(InFlight::close);
        ring_->close(slot, requests.view(), link.user_data(ring::Op::close, slot));
    }

    template <class Handler>
    void on_finished(const ring::Completion& completion, InFlight what, Handler& handler, TimeNs now_ns) {
        Link* link = owner(completion);
        if (link == nullptr || !link->has(what)) return;
        link->remove(what);
        settle(completion.user_data.slot, handler, now_ns);
    }

    template <class Handler>
    void on_inspected(const ring::Completion& completion, Handler& handler, TimeNs now_ns) {
        const std::optional<TcpInfo> info = ring_->inspected(completion);  // whoever owns the slot now
        Link* link = owner(completion);
        if (link == nullptr || !link->has(InFlight::inspect)) return;
        const std::uint32_t slot = completion.user_data.slot;
        link->remove(InFlight::inspect);
        if constexpr (requires { handler.on_inspected(first_id_ + slot, *info); }) {
            if (info && link->receives()) return handler.on_inspected(first_id_ + slot, *info);
        }
        settle(slot, handler, now_ns);
    }

    // The last completion of a closing link frees it.
    template <class Handler>
    void settle(std::uint32_t slot, Handler& handler, TimeNs now_ns) {
        Link& link = links_[slot];
        if (link.state != LinkState::closing || link.in_flight != 0) return;
        sends_.drop_spill(slot);
        const CloseEvent why = link.end;
        ++link.generation;
        link.state = LinkState::free;
        free_.push(slot);
        handler.on_close(first_id_ + slot, why, now_ns);
    }

    // Constant after construction.
    std::unique_ptr<Ring> ring_;
    LaneShared& shared_;
    ConnectionId first_id_;
    // Per connection.
    MappedArray<Link> links_;
    SendSide<Ring> sends_;
    ReceiveSide<Ring> receives_;
    SlotList free_;
    SlotList leaving_;  // close or shut down once their sends are done
    std::array<std::uint32_t, limits::kListenersMax> accepts_armed_{};
    std::vector<std::uint32_t> fired_polls_;
    int accept_error_ = 0;
};

}  // namespace wsblast::transport
