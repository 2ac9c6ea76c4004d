// Our own pings (RFC 6455 5.5.2), to connections that are open: one at a time on each, its round trip
// recorded when its pong comes. A connection whose pong does not come in time is given up by its owner.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/mapped_array.hpp"
#include "base/units.hpp"
#include "plan/program.hpp"
#include "session/wire.hpp"
#include "stats/shard.hpp"

namespace wsblast::session {

enum class Liveness : std::uint8_t { alive, silent };

template <class Transport>
class Pings {
  public:
    using ClientWire = Wire<proto::Role::client, Transport>;

    Pings(ClientWire& wire, const plan::Program& program, stats::Shard& shard,
          std::uint32_t connections_max)
        : wire_(wire),
          shard_(shard),
          interval_ns_(program.ping_interval_ns),
          timeout_ns_(program.pong_timeout_ns),
          pulses_(interval_ns_ > 0 ? connections_max : 0) {}

    [[nodiscard]] bool ok() const { return !active() || pulses_.ok(); }
    // Without it nothing else here is to be called.
    [[nodiscard]] bool active() const { return interval_ns_ > 0; }

    // The connection is open.
    void begin(ConnectionId cid, TimeNs now_ns) { pulses_[cid] = {.due_ns = now_ns + interval_ns_}; }

    // Sends a ping when it is due; one that finds no room goes when there is some.
    [[nodiscard]] Liveness beat(ConnectionId cid, TimeNs now_ns) {
        Pulse& pulse = pulses_[cid];
        if (pulse.sent_ns != 0) {
            return now_ns < pulse.sent_ns + timeout_ns_ ? Liveness::alive : Liveness::silent;
        }
        if (now_ns < pulse.due_ns) return Liveness::alive;
        ++pulse.number;
        if (!wire_.send(cid, proto::Opcode::ping, payload_of(pulse))) return Liveness::alive;
        pulse.sent_ns = now_ns;
        // A ping that left late, or whose pong came late, is not made up for.
        pulse.due_ns = std::max(pulse.due_ns + interval_ns_, now_ns + 1);
        shard_.counters.pings_sent.add();
        return Liveness::alive;
    }

    // When beat() has something to do, or to say.
    [[nodiscard]] TimeNs next_ns(ConnectionId cid, TimeNs now_ns) const {
        const Pulse& pulse = pulses_[cid];
        if (pulse.sent_ns != 0) return pulse.sent_ns + timeout_ns_;
        return pulse.due_ns > now_ns ? pulse.due_ns : kNever;  // it waits for room
    }

    // A pong came; one that does not belong to our last ping is none of ours (5.5.3).
    void on_pong(ConnectionId cid, ByteView payload, TimeNs now_ns) {
        Pulse& pulse = pulses_[cid];
        const Payload expected = payload_of(pulse);
        if (pulse.sent_ns == 0 || !std::ranges::equal(payload, expected)) return;
        shard_.ping_rtt.record(now_ns - pulse.sent_ns);
        shard_.counters.pings_answered.add();
        pulse.sent_ns = 0;
    }

  private:
    using Payload = std::array<std::uint8_t, sizeof(std::uint32_t)>;

    struct Pulse {
        TimeNs due_ns = 0;   // of the next ping
        TimeNs sent_ns = 0;  // of one that is not answered; 0: there is none
        std::uint32_t number = 0;
    };

    [[nodiscard]] static Payload payload_of(const Pulse& pulse) {
        Payload payload;
        std::memcpy(payload.data(), &pulse.number, sizeof pulse.number);
        return payload;
    }

    ClientWire& wire_;
    stats::Shard& shard_;
    TimeNs interval_ns_;
    TimeNs timeout_ns_;
    MappedArray<Pulse> pulses_;  // by connection
};

}  // namespace wsblast::session
