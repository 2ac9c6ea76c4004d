// The network interface that leads to a target, and what of it bounds or slows many connections. Any
// thread; not for the hot path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/endpoint.hpp"
#include "host/sysctls.hpp"

namespace wsblast::host {

struct Nic {
    std::string name;                          // "eth0"
    std::uint32_t receive_queues = 0;          // /sys/class/net/NAME/queues/rx-*; 0 when unknown
    std::uint32_t steered_queues = 0;          // of those: with CPUs in rps_cpus
    std::optional<std::uint64_t> rp_filter{};  // what holds: the larger of "all" and its own
};

// `name` as in /sys/class/net.
[[nodiscard]] Nic read_nic(const HostFiles& files, const std::string& name);

// "00000000,0000000f": whether any CPU is in a mask.
[[nodiscard]] bool has_cpus(std::string_view mask);

// The interface that has this address (getifaddrs(3)); empty when none has.
[[nodiscard]] std::optional<std::string> interface_of(const Endpoint& local);

// Whether the destination is one of this machine's own addresses: then packets never leave it.
[[nodiscard]] bool is_own_address(const Endpoint& destination);

// Whether the destination is on the link of an interface, not behind a router: its address lies in the
// network of one of this machine's addresses.
[[nodiscard]] bool is_on_link(const Endpoint& destination);

// Neighbours that are known, of IPv4: lines of /proc/net/arp.
[[nodiscard]] std::optional<std::uint64_t> count_neighbours(const HostFiles& files);

}  // namespace wsblast::host
