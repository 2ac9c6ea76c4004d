#include "ring/tcp_info.hpp"

#include <limits>

#include <linux/tcp.h>  // the C library's own ends before what is read here
#include <netinet/in.h>
#include <sys/socket.h>

namespace wsblast::ring {

namespace {

// The kernel says the largest number while it has measured none.
TimeNs to_ns(std::uint32_t time_us) {
    return time_us == std::numeric_limits<std::uint32_t>::max() ? 0 : time_us * kMicrosecond;
}

}  // namespace

std::optional<TcpInfo> read_tcp_info(int descriptor) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
    return TcpInfo{
        .retransmits = info.tcpi_total_retrans,
        .lost = info.tcpi_lost,
        .bytes_resent = info.tcpi_bytes_retrans,
        .bytes_acked = info.tcpi_bytes_acked,
        .rtt_ns = to_ns(info.tcpi_rtt),
        .rtt_deviation_ns = to_ns(info.tcpi_rttvar),
        .rtt_min_ns = to_ns(info.tcpi_min_rtt),
    };
}

}  // namespace wsblast::ring
