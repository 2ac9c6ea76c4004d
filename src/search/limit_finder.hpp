// Which limit gave, and whose it was: from what happened to connections, and from what this host and the
// target's process say of themselves before and after. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "host/network_counters.hpp"
#include "host/sockets.hpp"
#include "stats/backend_use.hpp"
#include "stats/counters.hpp"
#include "stats/key_counts.hpp"
#include "stats/limit.hpp"

namespace wsblast::search {

// What this host says of itself at one moment; what it does not tell is empty.
struct HostState {
    host::NetworkCounters network{};
    std::optional<host::SocketCounts> sockets{};
    std::optional<host::ConntrackTable> conntrack{};
    std::optional<std::uint64_t> tcp_memory_max_pages{};  // the third number of net.ipv4.tcp_mem
    std::uint64_t memory_available_bytes = 0;             // 0: unknown
};

[[nodiscard]] HostState read_host_state();

// What happened since the last time that all was well.
struct Evidence {
    std::uint64_t open = 0;         // now
    stats::CounterValues counters;  // what was counted meanwhile
    std::uint64_t established = 0;  // TCP handshakes that were done meanwhile
    std::uint64_t undecided = 0;    // handshakes that are in flight
    std::uint64_t unanswered = 0;   // messages of probes without an answer in time
    stats::KeyCountValues upgrade_status{};
    stats::KeyCountValues closes{};
    std::vector<stats::Excerpt> excerpts{};
    HostState before;
    HostState after;
    stats::BackendUse target;  // meanwhile; unwatched where the target is elsewhere
    TimeNs connect_timeout_ns = 0;
    TimeNs answer_timeout_ns = 0;
};

// The limit that explains most of what went wrong; empty when nothing did.
[[nodiscard]] std::optional<stats::Limit> find_limit(const Evidence& evidence);

// What went wrong, all together: attempts that failed, connections that were lost, messages without answer.
[[nodiscard]] std::uint64_t failures(const Evidence& evidence);

}  // namespace wsblast::search
