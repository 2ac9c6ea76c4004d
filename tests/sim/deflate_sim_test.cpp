// Compressed messages over the transport over io_uring, on a scripted ring: the ring's faults between the
// pieces of a message, and damage to what is compressed.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "session/wire.hpp"
#include "tests/sim/frame_speaker.hpp"
#include "tests/sim/simulation.hpp"

using namespace wsblast;
using namespace wsblast::sim;
using proto::Violation;
using transport::ConnectionId;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kDeflateSeeds = 40;
#else
constexpr std::uint64_t kDeflateSeeds = 300;
#endif

using DamageEnds = std::array<int, kDamages>;

// The owner of simulated connections that read compressed messages, answer pings, and close at random.
class MessageTalker {
  public:
    MessageTalker(World& world, RingTransport& transport, std::uint32_t table_size)
        : world_(world),
          transport_(transport),
          table_size_(table_size),
          wire_(transport, transport.capacity(), 1, kMessageMax),
          lives_(transport.capacity()) {}

    // --- what the transport calls ----------------------------------------------------------------

    void on_open(ConnectionId cid, TimeNs) {
        Life& life = lives_[cid];
        life.phase = Phase::open;
        life.wire = world_.rings()[cid / table_size_]->wire(cid % table_size_);
        if (speaker(life).compresses()) wire_.agree(cid, speaker(life).terms());
    }
    void on_bytes(ConnectionId cid, ByteView bytes, const transport::Arrival&) {
        Life& life = lives_[cid];
        world_.require(life.phase == Phase::open, "bytes come to who is open");
        Sink sink{*this, cid};
        const proto::ReadResult result = wire_.read(cid, bytes, sink);
        if (result.status == proto::ReadStatus::violation) {
            life.violation = result.violation;
            ++violations_;
            close_as(cid, transport::CloseMode::graceful);
        } else if (!world_.calm() && world_.one_in(60)) {
            close_as(cid, world_.one_in(2) ? transport::CloseMode::graceful : transport::CloseMode::abort);
        }
    }
    void on_room(ConnectionId cid) { wire_.on_room(cid); }
    void on_close(ConnectionId cid, transport::CloseEvent event, TimeNs) {
        world_.require(lives_[cid].phase != Phase::none, "a connection ends once");
        const Life life = std::exchange(lives_[cid], {});
        wire_.drop(cid);
        if (life.wire != nullptr) judge(life, event);
        if (!world_.calm() && world_.one_in(2)) open();
    }
    void on_burst_end(TimeNs) {}

    // --- what the simulation calls ---------------------------------------------------------------

    void act() {
        if (world_.one_in(3)) open();
    }
    void judge_calm() {
        for (const Life& life : lives_) {
            if (life.wire == nullptr || life.wire->peer == PeerState::reset) continue;
            const Damage damage = speaker(life).damage();
            world_.require(damage == Damage::none || damage == Damage::flipped_bit, "damage ends it");
            world_.require(life.phase == Phase::open, "a graceful close ends");
            judge_messages(life);
        }
    }
    [[nodiscard]] Standing standing(ConnectionId cid) const {
        const Phase phase = lives_[cid].phase;
        if (phase == Phase::none) return Standing::none;
        return phase == Phase::opening ? Standing::unopened : Standing::opened;
    }
    void abort(ConnectionId cid) { close_as(cid, transport::CloseMode::abort); }
    void close_last(ConnectionId cid) { close_as(cid, transport::CloseMode::graceful); }
    void judge_end() {
        const session::InflatedBytes inflated = wire_.take_inflated();
        world_.require(inflated.to >= inflated_bytes_, "what is inflated is counted");
        const bool all_passed_on = violations_ == 0;
        world_.require(!all_passed_on || inflated.to == inflated_bytes_, "what is inflated is passed on");
    }
    [[nodiscard]] const DamageEnds& ends() const { return ends_; }

  private:
    enum class Phase : std::uint8_t { none, opening, open, closing };

    struct Life {
        Phase phase = Phase::none;
        Wire* wire = nullptr;
        Violation violation = Violation::none;
        std::size_t messages = 0;  // whole ones
        std::size_t position = 0;  // in the one after them
    };

    // Every byte is that of its message.
    struct Sink {
        MessageTalker& talker;
        ConnectionId cid;

        proto::Flow on_message(proto::Opcode opcode, ByteView payload) {
            return on_fragment(opcode, payload, proto::FragmentEnd::last);
        }
        proto::Flow on_fragment(proto::Opcode, ByteView piece, proto::FragmentEnd end) {
            talker.take(cid, piece, end);
            return proto::Flow::go_on;
        }
        proto::Flow on_ping(ByteView payload) {
            talker.wire_.send_pong(cid, payload);
            return proto::Flow::go_on;
        }
        proto::Flow on_pong(ByteView) { return proto::Flow::go_on; }
        void on_close(const proto::CloseFrame&) {}
    };

    [[nodiscard]] static const FrameSpeaker& speaker(const Life& life) {
        return static_cast<const FrameSpeaker&>(*life.wire->speaker);
    }

    void take(ConnectionId cid, ByteView piece, proto::FragmentEnd end) {
        Life& life = lives_[cid];
        const FrameSpeaker& peer = speaker(life);
        const bool damaged = life.messages >= peer.sizes().size();
        const bool spoilt = damaged && peer.damage() != Damage::none &&
                            peer.damage() != Damage::cut_by_fin && peer.damage() != Damage::cut_by_reset;
        for (const std::uint8_t byte : piece) {
            const bool right = byte == message_byte(peer.key(), life.messages, life.position++);
            world_.require(right || spoilt, "every byte of a message comes once, in order");
        }
        if (peer.compresses()) inflated_bytes_ += piece.size();
        world_.require(life.position <= kMessageMax, "no more comes than a message may be");
        if (end == proto::FragmentEnd::more) return;
        world_.require(
            damaged ? peer.damage() == Damage::flipped_bit : life.position == peer.sizes()[life.messages],
            "a message ends where it does");
        ++life.messages;
        life.position = 0;
    }

    void open() {
        const ConnectionId cid = transport_.open(0);
        if (cid != transport::kNoConnection) lives_[cid] = {.phase = Phase::opening};
    }

    void close_as(ConnectionId cid, transport::CloseMode mode) {
        if (lives_[cid].phase == Phase::none) return;
        transport_.close(cid, mode);
        lives_[cid].phase = Phase::closing;
    }

    void judge_messages(const Life& life) {
        const std::size_t more = speaker(life).damage() == Damage::flipped_bit ? 1 : 0;
        const std::size_t said = speaker(life).sizes().size();
        world_.require(life.messages >= said && life.messages <= said + more, "what was said arrives");
    }

    void judge(const Life& life, transport::CloseEvent event) {
        using transport::CloseCause;
        const FrameSpeaker& peer = speaker(life);
        ++ends_[static_cast<std::size_t>(peer.damage())];
        if (life.violation != Violation::none) judge_messages(life);
        world_.require(explains(peer.damage(), life.violation), "damage has the name of what it is");
        const bool by_reset = event.cause == CloseCause::reset;
        world_.require(!by_reset || life.wire->peer == PeerState::reset, "a reset was one");
        world_.require(event.cause != CloseCause::local || life.phase == Phase::closing, "our end is ours");
        if (life.phase == Phase::closing || by_reset || life.wire->peer == PeerState::reset) return;
        world_.require(event.cause == CloseCause::peer_closed, "nothing else ends it");
        judge_messages(life);
    }

    [[nodiscard]] static bool explains(Damage damage, Violation violation) {
        if (violation == Violation::none) return true;
        switch (damage) {
            case Damage::no_block: return violation == Violation::bad_deflate;
            case Damage::bomb: return violation == Violation::message_too_big;
            case Damage::not_agreed: return violation == Violation::reserved_bits;
            case Damage::flipped_bit:
                return violation == Violation::bad_deflate || violation == Violation::message_too_big;
            case Damage::none:
            case Damage::cut_by_fin:
            case Damage::cut_by_reset: return false;
        }
        return false;
    }

    World& world_;
    RingTransport& transport_;
    std::uint32_t table_size_;
    session::Wire<proto::Role::client, RingTransport> wire_;
    std::vector<Life> lives_;
    std::uint64_t inflated_bytes_ = 0;  // that came out of it
    std::uint64_t violations_ = 0;
    DamageEnds ends_{};
};

std::string run_deflate(std::uint64_t seed, DamageEnds& ends) {
    World world(seed);
    world.make_speaker = [&world](Wire& wire) -> std::unique_ptr<Speaker> {
        return std::make_unique<FrameSpeaker>(world, wire);
    };
    const std::uint32_t connections = 1 + world.number_below(6);
    const std::uint32_t table_size = world.one_in(2) ? connections : 1 + world.number_below(connections);
    const auto transport =
        std::move(RingTransport::open(client_options(world, connections, table_size)).value());
    MessageTalker talker(world, *transport, table_size);
    std::string broken = Simulation(world, *transport, talker).run(20 + world.number_below(100));
    std::transform(ends.begin(), ends.end(), talker.ends().begin(), ends.begin(), std::plus<>());
    return broken;
}

}  // namespace

TEST_CASE("deflate on a scripted ring: damage is named, and no message before it is lost",
          "[sim][deflate]") {
    DamageEnds ends{};
    check_seeds(kDeflateSeeds, [&ends](std::uint64_t seed) { return run_deflate(seed, ends); });
    if (std::getenv("WSBLAST_SIM_SEED") != nullptr) return;
    for (std::size_t damage = 0; damage < ends.size(); ++damage) {
        INFO("damage " << damage);
        CHECK(ends[damage] > 0);
    }
}
