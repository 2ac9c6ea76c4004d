// The kernel's half of a connection: what is in flight on its slot, and where it stands in its life.
//
//     free -> connecting -> open -> half_closed -> draining -> closing -> free
//     free -> accepting  ->
//
// Any state but `free` may go to `closing` at once, and `half_closed` may be left out. A link is free again
// only when the close and everything that was in flight before it have completed: a close under an
// operation in flight loses the FIN.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/units.hpp"
#include "ring/user_data.hpp"
#include "transport/outbox.hpp"
#include "transport/transport.hpp"

namespace wsblast::transport {

enum class LinkState : std::uint8_t {
    free,
    accepting,   // an accept is armed on the slot
    connecting,  // the chain is in flight
    open,
    half_closed,  // nothing more is written; receiving goes on
    draining,     // closed by its owner; what was committed is still being sent
    closing,      // cancelled; waits for the last completions
};

// Requests in flight on a slot whose completion will come.
enum class InFlight : std::uint8_t {
    connect = 1 << 0,
    accept = 1 << 1,
    receive = 1 << 2,
    send_rest = 1 << 3,
    shutdown = 1 << 4,
    close = 1 << 5,
    inspect = 1 << 6,
};

// What the owner is owed when there is room again.
enum class RoomWanted : std::uint8_t { no, yes };

// Whether a receive is armed again when it has ended.
enum class Reading : std::uint8_t { on, paused };

// What is to be done once everything that was committed has left.
enum class AfterSends : std::uint8_t { nothing, shutdown, close };

// Memory of a spill and what of it is still to be sent: [begin, end) of the chunk.
struct Spill {
    ByteSpan chunk;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    [[nodiscard]] bool active() const { return !chunk.empty(); }
    [[nodiscard]] ByteView rest() const { return chunk.subspan(begin, end - begin); }
};

// Half a cache line; the spill lives in an array beside it, untouched unless the kernel was full.
struct Link {
    std::uint32_t generation;
    LinkState state;
    std::uint8_t in_flight;  // a set of InFlight
    RoomWanted room_wanted;
    AfterSends after_sends;
    std::uint32_t send;  // this tick's send + 1: zeroed memory is "none"
    TargetId target;     // of an accepted one: the number of its listening socket
    CloseEvent end;
    Reading reading;
    std::uint32_t tries;  // source pairs that this attempt has used

    // Of a slot that was free.
    void begin(LinkState first, TargetId to) {
        state = first;
        target = to;
        tries = 0;
        reading = Reading::on;
        end = {};
    }

    // Its owner is told of what comes.
    [[nodiscard]] bool receives() const {
        return state == LinkState::open || state == LinkState::half_closed;
    }

    [[nodiscard]] bool has(InFlight what) const {
        return (in_flight & static_cast<std::uint8_t>(what)) != 0;
    }
    void add(InFlight what) {
        in_flight = static_cast<std::uint8_t>(in_flight | static_cast<std::uint8_t>(what));
    }
    void remove(InFlight what) {
        in_flight = static_cast<std::uint8_t>(in_flight & ~static_cast<std::uint8_t>(what));
    }

    [[nodiscard]] std::uint32_t send_index() const { return send == 0 ? kNoSend : send - 1; }
    void set_send_index(std::uint32_t index) { send = index == kNoSend ? 0 : index + 1; }

    [[nodiscard]] ring::UserData user_data(ring::Op op, std::uint32_t slot) const {
        return {op, generation & ring::kGenerationMask, slot};
    }
};
static_assert(sizeof(Link) <= 32);

// Requests of a link that may wait for the peer: they are cancelled when its slot closes.
struct CancelList {
    std::array<ring::UserData, 3> requests{};
    std::size_t count = 0;

    [[nodiscard]] std::span<const ring::UserData> view() const { return std::span(requests).first(count); }
};
[[nodiscard]] CancelList cancellable(const Link& link, std::uint32_t slot);

// What an errno of a connecting or an open socket means.
[[nodiscard]] CloseCause cause_of(int error);

}  // namespace wsblast::transport
