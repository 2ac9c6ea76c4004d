// The owner of simulated connections: opens, writes, reads and closes at random, from inside the callbacks
// and between the ticks, and checks everything that it is told against what really happened on the wire.
#pragma once

#include <cerrno>
#include <deque>
#include <vector>

#include "tests/sim/fake_ring.hpp"
#include "tests/sim/world.hpp"
#include "transport/link.hpp"
#include "transport/uring_transport.hpp"

namespace wsblast::sim {

enum class Role : std::uint8_t { client, server };

class Talker {
  public:
    using Transport = transport::UringTransport<FakeRing>;
    using ConnectionId = transport::ConnectionId;

    Talker(World& world, Transport& transport, Role role, std::uint32_t table_size)
        : world_(world),
          transport_(transport),
          role_(role),
          table_size_(table_size),
          lives_(transport.capacity()) {}

    // --- what the transport calls ----------------------------------------------------------------

    void on_open(ConnectionId cid, TimeNs) {
        Life& life = lives_[cid];
        const Phase expected = role_ == Role::client ? Phase::opening : Phase::none;
        world_.require(life.phase == expected, "a connection opens once, and not after it was closed");
        life = {.phase = Phase::open, .wire = wire_of(cid)};
        world_.require(life.wire != nullptr, "what opens is connected");
        if (world_.one_in(2)) write(cid);
    }

    void on_bytes(ConnectionId cid, ByteView bytes, transport::Arrival at) {
        judge_stamp(at);
        Life& life = lives_[cid];
        world_.require(life.phase == Phase::open || life.phase == Phase::half,
                       "no bytes come after a close");
        if (life.wire == nullptr) return;
        world_.require(matches(bytes, life.wire->down_key, life.wire->received),
                       "every byte comes once, in order");
        life.wire->received += bytes.size();
        if (world_.one_in(2)) write(cid);
        if (!world_.calm() && world_.one_in(30)) close(cid);
        if (world_.one_in(20)) transport_.inspect(cid);
    }

    void on_inspected(ConnectionId cid, const transport::TcpInfo& info) {
        const Life& life = lives_[cid];
        world_.require(life.phase == Phase::open || life.phase == Phase::half,
                       "only an open connection is told of");
        world_.require(info.rtt_ns == cid % table_size_ + kMicrosecond,
                       "an inspection is of its connection");
        if (world_.one_in(4)) close(cid);
    }

    void on_room(ConnectionId cid) {
        Life& life = lives_[cid];
        world_.require(life.phase == Phase::open || life.phase == Phase::half,
                       "only an open connection gets room");
        world_.require(life.room == Room::awaited, "room is told of to who was refused it");
        life.room = Room::there;
        if (world_.one_in(2)) write(cid);
    }

    void on_close(ConnectionId cid, transport::CloseEvent event, TimeNs) {
        world_.require(lives_[cid].phase != Phase::none, "a connection ends once");
        const Life life = std::exchange(lives_[cid], {});
        if (life.wire == nullptr) {
            judge_attempt(life, event);
        } else {
            judge(life, event);
        }
        if (!world_.calm() && world_.one_in(2)) open();
    }

    void on_burst_end(TimeNs) {}

    // --- what the test calls ---------------------------------------------------------------------

    // Something at random, between the ticks.
    void act() {
        if (world_.one_in(2)) open();
        for (ConnectionId cid = 0; cid < lives_.size(); ++cid) {
            if (world_.one_in(3)) write(cid);
            if (lives_[cid].phase != Phase::none && world_.one_in(30)) transport_.inspect(cid);
            if (world_.one_in(30)) close(cid);
        }
    }
    void close_last(ConnectionId cid) { close(cid); }
    [[nodiscard]] Standing standing(ConnectionId cid) const {
        const Phase phase = lives_[cid].phase;
        if (phase == Phase::none) return Standing::none;
        return phase == Phase::opening ? Standing::unopened : Standing::opened;
    }
    void abort(ConnectionId cid) { close_as(cid, transport::CloseMode::abort); }
    // With peers that read and say no more, and with no faults, nothing may be left undone.
    void judge_calm() {
        for (const Life& life : lives_) {
            if (life.wire == nullptr || life.wire->peer == PeerState::reset) continue;
            world_.require(life.phase != Phase::closing, "a graceful close ends");
            world_.require(life.room == Room::there, "room comes back after every refused reserve");
            world_.require(life.wire->accepted == life.wire->committed, "what was committed leaves");
            world_.require(life.wire->received == life.wire->sent, "what the peer sent arrives");
        }
    }

  private:
    enum class Phase : std::uint8_t {
        none,
        opening,
        open,
        half,     // closed for writing
        closing,  // closed gracefully
        aborted,
        too_late,  // closed when the peer's end was on its way
    };
    enum class Room : std::uint8_t { there, awaited };

    struct Life {
        Phase phase = Phase::none;
        Room room = Room::there;
        Wire* wire = nullptr;
    };

    [[nodiscard]] Wire* wire_of(ConnectionId cid) const {
        return world_.rings()[cid / table_size_]->wire(cid % table_size_);
    }

    void open() {
        if (role_ == Role::server) {
            world_.backlog += world_.number_below(3);
            return;
        }
        const ConnectionId cid = transport_.open(0);
        if (cid == transport::kNoConnection) return;
        world_.require(lives_[cid].phase == Phase::none, "an id comes back only after its on_close");
        lives_[cid] = {.phase = Phase::opening};
    }

    // --- writing ---------------------------------------------------------------------------------

    void write(ConnectionId cid) {
        Life& life = lives_[cid];
        if (life.phase != Phase::open) return;
        if (life.room == Room::awaited && !world_.one_in(4)) return;
        for (std::uint32_t pieces = 1 + world_.number_below(3); pieces > 0; --pieces) {
            const std::size_t size =
                1 + world_.number_below(world_.pick({10, 200, 200, 200, 2'000, limits::kSendBytesMax}));
            const bool written = world_.one_in(4) ? write_reference(cid, size) : write_piece(cid, size);
            if (!written) life.room = Room::awaited;
        }
    }

    [[nodiscard]] bool write_piece(ConnectionId cid, std::size_t size) {
        Wire& wire = *lives_[cid].wire;
        const ByteSpan room = transport_.reserve(cid, size);
        if (room.empty()) return false;
        world_.require(room.size() == size, "a reservation has the size that was asked for");
        const std::size_t used =
            world_.one_in(8) ? world_.number_below(static_cast<std::uint32_t>(size)) : size;
        fill(room.first(used), wire.up_key, wire.committed);
        wire.committed += used;
        transport_.commit(cid, used);
        return true;
    }

    [[nodiscard]] bool write_reference(ConnectionId cid, std::size_t size) {
        Wire& wire = *lives_[cid].wire;
        std::vector<std::uint8_t>& bytes = constants_.emplace_back(size);
        fill(bytes, wire.up_key, wire.committed);
        if (!transport_.commit_ref(cid, bytes)) return false;
        wire.committed += size;
        return true;
    }

    // --- closing ---------------------------------------------------------------------------------

    void close(ConnectionId cid) {
        using transport::CloseMode;
        constexpr CloseMode kModes[] = {CloseMode::graceful, CloseMode::half, CloseMode::abort,
                                        CloseMode::reset};
        close_as(cid, kModes[world_.number_below(4)]);
        if (world_.one_in(4)) close_as(cid, kModes[world_.number_below(4)]);
    }

    void close_as(ConnectionId cid, transport::CloseMode mode) {
        Life& life = lives_[cid];
        if (life.phase == Phase::none || life.phase == Phase::too_late) return;
        transport_.close(cid, mode);
        if (life.wire != nullptr && life.wire->news == News::ended) life.phase = Phase::too_late;
        if (life.phase == Phase::too_late) return;
        switch (mode) {
            case transport::CloseMode::reset:
            case transport::CloseMode::abort: life.phase = Phase::aborted; return;
            case transport::CloseMode::graceful:
                if (life.phase == Phase::opening) life.phase = Phase::aborted;
                if (life.phase == Phase::open || life.phase == Phase::half) life.phase = Phase::closing;
                return;
            case transport::CloseMode::half:
                if (life.phase == Phase::open) life = {.phase = Phase::half, .wire = life.wire};
                return;
        }
    }

    // Whatever the kernel's clock says: none, or one of a moment ago.
    void judge_stamp(transport::Arrival at) {
        if (at.stamp_ns == 0) return;
        world_.require(world_.stamps() == ring::Stamps::kernel, "only who asked for stamps gets them");
        world_.require(at.stamp_ns <= at.now_ns, "a stamp is not from the future");
        world_.require(at.now_ns - at.stamp_ns <= limits::kStampAgeMaxNs, "a stamp is not from long ago");
    }

    void judge_attempt(const Life& life, transport::CloseEvent event) {
        using transport::CloseCause;
        const bool by_us = life.phase == Phase::aborted && event.cause == CloseCause::local;
        const bool by_error = event.error != 0 && event.cause == transport::cause_of(event.error);
        world_.require(by_us || by_error, "an attempt ends by its owner or by an error");
    }

    void judge(const Life& life, transport::CloseEvent event) {
        using transport::CloseCause;
        const Wire& wire = *life.wire;
        const bool owner_left = life.phase != Phase::open && life.phase != Phase::half;
        if (life.phase == Phase::closing && wire.peer != PeerState::reset) {
            world_.require(wire.accepted == wire.committed, "a graceful close sends what was committed");
        }
        if (event.cause == CloseCause::local) return world_.require(owner_left, "our end is ours");
        if (event.cause == CloseCause::reset) {
            return world_.require(wire.peer == PeerState::reset && event.error != 0, "a reset was one");
        }
        world_.require(event.cause == CloseCause::peer_closed,
                       "an open connection ends in one of three ways");
        world_.require(wire.peer != PeerState::talking, "the peer's end is the peer's");
        if (owner_left || wire.peer == PeerState::reset) return;
        world_.require(wire.received == wire.sent, "the peer's end comes after its last byte");
        if (life.phase == Phase::half) {
            world_.require(wire.accepted == wire.committed, "a half-close sends what was committed");
        }
    }

    World& world_;
    Transport& transport_;
    Role role_;
    std::uint32_t table_size_;
    std::vector<Life> lives_;
    std::deque<std::vector<std::uint8_t>> constants_;  // what was committed by reference
};

}  // namespace wsblast::sim
