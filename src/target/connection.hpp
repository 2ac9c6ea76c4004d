// What the server remembers of a connection between two events: one cache line.
//
//     idle -> upgrading -> open -> closing -> ending -> idle
//
// Every phase but `idle` may go to `ending`, and every one may end at once when the peer is gone.
#pragma once

#include <cstdint>

#include "base/units.hpp"
#include "transport/transport.hpp"

namespace wsblast::target {

enum class Phase : std::uint8_t {
    idle,
    upgrading,  // the request has not come as a whole
    open,
    closing,  // our close frame is said, the peer's has not come
    ending,   // all is said; it is sent, then TCP is closed. Nothing more is read.
};

// What the connection was upgraded to.
enum class Service : std::uint8_t { none, ymera, echo, broadcast };

// How a message that comes in pieces is echoed.
enum class EchoOf : std::uint8_t {
    gathered,  // whole, once it is complete
    pieces,    // it is too large for that: piece by piece, as they come
};

// What the timer of an open connection ends.
enum class Deadline : std::uint8_t {
    none,
    lifetime,  // that of --close-after
    farewell,  // the time that it has for its close since it asked to be disconnected
};

// Whether the connection has one of the places that --max-connections gives.
enum class Place : std::uint8_t {
    none,     // it has asked for no upgrade yet
    awaited,  // all are taken; its request is kept until there is one
    taken,
};

// Bytes of a connection that found no room yet: [begin, end) of a chunk. All zeros is none.
// Invariant: begin <= end <= chunk.size(), and there is a chunk exactly when begin < end.
struct Backlog {
    ByteSpan chunk;
    std::uint32_t begin;
    std::uint32_t end;

    [[nodiscard]] bool empty() const { return chunk.empty(); }
    [[nodiscard]] ByteView bytes() const { return chunk.subspan(begin, end - begin); }
};

// All zeros is idle.
struct Connection {
    Phase phase;
    Service service;
    EchoOf echo_of;
    Place place;
    Deadline deadline;                // while `open`
    transport::CloseMode close_mode;  // with `ending`
    std::uint32_t gathered;           // bytes of an incomplete message that is put together
    std::uint64_t answers;            // sent so far, where a fault counts them
    Backlog backlog;
};
static_assert(sizeof(Connection) <= 64, "one cache line");

}  // namespace wsblast::target
