// What the rings of one simulated run share: the seed's numbers, the faults, and a judge of every
// connection.
//
// A wire is one connection. Each direction carries a stream that is known byte by byte from its key, so
// whoever holds an end can tell whether a byte is missing, doubled or out of place, without keeping any.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.hpp"
#include "base/units.hpp"
#include "ring/features.hpp"
#include "ring/stamps.hpp"
#include "tests/support/byte_stream.hpp"

namespace wsblast::sim {

// How far a connection of a talker has come.
enum class Standing : std::uint8_t { none, unopened, opened };

using test::fill;
using test::matches;

enum class PeerState : std::uint8_t {
    talking,
    finished,  // sent FIN; reads on
    reset,     // RST, or a send that failed: bytes may be lost in both directions
};

// What the transport has been told of the peer's end.
enum class News : std::uint8_t { none, ended };

struct Wire;

// A peer that says what it wants to instead of the numbered bytes: of one wire.
class Speaker {
  public:
    Speaker() = default;
    virtual ~Speaker() = default;
    Speaker(const Speaker&) = delete;
    Speaker& operator=(const Speaker&) = delete;

    // What the kernel took for it: every byte once, in order.
    virtual void hear(ByteView bytes) = 0;
    // A moment of a peer that has not ended: it may say more, or end.
    virtual void step(Wire& wire) = 0;
    // All that it has said since the connection began.
    [[nodiscard]] ByteView said() const { return said_; }

  protected:
    void say(ByteView bytes) { said_.insert(said_.end(), bytes.begin(), bytes.end()); }

  private:
    std::vector<std::uint8_t> said_;
};

// One connection, as its ends and the test see it. With a speaker what is committed, accepted and received
// is counted by the test that brought it.
struct Wire {
    std::uint64_t up_key = 0;     // of what the transport sends
    std::uint64_t down_key = 0;   // of what the peer sends
    std::uint64_t committed = 0;  // by the handler
    std::uint64_t accepted = 0;   // by the kernel, each byte checked
    std::uint64_t sent = 0;       // by the peer
    std::uint64_t delivered = 0;  // in completions
    std::uint64_t received = 0;   // by the handler, each byte checked
    PeerState peer = PeerState::talking;
    News news = News::none;
    std::unique_ptr<Speaker> speaker{};
};

// Probabilities per mille. A run has about half of the faults, each rare or frequent.
struct Faults {
    std::uint32_t short_send = 0;
    std::uint32_t no_room = 0;  // -EAGAIN
    std::uint32_t send_error = 0;
    std::uint32_t short_rest = 0;
    std::uint32_t lost_more = 0;
    std::uint32_t stall = 0;  // the peer stops reading
    std::uint32_t finish = 0;
    std::uint32_t reset = 0;
    std::uint32_t pair_taken = 0;
    std::uint32_t taken_at_once = 0;  // where bind is not the ring's business
    std::uint32_t refused = 0;
    std::uint32_t silent = 0;  // a connect that is never answered
    std::uint32_t accept_error = 0;
    std::uint32_t odd_stamp = 0;
};

class FakeRing;

// Owns what outlives a ring: the wires. One at a time is the current one of its thread; rings join it.
class World {
  public:
    explicit World(std::uint64_t seed) : random_(seed) {
        current_ = this;
        for (std::uint32_t Faults::*const fault :
             {&Faults::short_send, &Faults::no_room, &Faults::short_rest, &Faults::lost_more,
              &Faults::stall, &Faults::taken_at_once, &Faults::refused, &Faults::silent,
              &Faults::accept_error, &Faults::odd_stamp}) {
            faults_.*fault = pick({0, 0, 0, 20, 100, 300});
        }
        faults_.pair_taken = pick({0, 0, 50, 500, 1000});
        faults_.send_error = pick({0, 0, 2, 10});
        faults_.finish = pick({0, 0, 5, 20});
        faults_.reset = pick({0, 0, 5, 20});
        if (one_in(2)) stamps_ = ring::Stamps::kernel;
        if (one_in(4)) inspection_ = ring::Inspection::none;
    }
    ~World() { current_ = nullptr; }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    [[nodiscard]] static World& current() { return *current_; }

    // --- chance ----------------------------------------------------------------------------------

    [[nodiscard]] std::uint32_t number_below(std::uint32_t bound) {
        return static_cast<std::uint32_t>(random_.next_below(bound));
    }
    [[nodiscard]] bool one_in(std::uint32_t count) { return number_below(count) == 0; }
    [[nodiscard]] std::uint32_t pick(std::initializer_list<std::uint32_t> choices) {
        return choices.begin()[number_below(static_cast<std::uint32_t>(choices.size()))];
    }
    // False for ever once it is calm.
    [[nodiscard]] bool strikes(std::uint32_t Faults::*fault) {
        return !calm_ && number_below(1000) < faults_.*fault;
    }

    // No more faults, and no more talk from the peers, which read whatever comes.
    void calm_down() { calm_ = true; }
    [[nodiscard]] bool calm() const { return calm_; }

    // --- the run ---------------------------------------------------------------------------------

    [[nodiscard]] ring::Stamps stamps() const { return stamps_; }
    [[nodiscard]] ring::Inspection inspection() const { return inspection_; }

    // --- connections -----------------------------------------------------------------------------

    [[nodiscard]] Wire& make_wire() {
        Wire& wire = wires_.emplace_back();
        wire.up_key = random_.next();
        wire.down_key = random_.next();
        if (make_speaker) wire.speaker = make_speaker(wire);
        return wire;
    }
    // The peers of wires, where they are not to talk in numbered bytes.
    std::function<std::unique_ptr<Speaker>(Wire&)> make_speaker;
    // Clients that wait in the backlog of the listening socket.
    std::uint32_t backlog = 0;
    // The clock of the test, and when an accept failed last.
    TimeNs now_ns = kSecond;
    TimeNs accept_failed_ns = 0;

    [[nodiscard]] std::vector<FakeRing*>& rings() { return rings_; }
    // One moment for every ring (fake_ring.hpp).
    void step();

    // --- the verdict -----------------------------------------------------------------------------

    // The first broken rule is the one that is told.
    void require(bool holds, const char* rule) {
        if (!holds && failure_.empty()) failure_ = rule;
    }
    [[nodiscard]] const std::string& failure() const { return failure_; }

    // A wait without a limit that nothing will ever end: what is undone now is undone for ever.
    void fall_asleep() {
        asleep_ = true;
        if (calm_) before_sleep();
    }
    std::function<void()> before_sleep;
    [[nodiscard]] bool take_asleep() { return std::exchange(asleep_, false); }

  private:
    inline static thread_local World* current_ = nullptr;

    Prng random_;
    Faults faults_;
    ring::Stamps stamps_ = ring::Stamps::none;
    ring::Inspection inspection_ = ring::Inspection::descriptor;
    bool calm_ = false;
    bool asleep_ = false;
    std::deque<Wire> wires_;
    std::vector<FakeRing*> rings_;
    std::string failure_;
};

}  // namespace wsblast::sim
