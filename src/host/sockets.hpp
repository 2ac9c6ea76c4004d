// The sockets of this machine as the kernel counts them, and its table of tracked connections. Any thread;
// not for the hot path.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/endpoint.hpp"
#include "host/sysctls.hpp"

namespace wsblast::host {

// /proc/net/sockstat, of this network namespace but for the memory, which is the machine's.
struct SocketCounts {
    std::uint64_t tcp_in_use = 0;
    std::uint64_t time_wait = 0;
    std::uint64_t tcp_memory_pages = 0;
};

[[nodiscard]] std::optional<SocketCounts> read_socket_counts(const HostFiles& files);
[[nodiscard]] std::optional<SocketCounts> parse_socket_counts(std::string_view sockstat);

// Pairs of a local address and port that are taken toward a destination.
struct TakenPairs {
    std::uint64_t in_use = 0;     // by connections of any state but TIME_WAIT
    std::uint64_t time_wait = 0;  // by those that ended within the last minute
};

// Toward one destination, from /proc/net/tcp and /proc/net/tcp6: some 0.5 us for each socket of this
// machine.
[[nodiscard]] TakenPairs count_taken_pairs(const HostFiles& files, const Endpoint& destination);

// The same from the content of one of the two files (Documentation/networking/proc_net_tcp.rst).
[[nodiscard]] TakenPairs parse_taken_pairs(std::string_view table, const Endpoint& destination);

// The destination as the files write it: "0100007F:1F90".
[[nodiscard]] std::string proc_net_text(const Endpoint& endpoint);

// net.netfilter.nf_conntrack_count and _max, of this network namespace; empty where there is no such table.
struct ConntrackTable {
    std::uint64_t entries = 0;
    std::uint64_t entries_max = 0;
};
[[nodiscard]] std::optional<ConntrackTable> read_conntrack(const HostFiles& files);

// Makes the kernel show whether it tracks: one datagram of this process to itself over 127.0.0.1. Where any
// rule of this network namespace wants tracking the table has at least that entry afterwards.
void send_datagram_to_self();

}  // namespace wsblast::host
