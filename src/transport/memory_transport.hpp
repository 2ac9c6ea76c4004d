// The transport over memory: a client and a server in one thread, joined by a network that they share.
//
// For deterministic tests of everything above the seam, with faults if asked for, and for measuring our own
// code without the kernel's.
#pragma once

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/units.hpp"
#include "transport/memory_faults.hpp"
#include "transport/memory_wire.hpp"
#include "transport/slot_list.hpp"
#include "transport/transport.hpp"

namespace wsblast::transport {

// The client opens connections, the server accepts them.
enum class Side : std::uint8_t { client, server };

enum class MemoryClock : std::uint8_t {
    virtual_time,  // moves by advance_to() only
    real_time,     // the monotonic clock
};

struct MemoryNetworkOptions {
    MemoryClock clock = MemoryClock::virtual_time;
    std::size_t arena_bytes = limits::kArenaBytes;  // of each direction: what can be under way
    std::optional<MemoryFaults> faults;
};

// What lies between two transports, and the time of both. Must outlive them; does not move.
class MemoryNetwork {
  public:
    explicit MemoryNetwork(const MemoryNetworkOptions& options = {})
        : clock_(options.clock),
          directions_{Direction(options, Side::client), Direction(options, Side::server)} {}
    MemoryNetwork(const MemoryNetwork&) = delete;
    MemoryNetwork& operator=(const MemoryNetwork&) = delete;

    // False when there was no address space for it.
    [[nodiscard]] bool ok() const { return directions_[0].wire.ok() && directions_[1].wire.ok(); }

    [[nodiscard]] TimeNs now_ns() const {
        return clock_ == MemoryClock::real_time ? monotonic_now() : virtual_now_ns_;
    }

    // Virtual time only; never backwards.
    void advance_to(TimeNs time_ns) {
        assert(clock_ == MemoryClock::virtual_time && time_ns >= virtual_now_ns_);
        virtual_now_ns_ = time_ns;
    }

    // When a poll() will find something that has been sent: now, later because it is delayed, or kNever.
    [[nodiscard]] TimeNs next_arrival_ns() const {
        TimeNs arrival_ns = kNever;
        for (const Direction& direction : directions_) {
            if (!direction.wire.packets().empty()) return now_ns();
            if (direction.line) arrival_ns = std::min(arrival_ns, direction.line->next_arrival_ns());
        }
        return arrival_ns;
    }

    [[nodiscard]] Wire& wire_to(Side side) { return toward(side).wire; }
    // The faults in front of a side, null when there are none.
    [[nodiscard]] FaultyLine* line_to(Side side) {
        return toward(side).line ? &*toward(side).line : nullptr;
    }

  private:
    struct Direction {
        Direction(const MemoryNetworkOptions& options, Side reader) : wire(options.arena_bytes) {
            if (options.faults) line.emplace(*options.faults, static_cast<std::uint64_t>(reader));
        }
        Wire wire;
        std::optional<FaultyLine> line;
    };

    [[nodiscard]] Direction& toward(Side side) { return directions_[static_cast<std::size_t>(side)]; }

    MemoryClock clock_;
    TimeNs virtual_now_ns_ = kSecond;  // so that a second before it is a time as well
    Direction directions_[2];
};

// Satisfies Transport. All targets lead to the one server. poll() never blocks, whatever it is allowed.
//
// Invariant: an id is in free_ exactly when its end is free, in closing_ exactly when it is closing.
class MemoryTransport {
  public:
    MemoryTransport(MemoryNetwork& network, Side side, std::uint32_t connections_max)
        : network_(network),
          in_(network.wire_to(side)),
          out_(network.wire_to(side == Side::client ? Side::server : Side::client)),
          line_(network.line_to(side)),
          arrivals_(side == Side::client ? Arrivals::refused : Arrivals::accepted),
          ends_(connections_max),
          free_(connections_max),
          closing_(connections_max),
          roomless_(connections_max) {
        for (ConnectionId cid = connections_max; cid-- > 0;) free_.push(cid);
    }
    MemoryTransport(const MemoryTransport&) = delete;
    MemoryTransport& operator=(const MemoryTransport&) = delete;

    [[nodiscard]] bool ok() const { return network_.ok() && ends_.ok(); }
    [[nodiscard]] std::uint32_t capacity() const { return static_cast<std::uint32_t>(ends_.size()); }
    [[nodiscard]] const TransportCounters& counters() const { return counters_; }

    [[nodiscard]] ConnectionId open(TargetId) {
        if (free_.size() == 0) return kNoConnection;
        const ConnectionId cid = free_.pop();
        ends_[cid].state = EndState::opening;
        out_.signal(PacketKind::open, {}, name_of(cid));
        return cid;
    }

    [[nodiscard]] ByteSpan reserve(ConnectionId cid, std::size_t size) {
        assert(size <= limits::kSendBytesMax);
        if (ends_[cid].state != EndState::open) return {};
        const ByteSpan room = denies_room(cid) ? ByteSpan{} : out_.reserve(size);
        if (room.empty()) want_room(cid);
        return room;
    }

    void commit(ConnectionId cid, std::size_t size) {
        assert(ends_[cid].state == EndState::open);
        if (size > 0) out_.commit(ends_[cid].peer, name_of(cid), size);
    }

    [[nodiscard]] bool commit_ref(ConnectionId cid, ByteView bytes) {
        if (ends_[cid].state != EndState::open) return false;
        if (denies_room(cid)) return want_room(cid), false;
        if (!bytes.empty()) out_.commit_ref(ends_[cid].peer, name_of(cid), bytes);
        return true;
    }

    void close(ConnectionId cid, CloseMode mode) {
        End& end = ends_[cid];
        if (end.state == EndState::free || end.state == EndState::closing) return;
        if (mode == CloseMode::graceful && end.window == Window::closed) {
            if (end.state != EndState::opening) end.state = EndState::draining;
            return;
        }
        if (mode == CloseMode::half) {
            if (end.state != EndState::open) return;
            out_.signal(PacketKind::fin, end.peer, name_of(cid));
            end.state = EndState::half_closed;
            return;
        }
        if (end.state != EndState::opening) {
            out_.signal(mode == CloseMode::graceful ? PacketKind::fin : PacketKind::reset, end.peer,
                        name_of(cid));
        }
        end.state = EndState::closing;
        closing_.push(cid);
    }

    // The peer takes nothing more: there is no room on an open connection, and no graceful close ends.
    void close_window(ConnectionId cid) { ends_[cid].window = Window::closed; }

    // It takes messages again, and whoever waits for room is told.
    void open_window(ConnectionId cid) {
        ends_[cid].window = Window::open;
        want_room(cid);
    }

    // There is no TCP under it.
    void inspect(ConnectionId) const {}

    // From now on opens are refused.
    void stop_listening() { arrivals_ = Arrivals::refused; }

    // There is no poll() to wake: it does not block, and all that it waits for is of its own thread.
    void wake() const {}

    // Something is owed to the handler that the next poll() may bring, apart from what is under way.
    [[nodiscard]] bool has_deferred_work() const { return closing_.size() > 0 || roomless_.size() > 0; }

    // One tick: all that has arrived by now.
    template <class Handler>
    void poll(Handler& handler, const PollWait&) {
        const TimeNs now_ns = network_.now_ns();
        finish_closes(handler, now_ns);
        if (line_ == nullptr) {
            receive_all(handler, now_ns);
        } else {
            receive_faulty(handler, now_ns);
        }
        offer_room(handler);
        handler.on_burst_end(now_ns);
    }

  private:
    enum class Arrivals : std::uint8_t { accepted, refused };
    // `draining`: closed by its owner, and the peer's window is closed.
    enum class EndState : std::uint8_t { free, opening, open, half_closed, draining, closing };
    enum class Window : std::uint8_t { open, closed };
    enum class Room : std::uint8_t { enough, wanted, withdrawn };  // an end is in roomless_ unless `enough`

    struct End {
        EndName peer;
        std::uint32_t generation;
        EndState state;
        Room room;
        Window window;
    };

    static constexpr std::size_t kPrefetchDistance = 4;

    [[nodiscard]] EndName name_of(ConnectionId cid) const { return {cid, ends_[cid].generation}; }

    // The end that a packet is for, or null when it is gone, or has been closed by its owner.
    [[nodiscard]] End* receiver(EndName name) {
        if (name.cid >= ends_.size()) return nullptr;
        End& end = ends_[name.cid];
        const bool alive = end.generation == name.generation && end.state != EndState::closing;
        return alive && end.state != EndState::free ? &end : nullptr;
    }

    template <class Handler>
    void receive_all(Handler& handler, TimeNs now_ns) {
        const std::span<const Packet> packets = in_.packets();
        for (std::size_t i = 0; i < packets.size(); ++i) {
            if (i + kPrefetchDistance < packets.size())
                prefetch(handler, packets[i + kPrefetchDistance].to.cid);
            receive(packets[i], {packets[i].data, packets[i].size}, handler, now_ns);
        }
        in_.clear();
    }

    template <class Handler>
    void receive_faulty(Handler& handler, TimeNs now_ns) {
        line_->take(in_, out_, now_ns);
        while (const auto arrived = line_->next(now_ns))
            receive(arrived->packet, arrived->bytes, handler, now_ns);
    }

    template <class Handler>
    void prefetch(Handler& handler, ConnectionId cid) {
        if (cid >= ends_.size()) return;
        __builtin_prefetch(&ends_[cid]);
        if constexpr (requires { handler.prefetch(cid); }) handler.prefetch(cid);
    }

    template <class Handler>
    void receive(const Packet& packet, ByteView bytes, Handler& handler, TimeNs now_ns) {
        const ConnectionId cid = packet.to.cid;
        if (packet.kind == PacketKind::open) return accept(packet.from, handler, now_ns);
        End* const end = receiver(packet.to);
        if (end == nullptr) {
            if (packet.kind == PacketKind::accepted) out_.signal(PacketKind::reset, packet.from, packet.to);
            return;
        }
        if (end->state == EndState::draining && packet.kind != PacketKind::reset) return;
        switch (packet.kind) {
            case PacketKind::bytes: return handler.on_bytes(cid, bytes, Arrival{now_ns});
            case PacketKind::accepted:
                end->peer = packet.from;
                end->state = EndState::open;
                return handler.on_open(cid, now_ns);
            case PacketKind::fin:
                if (end->state == EndState::open) out_.signal(PacketKind::fin, end->peer, packet.to);
                return finish(cid, {CloseCause::peer_closed, 0}, handler, now_ns);
            case PacketKind::reset: return finish(cid, {CloseCause::reset, ECONNRESET}, handler, now_ns);
            case PacketKind::refused:
                return finish(cid, {CloseCause::refused, ECONNREFUSED}, handler, now_ns);
            case PacketKind::open: return;  // has no receiver: handled above
        }
    }

    template <class Handler>
    void accept(EndName from, Handler& handler, TimeNs now_ns) {
        if (arrivals_ == Arrivals::refused || free_.size() == 0) {
            return out_.signal(PacketKind::refused, from, {});
        }
        const ConnectionId cid = free_.pop();
        ends_[cid].state = EndState::open;
        ends_[cid].peer = from;
        out_.signal(PacketKind::accepted, from, name_of(cid));
        handler.on_open(cid, now_ns);
    }

    template <class Handler>
    void finish(ConnectionId cid, CloseEvent why, Handler& handler, TimeNs now_ns) {
        End& end = ends_[cid];
        ++end.generation;
        end.state = EndState::free;
        end.window = Window::open;
        if (end.room == Room::wanted) end.room = Room::withdrawn;
        free_.push(cid);
        handler.on_close(cid, why, now_ns);
    }

    // Of the connections that their owner had closed before this tick.
    template <class Handler>
    void finish_closes(Handler& handler, TimeNs now_ns) {
        for (std::uint32_t left = closing_.size(); left > 0; --left) {
            finish(closing_.pop_oldest(), {CloseCause::local, 0}, handler, now_ns);
        }
    }

    [[nodiscard]] bool denies_room(ConnectionId cid) {
        if (line_ != nullptr && line_->closes_window()) close_window(cid);
        return ends_[cid].window == Window::closed || (line_ != nullptr && line_->denies_room());
    }

    // Where the window is closed there will be none.
    void want_room(ConnectionId cid) {
        if (ends_[cid].window == Window::closed) return;
        if (ends_[cid].room == Room::enough) roomless_.push(cid);
        ends_[cid].room = Room::wanted;
    }

    template <class Handler>
    void offer_room(Handler& handler) {
        for (std::uint32_t left = roomless_.size(); left > 0 && out_.has_room(); --left) {
            const ConnectionId cid = roomless_.pop_oldest();
            const Room room = ends_[cid].room;
            ends_[cid].room = Room::enough;
            if (room == Room::wanted && ends_[cid].state == EndState::open) handler.on_room(cid);
        }
    }

    // Constant after construction.
    MemoryNetwork& network_;
    Wire& in_;
    Wire& out_;
    FaultyLine* line_;
    Arrivals arrivals_;
    // Per connection.
    MappedArray<End> ends_;
    SlotList free_;
    SlotList closing_;
    SlotList roomless_;
    TransportCounters counters_;
};
static_assert(Transport<MemoryTransport>);

}  // namespace wsblast::transport
