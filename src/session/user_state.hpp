// What a virtual user remembers between two events.
//
//     idle -> ready -> connecting -> ready ... -> thinking | awaiting | calling -> ready ... -> idle
//     idle -> thinking -> ready -> attached -> idle      lives with its connection, from its hold on
#pragma once

#include <array>
#include <cstdint>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

// Dense, below the worker's maximum; comes back when its user has ended.
using UserId = std::uint32_t;

enum class UserPhase : std::uint8_t {
    idle,
    ready,       // executes its actions, as soon as it has its turn
    connecting,  // until the upgrade is done
    blocked,     // what it has to send found no room
    thinking,    // until its timer fires
    awaiting,    // a message
    attached,    // its connection says when it goes on: see run_actions.hpp
    streaming,   // sends messages on a schedule of its own: see user_streams.hpp
    calling,     // JavaScript that will say when it is done
    returning,   // its connection was lost: it begins anew when its timer fires
};

// How a user's connection is.
enum class Link : std::uint8_t {
    none,  // it has not connected
    open,
    ended,  // the server has closed it: what needs it fails
};

enum class UserEnd : std::uint8_t { none, completed, failed, given_up };

// Whether it stands on the list of those that have their turn.
enum class Turn : std::uint8_t { no, listed };

// Whether JavaScript knows the user: then its variables are there.
enum class Scripted : std::uint8_t { no, yes };

// All zeros is idle.
struct UserState {
    UserPhase phase;
    Link link;
    UserEnd end;
    Scripted scripted;
    Turn turn;              // written just before the four above are read as one word: not one of them
    std::uint8_t attempts;  // to come back, of those that failed one after the other
    std::uint8_t refusals;  // connections that could not be opened, one after the other
    std::uint8_t lives;     // how often it has begun anew, modulo 256: what it draws depends on it
    std::uint16_t flow;
    std::uint32_t action;         // the next one to be executed, or the one that waits
    std::uint32_t number;         // of the run, in order of arrival
    transport::ConnectionId cid;  // where link says that there is one
    // When it was due; one that begins anew is the same one.
    TimeNs began_ns;
    TimeNs due_ns;       // when what it does now was due
    TimeNs sent_ns;      // when it sent last
    TimeNs deadline_ns;  // of thinking and awaiting
    // Of streaming: when the next message is due, and when the oldest one that is not answered was.
    TimeNs stream_due_ns;
    TimeNs stream_oldest_ns;
    std::uint32_t stream_sent;
    std::uint32_t stream_answered;
    std::uint8_t* memory;  // its stored variables; null: none yet. See UserMemory
    std::uint32_t memory_size;
    std::array<std::uint32_t, limits::kLoopDepthMax> passes;
};
static_assert(sizeof(UserState) <= 128, "two cache lines");

}  // namespace wsblast::session
