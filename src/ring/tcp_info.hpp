// What the kernel's TCP knows of one connection (tcp(7), TCP_INFO): whether the network was to blame.
#pragma once

#include <cstdint>
#include <optional>

#include "base/units.hpp"

namespace wsblast::ring {

// Since the connection began, where nothing else is said.
struct TcpInfo {
    std::uint32_t retransmits = 0;   // segments that were sent again, SYNs included
    std::uint32_t lost = 0;          // segments under way that are taken for lost now
    std::uint64_t bytes_resent = 0;  // payload that was sent again
    std::uint64_t bytes_acked = 0;   // payload that the peer's TCP has taken
    TimeNs rtt_ns = 0;               // smoothed round trip, of whole microseconds
    TimeNs rtt_deviation_ns = 0;     // its mean deviation
    TimeNs rtt_min_ns = 0;           // the shortest of the last minutes
};

// Of a connected TCP socket. Empty when `descriptor` is none.
[[nodiscard]] std::optional<TcpInfo> read_tcp_info(int descriptor);

}  // namespace wsblast::ring
