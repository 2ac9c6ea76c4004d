// What the kernel's TCP, its connection tracking and its neighbour table have refused or repeated since
// this network namespace was made: the difference of two readings tells what gave between them. Any thread;
// not for the hot path.
#pragma once

#include <cstdint>
#include <string_view>

namespace wsblast::host {

// A counter that this kernel does not have is 0. Names of the kernel's in brackets
// (Documentation/networking/snmp_counter.rst).
struct NetworkCounters {
    std::uint64_t listen_overflows = 0;  // a listener's accept queue was full (TcpExt ListenOverflows)
    std::uint64_t listen_drops = 0;      // SYNs that a listener dropped, overflows included (ListenDrops)
    std::uint64_t syn_retransmits = 0;   // of our own SYNs and SYN-ACKs (TCPSynRetrans)
    std::uint64_t retransmits = 0;       // segments (Tcp RetransSegs)
    std::uint64_t timeouts = 0;          // of the retransmission timer (TCPTimeouts)
    std::uint64_t send_refusals = 0;     // retransmissions that this host did not let out (TCPRetransFail)
    std::uint64_t memory_pressures = 0;  // times that TCP's memory became short (TCPMemoryPressures)
    std::uint64_t receive_drops = 0;     // segments for which a receive queue had no memory (TCPRcvQDrop)
    std::uint64_t memory_aborts = 0;     // connections that were ended for memory (TCPAbortOnMemory)
    std::uint64_t tracking_drops = 0;    // packets that found no place in the table (nf_conntrack drop)
    std::uint64_t neighbour_overflows = 0;  // (arp_cache, ndisc_cache table_fulls)
};

// All 0 where nothing can be read.
[[nodiscard]] NetworkCounters read_network_counters();

// What was counted between two readings.
[[nodiscard]] NetworkCounters difference(const NetworkCounters& later, const NetworkCounters& earlier);

// The same from the content of files.
//
// A value of /proc/net/snmp or /proc/net/netstat: a line "Group: name name", then one "Group: value value".
// 0 when it is not there.
[[nodiscard]] std::uint64_t parse_snmp_value(std::string_view table, std::string_view group,
                                             std::string_view name);
// The sum of a column of a file of /proc/net/stat: a line of names, then a line of hexadecimal numbers for
// each CPU. 0 when it is not there.
[[nodiscard]] std::uint64_t parse_cpu_column(std::string_view table, std::string_view name);

}  // namespace wsblast::host
