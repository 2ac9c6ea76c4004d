// Messages that are compressed as they are sent, over the transport over io_uring on a scripted ring: what
// short sends, full kernels and reused connections do to a deflater that goes on from message to message.
#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "deflate/stream.hpp"
#include "proto/message_reader.hpp"
#include "session/deflations.hpp"
#include "session/wire.hpp"
#include "tests/sim/simulation.hpp"
#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::sim;
using transport::ConnectionId;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kSendSeeds = 40;
#else
constexpr std::uint64_t kSendSeeds = 300;
#endif

// What a run has come across: each of it has to come at least once in all seeds.
struct Met {
    std::uint64_t remembered = 0;  // messages that were compressed with others before them
    std::uint64_t as_it_is = 0;    // grew beyond the room that there can be
    std::uint64_t put_off = 0;     // found no room
    std::uint64_t reused = 0;      // connections whose deflater another one had
    std::uint64_t whole = 0;       // connections that ended gracefully, with all that they had to say
};

// Most of a message is what was said before, on other connections too, so that a wrong window shows; of a
// large one nothing is ever said again, so that it grows.
std::uint8_t sent_byte(std::uint64_t key, std::size_t message, std::size_t position, std::size_t size) {
    constexpr std::size_t kOwn = 8;
    constexpr std::size_t kPeriod = 300;
    if (position < kOwn || size > limits::kSendBytesMax / 2)
        return test::stream_byte(key + ((std::uint64_t{message} + 1) << 32), position);
    return test::stream_byte(0, position % kPeriod);
}

// A server that inflates what it hears, and pings between.
class Ear final : public Speaker {
  public:
    // Both live longer.
    Ear(World& world, const Wire& wire)
        : world_(world),
          key_(wire.up_key),
          manner_{.window_bits = static_cast<std::uint8_t>(world.pick({9, 12, 15})),
                  .alone = world.one_in(4)},
          inflater_(manner_.window_bits) {}

    void hear(ByteView bytes) override {
        proto::ReadOptions options;
        options.scratch = scratch_;
        options.compression = proto::Compression::negotiated;
        const proto::ReadResult result = reader_.consume(bytes, *this, options);
        world_.require(result.status != proto::ReadStatus::violation, "the peer hears whole frames");
    }
    void step(Wire& wire) override {
        if (world_.calm()) return;
        if (world_.strikes(&Faults::finish)) wire.peer = PeerState::finished;
        if (!world_.one_in(6) || said().size() - wire.delivered > 200) return;
        test::Bytes ping;
        test::append_frame(ping, {proto::Opcode::ping, "?"}, proto::Role::server);
        say(ping);
    }

    // A message of so many bytes has been committed.
    void expect(std::size_t size) { sizes_.push_back(size); }
    [[nodiscard]] const session::DeflateManner& manner() const { return manner_; }
    [[nodiscard]] std::uint64_t key() const { return key_; }
    [[nodiscard]] std::size_t expected() const { return sizes_.size(); }
    [[nodiscard]] std::size_t heard() const { return heard_; }

    // --- what the reader calls -------------------------------------------------------------------

    proto::Flow on_message(proto::Opcode opcode, ByteView payload) {
        return on_fragment(opcode, payload, proto::FragmentEnd::last);
    }
    proto::Flow on_fragment(proto::Opcode, ByteView piece, proto::FragmentEnd end) {
        take(piece);
        if (end == proto::FragmentEnd::last) end_message();
        return proto::Flow::go_on;
    }
    proto::Flow on_compressed(proto::Opcode, ByteView piece, proto::FragmentEnd end) {
        std::uint8_t out[1'000];
        deflate::StreamStep step;
        do {
            step = inflater_.inflate(piece, out);
            piece = piece.subspan(step.consumed);
            take(ByteView(out).first(step.produced));
        } while (step.status == deflate::StreamStatus::full);
        if (end == proto::FragmentEnd::last && step.status == deflate::StreamStatus::consumed) {
            do {
                step = inflater_.finish(out);
                take(ByteView(out).first(step.produced));
            } while (step.status == deflate::StreamStatus::full);
            if (manner_.alone) inflater_.reset(manner_.window_bits);
            end_message();
        }
        world_.require(step.status == deflate::StreamStatus::consumed, "what is sent inflates");
        return proto::Flow::go_on;
    }
    proto::Flow on_ping(ByteView) { return proto::Flow::go_on; }
    proto::Flow on_pong(ByteView) { return proto::Flow::go_on; }
    void on_close(const proto::CloseFrame&) {}

  private:
    void take(ByteView piece) {
        const std::size_t size = heard_ < sizes_.size() ? sizes_[heard_] : 0;
        for (const std::uint8_t byte : piece) {
            const bool right = position_ < size && byte == sent_byte(key_, heard_, position_, size);
            world_.require(right, "every byte of a message is heard once, in order");
            ++position_;
        }
    }
    void end_message() {
        world_.require(heard_ < sizes_.size() && position_ == sizes_[heard_], "a message is heard whole");
        ++heard_;
        position_ = 0;
    }

    World& world_;
    std::uint64_t key_;
    session::DeflateManner manner_;
    deflate::Inflater inflater_;
    std::deque<std::size_t> sizes_;
    std::size_t heard_ = 0;
    std::size_t position_ = 0;
    proto::MessageReader<proto::Role::server> reader_;
    std::vector<std::uint8_t> scratch_ = std::vector<std::uint8_t>(1'000);
};

// The owner of simulated connections that send compressed messages as session/user_links.hpp does.
class SendTalker {
  public:
    SendTalker(World& world, RingTransport& transport, std::uint32_t table_size)
        : world_(world),
          transport_(transport),
          table_size_(table_size),
          wire_(transport, transport.capacity(), 1),
          deflations_(transport.capacity(), budget_),
          lives_(transport.capacity()) {}

    // --- what the transport calls ----------------------------------------------------------------

    void on_open(ConnectionId cid, TimeNs) {
        Life& life = lives_[cid];
        life.phase = Phase::open;
        life.wire = world_.rings()[cid / table_size_]->wire(cid % table_size_);
        const std::size_t made = deflations_.made();
        world_.require(deflations_.agree(cid, ear(life).manner()), "there is memory");
        if (deflations_.made() == made) ++met_.reused;
        send_message(cid);
    }
    void on_bytes(ConnectionId cid, ByteView bytes, const transport::Arrival&) {
        world_.require(lives_[cid].phase == Phase::open, "bytes come to who is open");
        Sink sink{*this, cid};
        const proto::ReadResult result = wire_.read(cid, bytes, sink);
        world_.require(result.status != proto::ReadStatus::violation, "the peer keeps to the protocol");
        if (world_.calm()) return;
        send_message(cid);
        if (world_.one_in(60)) close_at_random(cid);
    }
    void on_room(ConnectionId cid) {
        wire_.on_room(cid);
        if (std::exchange(lives_[cid].waits, false)) send_message(cid);
    }
    void on_close(ConnectionId cid, transport::CloseEvent, TimeNs) {
        world_.require(lives_[cid].phase != Phase::none, "a connection ends once");
        const Life life = std::exchange(lives_[cid], {});
        wire_.drop(cid);
        deflations_.drop(cid);
        if (life.wire != nullptr) judge(life);
        if (!world_.calm() && world_.one_in(2)) open();
    }
    void on_burst_end(TimeNs) {}

    // --- what the simulation calls ---------------------------------------------------------------

    void act() {
        if (world_.one_in(3)) open();
        for (ConnectionId cid = 0; cid < lives_.size(); ++cid) {
            for (std::uint32_t count = world_.number_below(4); count > 0; --count) send_message(cid);
            if (lives_[cid].phase == Phase::open && world_.one_in(80)) close_at_random(cid);
        }
    }
    void judge_calm() {
        for (const Life& life : lives_) {
            if (life.wire == nullptr || life.wire->peer == PeerState::reset) continue;
            world_.require(life.phase == Phase::open, "a graceful close ends");
            world_.require(!life.waits, "who waits for room gets it");
            world_.require(ear(life).heard() == ear(life).expected(), "what was sent is heard");
        }
    }
    [[nodiscard]] Standing standing(ConnectionId cid) const {
        const Phase phase = lives_[cid].phase;
        if (phase == Phase::none) return Standing::none;
        return phase == Phase::opening ? Standing::unopened : Standing::opened;
    }
    void abort(ConnectionId cid) { close_as(cid, transport::CloseMode::abort); }
    void close_last(ConnectionId cid) { close_as(cid, transport::CloseMode::graceful); }
    [[nodiscard]] const Met& met() const { return met_; }

  private:
    enum class Phase : std::uint8_t { none, opening, open, closing, aborted };

    struct Life {
        Phase phase = Phase::none;
        Wire* wire = nullptr;
        bool waits = false;  // a message, for room
    };
    struct Sink {
        SendTalker& talker;
        ConnectionId cid;

        proto::Flow on_message(proto::Opcode, ByteView) { return proto::Flow::go_on; }
        proto::Flow on_fragment(proto::Opcode, ByteView, proto::FragmentEnd) { return proto::Flow::go_on; }
        proto::Flow on_ping(ByteView payload) {
            talker.wire_.send_pong(cid, payload);
            return proto::Flow::go_on;
        }
        proto::Flow on_pong(ByteView) { return proto::Flow::go_on; }
        void on_close(const proto::CloseFrame&) {}
    };

    [[nodiscard]] static Ear& ear(const Life& life) { return static_cast<Ear&>(*life.wire->speaker); }

    void send_message(ConnectionId cid) {
        Life& life = lives_[cid];
        if (life.phase != Phase::open || life.waits) return;
        constexpr std::uint32_t kLargest = limits::kSendBytesMax - proto::kFrameHeaderMax;
        const std::uint32_t usual = 1 + world_.number_below(world_.pick({20, 400, 5'000}));
        const std::size_t size = world_.one_in(100) ? kLargest : usual;
        if (send(cid, size)) return ear(life).expect(size);
        life.waits = true;
        ++met_.put_off;
    }
    // False: there is no room now. Room comes first: the deflater goes on with what it compresses.
    [[nodiscard]] bool send(ConnectionId cid, std::size_t size) {
        Ear& peer = ear(lives_[cid]);
        std::vector<std::uint8_t> plain(size);
        for (std::size_t i = 0; i < size; ++i) plain[i] = sent_byte(peer.key(), peer.expected(), i, size);
        const std::size_t size_max = proto::kFrameHeaderMax + deflate::Deflater::size_max(size);
        const ByteSpan room =
            transport_.reserve(cid, std::min<std::size_t>(size_max, limits::kSendBytesMax));
        if (room.empty()) return false;
        const ByteView payload = deflations_.compress(cid, plain);
        if (proto::kFrameHeaderMax + payload.size() > room.size()) {
            deflations_.forget(cid);
            ++met_.as_it_is;
            return wire_.send(cid, proto::Opcode::binary, plain);
        }
        if (!peer.manner().alone && peer.expected() > 0) ++met_.remembered;
        wire_.commit_compressed(cid, room, proto::Opcode::binary, payload);
        return true;
    }

    void open() {
        const ConnectionId cid = transport_.open(0);
        if (cid != transport::kNoConnection) lives_[cid] = {.phase = Phase::opening};
    }
    void close_at_random(ConnectionId cid) {
        close_as(cid, world_.one_in(2) ? transport::CloseMode::graceful : transport::CloseMode::abort);
    }
    void close_as(ConnectionId cid, transport::CloseMode mode) {
        if (lives_[cid].phase == Phase::none || lives_[cid].phase == Phase::aborted) return;
        transport_.close(cid, mode);
        // When the peer's end is on its way a close comes too late to send anything.
        const bool ended = lives_[cid].wire != nullptr && lives_[cid].wire->news == News::ended;
        const bool sends = mode == transport::CloseMode::graceful && !ended;
        lives_[cid].phase = sends ? Phase::closing : Phase::aborted;
    }

    void judge(const Life& life) {
        const Ear& peer = ear(life);
        world_.require(peer.heard() <= peer.expected(), "no more is heard than was sent");
        if (life.phase != Phase::closing || life.wire->peer == PeerState::reset) return;
        world_.require(peer.heard() == peer.expected(), "a graceful close sends what was committed");
        ++met_.whole;
    }

    World& world_;
    RingTransport& transport_;
    std::uint32_t table_size_;
    session::Wire<proto::Role::client, RingTransport> wire_;
    session::MemoryBudget budget_{std::uint64_t{1} << 30};
    session::Deflations deflations_;
    std::vector<Life> lives_;
    Met met_;
};

std::string run_sends(std::uint64_t seed, Met& met) {
    World world(seed);
    world.make_speaker = [&world](Wire& wire) -> std::unique_ptr<Speaker> {
        return std::make_unique<Ear>(world, wire);
    };
    const std::uint32_t connections = 1 + world.number_below(6);
    const std::uint32_t table_size = world.one_in(2) ? connections : 1 + world.number_below(connections);
    const auto transport =
        std::move(RingTransport::open(client_options(world, connections, table_size)).value());
    SendTalker talker(world, *transport, table_size);
    std::string broken = Simulation(world, *transport, talker).run(20 + world.number_below(100));
    met.remembered += talker.met().remembered;
    met.as_it_is += talker.met().as_it_is;
    met.put_off += talker.met().put_off;
    met.reused += talker.met().reused;
    met.whole += talker.met().whole;
    return broken;
}

}  // namespace

TEST_CASE("compressed sends on a scripted ring: what is sent inflates to what was said, in order",
          "[sim][deflate]") {
    Met met;
    check_seeds(kSendSeeds, [&met](std::uint64_t seed) { return run_sends(seed, met); });
    if (std::getenv("WSBLAST_SIM_SEED") != nullptr) return;
    CHECK(met.remembered > 100);
    CHECK(met.as_it_is > 0);
    CHECK(met.put_off > 0);
    CHECK(met.reused > 0);
    CHECK(met.whole > 0);
}
