// What the server counts, as GET /stats shows it: a row of cells for each worker, one list of names for
// all.
//
// A worker writes its own row; any thread reads all of them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "stats/cell.hpp"

namespace wsblast::target {

enum class Count : std::uint8_t {
    connections_accepted,    // TCP
    connections_present,     // a gauge: accepted and not yet gone
    connections_open,        // a gauge: upgraded and not yet gone
    connections_refused,     // answered with an HTTP status from 400 on
    connections_over_limit,  // found no place, and were refused, reset, or had to wait for one
    connections_timed_out,   // no whole request in limits::kUpgradeTimeoutNs
    messages_received,
    messages_sent,   // second copies and unasked ones too
    bytes_received,  // of frames, headers included
    bytes_sent,
    protocol_errors,
    slow_readers,       // closed because what was sent to them did not fit into the backlog any more
    broadcast_dropped,  // deliveries to members of a channel that found no room
    // permessage-deflate: payloads that were compressed.
    connections_compressed,
    deflated_from,  // bytes of answers before, ...
    deflated_to,    // ... and as they were sent
    inflated_from,  // bytes of messages as they came, ...
    inflated_to,    // ... and after
    // Faults that were asked for and have happened.
    delayed,     // answers that were held back
    stalled,     // answers that fell into a stall
    dropped,     // answers that were never sent
    duplicated,  // answers that were sent twice
    reordered,   // answers that left after one to a later message of their connection
    unanswered,  // answers that found no memory to be held back in, or no open connection when they were
                 // due
    rejected,    // upgrades that were refused
    closed,      // connections that were closed after their answers or their time
    pushed,      // messages that nobody asked for
    burnt,       // answers that CPU time was burnt for
    // Messages received, by what they are.
    ping,
    subscribe,
    unsubscribe,
    agent_message,
    disconnect,
    unknown,
    invalid,
    echo,
    broadcast,
    // The queue of --service-time.
    arrived,  // answers that joined it
    served,   // those that left it
    length,   // a gauge: those in it, waiting and in service
    length_max,
    busy_ns,  // time that all servers together have worked
    late_ns,  // how long after their departure answers were sent, in all
    late_max_ns,
};

// The names of GET /stats, in the order of the enumerators.
inline constexpr std::array<std::string_view, 44> kCountNames{"connections_accepted",
                                                              "connections_present",
                                                              "connections_open",
                                                              "connections_refused",
                                                              "connections_over_limit",
                                                              "connections_timed_out",
                                                              "messages_received",
                                                              "messages_sent",
                                                              "bytes_received",
                                                              "bytes_sent",
                                                              "protocol_errors",
                                                              "slow_readers",
                                                              "broadcast_dropped",
                                                              "connections_compressed",
                                                              "deflated_from",
                                                              "deflated_to",
                                                              "inflated_from",
                                                              "inflated_to",
                                                              "delayed",
                                                              "stalled",
                                                              "dropped",
                                                              "duplicated",
                                                              "reordered",
                                                              "unanswered",
                                                              "rejected",
                                                              "closed",
                                                              "pushed",
                                                              "burnt",
                                                              "ping",
                                                              "subscribe",
                                                              "unsubscribe",
                                                              "agent_message",
                                                              "disconnect",
                                                              "unknown",
                                                              "invalid",
                                                              "echo",
                                                              "broadcast",
                                                              "arrived",
                                                              "served",
                                                              "length",
                                                              "length_max",
                                                              "busy_ns",
                                                              "late_ns",
                                                              "late_max_ns"};
static_assert(static_cast<std::size_t>(Count::late_max_ns) + 1 == kCountNames.size());
// Where the faults begin, the types of messages, and the queue.
inline constexpr auto kFirstFault = static_cast<std::size_t>(Count::delayed);
inline constexpr auto kFirstType = static_cast<std::size_t>(Count::ping);
inline constexpr auto kFirstOfQueue = static_cast<std::size_t>(Count::arrived);

struct alignas(limits::kCacheLineBytes) Counters {
    std::array<stats::Cell, kCountNames.size()> cells;

    [[nodiscard]] stats::Cell& operator[](Count count) { return cells[static_cast<std::size_t>(count)]; }
    [[nodiscard]] const stats::Cell& operator[](Count count) const {
        return cells[static_cast<std::size_t>(count)];
    }
};

}  // namespace wsblast::target
