// The owner of simulated connections behind TLS: writes, reads and closes at random, and checks what it is
// told against what its peer (tls_speaker.hpp) said, heard and did.
#pragma once

#include <cerrno>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "tests/sim/simulation.hpp"
#include "tests/sim/tls_speaker.hpp"
#include "transport/tunnel.hpp"

namespace wsblast::sim {

class TlsTalker {
  public:
    using Tunnel = transport::Tunnel<RingTransport>;
    using ConnectionId = transport::ConnectionId;
    using Cause = transport::CloseCause;

    TlsTalker(World& world, Tunnel& tunnel, std::uint32_t table_size)
        : world_(world), tunnel_(tunnel), table_size_(table_size), lives_(tunnel.capacity()) {}

    // --- what the tunnel calls -------------------------------------------------------------------

    void on_connected(ConnectionId cid, TimeNs) {
        Life& life = lives_[cid];
        world_.require(life.phase == Phase::connecting, "a connection is established once");
        life.phase = Phase::securing;
        life.wire = world_.rings()[cid / table_size_]->wire(cid % table_size_);
        if (world_.one_in(40)) close(cid);
    }
    void on_secured(ConnectionId cid, const crypto::TlsFacts&, TimeNs) {
        world_.require(lives_[cid].phase == Phase::securing, "a handshake is done once");
        lives_[cid].phase = Phase::secured;
    }
    void on_open(ConnectionId cid, TimeNs) {
        world_.require(lives_[cid].phase == Phase::secured, "what opens has shaken hands");
        lives_[cid].phase = Phase::open;
        if (world_.one_in(2)) write(cid);
    }
    void on_bytes(ConnectionId cid, ByteView bytes, const transport::Arrival&) {
        Life& life = lives_[cid];
        world_.require(life.phase == Phase::open || life.phase == Phase::half, "bytes come to who is open");
        if (life.wire == nullptr) return;
        Wire& wire = *life.wire;
        world_.require(matches(bytes, wire.down_key, wire.received), "plain text comes once, in order");
        wire.received += bytes.size();
        world_.require(wire.received <= speaker(life).written(), "nothing comes of a broken record");
        if (world_.one_in(2)) write(cid);
        if (!world_.calm() && world_.one_in(30)) close(cid);
    }
    void on_room(ConnectionId cid) {
        Life& life = lives_[cid];
        world_.require(life.phase == Phase::open, "room is for who may write");
        world_.require(life.room == Room::awaited, "room is told of to who was refused it");
        life.room = Room::there;
        if (world_.one_in(2)) write(cid);
    }
    void on_close(ConnectionId cid, transport::CloseEvent event, TimeNs) {
        world_.require(lives_[cid].phase != Phase::none, "a connection ends once");
        const Life life = std::exchange(lives_[cid], {});
        if (life.wire != nullptr) {
            judge(life, event);
        } else {
            world_.require(life.ours || event.error != 0, "an attempt ends by its owner or by an error");
        }
        if (!world_.calm() && world_.one_in(2)) open();
    }
    void on_burst_end(TimeNs) {}

    // --- what the simulation calls ---------------------------------------------------------------

    void act() {
        if (world_.one_in(3)) open();
        for (ConnectionId cid = 0; cid < lives_.size(); ++cid) {
            if (world_.one_in(3)) write(cid);
            if (world_.one_in(60)) close(cid);
        }
    }
    void judge_calm() {
        for (const Life& life : lives_) {
            if (life.wire == nullptr || life.wire->peer == PeerState::reset) continue;
            world_.require(life.phase != Phase::closing, "a graceful close ends");
            const Trouble trouble = speaker(life).trouble();
            world_.require(trouble == Trouble::none || trouble == Trouble::spoilt_byte,
                           "a connection in trouble ends");
            if (trouble != Trouble::none) continue;  // longer records, of which no more comes
            world_.require(life.phase == Phase::open, "a handshake ends, and a half-closed connection");
            world_.require(life.room == Room::there, "room comes back after every refused reserve");
            judge_bytes(life);
        }
    }
    [[nodiscard]] Standing standing(ConnectionId cid) const {
        const Phase phase = lives_[cid].phase;
        if (phase == Phase::none) return Standing::none;
        return phase == Phase::connecting ? Standing::unopened : Standing::opened;
    }
    void abort(ConnectionId cid) { close_as(cid, transport::CloseMode::abort); }
    void close_last(ConnectionId cid) { close_as(cid, transport::CloseMode::graceful); }
    // How often each trouble was what a connection ended with.
    [[nodiscard]] const std::vector<int>& ends() const { return ends_; }

  private:
    enum class Phase : std::uint8_t { none, connecting, securing, secured, open, half, closing };
    enum class Room : std::uint8_t { there, awaited };

    struct Life {
        Phase phase = Phase::none;
        Room room = Room::there;
        bool ours = false;    // its owner has closed it
        bool gentle = false;  // when it was open, and gracefully
        Wire* wire = nullptr;
    };

    [[nodiscard]] static const TlsSpeaker& speaker(const Life& life) {
        return static_cast<const TlsSpeaker&>(*life.wire->speaker);
    }

    void open() {
        const ConnectionId cid = tunnel_.open(0);
        if (cid == transport::kNoConnection) return;
        world_.require(lives_[cid].phase == Phase::none, "an id comes back only after its on_close");
        lives_[cid] = {.phase = Phase::connecting};
    }

    // What is counted is committed: the peer may hear of it before the call returns.
    void write(ConnectionId cid) {
        Life& life = lives_[cid];
        if (life.phase != Phase::open || (life.room == Room::awaited && !world_.one_in(4))) return;
        const std::size_t size =
            1 + world_.number_below(world_.pick({10, 200, 2'000, limits::kSendBytesMax}));
        Wire& wire = *life.wire;
        const std::uint64_t before = wire.committed;
        if (world_.one_in(4)) {
            std::vector<std::uint8_t>& bytes = constants_.emplace_back(size);
            fill(bytes, wire.up_key, before);
            wire.committed += size;
            if (!tunnel_.commit_ref(cid, bytes)) return refused(life, before);
        } else {
            const ByteSpan room = tunnel_.reserve(cid, size);
            if (room.empty()) return refused(life, before);
            fill(room, wire.up_key, before);
            wire.committed += size;
            tunnel_.commit(cid, size);
        }
    }
    void refused(Life& life, std::uint64_t committed) {
        life.wire->committed = committed;
        life.room = Room::awaited;
    }

    void close(ConnectionId cid) {
        using transport::CloseMode;
        constexpr CloseMode kModes[] = {CloseMode::graceful, CloseMode::graceful, CloseMode::half,
                                        CloseMode::abort, CloseMode::reset};
        close_as(cid, kModes[world_.number_below(std::size(kModes))]);
    }
    void close_as(ConnectionId cid, transport::CloseMode mode) {
        using transport::CloseMode;
        Life& life = lives_[cid];
        const bool was_open = life.phase == Phase::open || life.phase == Phase::half;
        if (life.phase == Phase::none || (mode == CloseMode::half && life.phase != Phase::open)) return;
        tunnel_.close(cid, mode);
        const bool by_force = mode == CloseMode::abort || mode == CloseMode::reset;
        if (life.phase != Phase::closing || by_force) life.gentle = was_open && !by_force;
        life.ours = life.ours || mode != CloseMode::half;
        life.phase = mode == CloseMode::half ? Phase::half : Phase::closing;
    }

    // --- the verdict -----------------------------------------------------------------------------

    void judge_bytes(const Life& life) {
        world_.require(life.wire->received == speaker(life).written(), "what the peer wrote arrives");
        world_.require(speaker(life).heard() == life.wire->committed, "what was committed is heard");
    }

    void judge(const Life& life, transport::CloseEvent event) {
        const TlsSpeaker& peer = speaker(life);
        const Trouble trouble = peer.trouble();
        const bool reset = life.wire->peer == PeerState::reset;
        ++ends_[static_cast<std::size_t>(trouble)];
        if (life.gentle && trouble == Trouble::none && !reset) {
            world_.require(peer.heard() == life.wire->committed,
                           "a graceful close sends what was committed");
            world_.require(peer.heard_goodbye(), "a graceful close says so");
        }
        world_.require(explains(life, event), "an end has the name of what happened");
        const bool fair = !life.ours && !reset && life.phase != Phase::securing;
        if (fair) world_.require(life.wire->received == peer.written(), "an end comes after its last byte");
    }

    [[nodiscard]] bool explains(const Life& life, transport::CloseEvent event) const {
        const Trouble trouble = speaker(life).trouble();
        const bool any_name = trouble == Trouble::spoilt_byte;  // it depends on where
        switch (event.cause) {
            case Cause::local: return life.ours;
            case Cause::reset: return life.wire->peer == PeerState::reset && event.error != 0;
            case Cause::peer_closed:
                if (life.wire->peer == PeerState::reset || any_name || life.ours) return true;
                return trouble == Trouble::goodbye || trouble == Trouble::fin ||
                       trouble == Trouble::cut_by_fin || life.phase == Phase::half;
            case Cause::tls_alert:
                if (trouble == Trouble::alert && life.phase == Phase::securing)
                    return event.error == TlsSpeaker::kHandshakeFailure;
                return any_name || (trouble == Trouble::alert && event.error != 0);
            case Cause::tls_missing: return any_name || trouble == Trouble::no_tls;
            case Cause::tls_broken: return any_name || trouble == Trouble::spoilt_body;
            case Cause::tls_untrusted:
            case Cause::tls_expired:
            case Cause::tls_wrong_name: return any_name;
            case Cause::refused:
            case Cause::no_such_socket:
            case Cause::not_permitted:
            case Cause::unreachable:
            case Cause::timed_out:
            case Cause::no_source_port:
            case Cause::no_memory:
            case Cause::socket_error:
            case Cause::proxy_refused:
            case Cause::proxy_login:
            case Cause::proxy_broken: return false;
        }
        return false;
    }

    World& world_;
    Tunnel& tunnel_;
    std::uint32_t table_size_;
    std::vector<Life> lives_;
    std::deque<std::vector<std::uint8_t>> constants_;  // what was committed by reference
    std::vector<int> ends_ = std::vector<int>(static_cast<std::size_t>(Trouble::no_tls) + 1);
};

}  // namespace wsblast::sim
