// What a client connection remembers between two events.
//
//     idle -> connecting -> upgrading -> open -> closing -> closed -> leaving -> idle
//                                     -> refused -> leaving
//
// Every phase but `idle` may go to `leaving` at once, which waits for the transport's on_close.
#pragma once

#include <cstdint>

#include "base/units.hpp"
#include "plan/action.hpp"
#include "plan/outgoing_message.hpp"
#include "plan/schedule.hpp"
#include "proto/close_code.hpp"
#include "session/reply_book.hpp"

namespace wsblast::session {

enum class Phase : std::uint8_t {
    idle,
    connecting,   // TCP, and what a route has before the upgrade: a proxy, TLS
    upgrading,    // the request is sent, or waits for room
    refused,      // has failed, and is counted; what the server says to it is awaited
    open,         // its user executes actions
    closing,      // our close frame is sent, or waits for room; the peer's has not come
    closed,       // both close frames are exchanged; the server closes TCP (RFC 6455 7.1.1)
    leaving,      // the transport closes
    redirected,   // the transport closes; the attempt goes on elsewhere
    misbehaving,  // from its first SYN to its end: see offenders.hpp
};

// What is still to be written as soon as there is room.
enum class Unwritten : std::uint8_t {
    nothing,
    upgrade_request,
    close_frame,
    farewell,  // the close frame of the run's end, with its reason
};

// Whether the work of a connection was already counted as settled: once and only once for each.
enum class Settled : std::uint8_t { no, yes };

// Whether messages that are due wait for a place or for room: each of them is counted once.
enum class Blocked : std::uint8_t { no, yes };

// Whether the connection is on the list of those that go on when the burst ends.
enum class Listed : std::uint8_t { no, yes };

// Two cache lines. All zeros is idle.
struct ClientState {
    // Read and written with each message.
    ReplyBook book;
    std::uint64_t sent;     // measured messages so far, of all rounds
    std::uint64_t planned;  // how many it will be, or plan::kUnlimited
    TimeNs due_ns;          // of the next message; closed loop: kNever while every place is taken
    Phase phase;
    Unwritten unwritten;
    Settled settled;
    Listed listed;
    Blocked blocked;
    plan::ActionKind doing;       // what its user does; connect: not opened yet, or led by its user
    proto::CloseCode close_code;  // what our close frame carries
    plan::Sender sender;
    TimeNs timer_ns;  // what the wheel is armed for; 0: nothing
    // Rarely.
    TimeNs began_ns;      // connecting, upgrading: the first SYN; from then on: the start of its schedule
    TimeNs deadline_ns;   // of the present phase or action; 0: none
    std::uint64_t first;  // messages sent before its schedule began: those of earlier rounds
    std::uint32_t index;  // of the run: 0 .. connections - 1
    std::uint32_t seat;   // with a rate: its place among all that were open at T0
    std::uint32_t reached_us;    // until the upgrade is done: how long it took to what was reached last
    std::uint32_t answered_end;  // one above the highest message number answered so far, modulo 2^32
};
static_assert(sizeof(ClientState) <= 128, "two cache lines");

}  // namespace wsblast::session
