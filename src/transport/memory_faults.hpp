// What goes wrong on a network, on purpose and repeatably: everything is drawn from one seed.
//
// A tool for tests of what stands on a transport. Not for the hot path: it copies and allocates.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/prng.hpp"
#include "base/units.hpp"
#include "transport/memory_wire.hpp"

namespace wsblast::transport {

// Chances are in thousandths: of each packet, unless it says otherwise. All 0: a network without faults.
struct MemoryFaults {
    std::uint64_t seed = 0;
    std::uint32_t split = 0;    // of each piece: it arrives in two, which may be split again
    std::uint32_t delay = 0;    // of each piece: it takes up to delay_ns_max longer. Order is kept
    std::uint32_t reset = 0;    // instead of its bytes both ends see a reset
    std::uint32_t fin = 0;      // after its bytes the sender seems to have closed
    std::uint32_t silence = 0;  // it and all that follow it in its direction are lost
    std::uint32_t refuse = 0;   // of each open: refused
    std::uint32_t no_room = 0;  // of each reserve: none now
    std::uint32_t window = 0;   // of each reserve: none from now on, the peer takes nothing more
    TimeNs delay_ns_max = 0;
};

// A packet under way, with its bytes.
struct DelayedPacket {
    Packet packet;  // `data` is not used
    std::vector<std::uint8_t> bytes;
};

// One direction of a network with faults: stands between a wire and the side that reads it. Each
// connection's packets keep their order.
class FaultyLine {
  public:
    // `direction` sets two lines of one seed apart.
    FaultyLine(const MemoryFaults& faults, std::uint64_t direction)
        : faults_(faults), random_(draw(faults.seed, Stream::fault, direction)) {}

    // Takes over and empties what has been sent on `wire`. What its senders must learn goes to `back`.
    void take(Wire& wire, Wire& back, TimeNs now_ns);

    // The next packet that has arrived by `now_ns`, if there is one.
    [[nodiscard]] std::optional<DelayedPacket> next(TimeNs now_ns);

    // When the next packet arrives, kNever when none is under way.
    [[nodiscard]] TimeNs next_arrival_ns() const {
        return pending_.empty() ? kNever : pending_.begin()->first;
    }

    // Whether this reserve() is to fail.
    [[nodiscard]] bool denies_room() { return happens(faults_.no_room); }
    // Whether it, and each one of its connection after it, is to fail.
    [[nodiscard]] bool closes_window() { return happens(faults_.window); }

  private:
    enum class FlowState : std::uint8_t { running, lost };

    // What one end sends.
    struct Flow {
        FlowState state = FlowState::running;
        TimeNs last_arrival_ns = 0;
    };

    [[nodiscard]] bool happens(std::uint32_t chance) {
        constexpr std::uint64_t kThousand = 1'000;
        return chance > 0 && random_.chance(chance, kThousand);
    }
    void pass(const Packet& packet, Flow& flow, TimeNs now_ns);
    void schedule(const Packet& packet, ByteView bytes, Flow& flow, TimeNs now_ns);

    MemoryFaults faults_;
    Prng random_;
    std::unordered_map<std::uint64_t, Flow> flows_;  // by the sender's name
    std::multimap<TimeNs, DelayedPacket>
        pending_;  // by arrival; those of one time in the order they were sent
};

}  // namespace wsblast::transport
