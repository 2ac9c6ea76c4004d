#include "host/nics.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include <ifaddrs.h>
#include <netinet/in.h>

#include "base/units.hpp"

namespace wsblast::host {

namespace {

struct AddressesDeleter {
    void operator()(ifaddrs* list) const { freeifaddrs(list); }
};

// Of an endpoint or a mask: the bytes of the address, in the order of the network.
ByteView address_bytes(const sockaddr* address) {
    if (address->sa_family == AF_INET6) {
        const auto* const ipv6 = reinterpret_cast<const sockaddr_in6*>(address);
        return {ipv6->sin6_addr.s6_addr, sizeof ipv6->sin6_addr.s6_addr};
    }
    const auto* const ipv4 = reinterpret_cast<const sockaddr_in*>(address);
    return {reinterpret_cast<const std::uint8_t*>(&ipv4->sin_addr), sizeof ipv4->sin_addr};
}

// Calls `meets` with each address of this machine of that family until it says true.
template <class Meets>
std::optional<std::string> find_interface(int family, Meets&& meets) {
    ifaddrs* found = nullptr;
    if (getifaddrs(&found) != 0) return std::nullopt;
    const std::unique_ptr<ifaddrs, AddressesDeleter> list(found);
    for (const ifaddrs* at = list.get(); at != nullptr; at = at->ifa_next) {
        if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != family) continue;
        if (meets(*at)) return at->ifa_name;
    }
    return std::nullopt;
}

bool same_address(const ifaddrs& own, const Endpoint& endpoint) {
    const ByteView a = address_bytes(own.ifa_addr);
    const ByteView b = address_bytes(endpoint.address());
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool same_network(const ifaddrs& own, const Endpoint& endpoint) {
    if (own.ifa_netmask == nullptr) return false;
    const ByteView a = address_bytes(own.ifa_addr);
    const ByteView b = address_bytes(endpoint.address());
    const ByteView mask = address_bytes(own.ifa_netmask);
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (((a[i] ^ b[i]) & mask[i]) != 0) return false;
    }
    return true;
}

}  // namespace

Nic read_nic(const HostFiles& files, const std::string& name) {
    Nic nic{.name = name};
    const std::string queues = "/sys/class/net/" + name + "/queues";
    for (const std::string& queue : files.names(queues)) {
        if (!queue.starts_with("rx-")) continue;
        ++nic.receive_queues;
        if (has_cpus(files.text(queues + "/" + queue + "/rps_cpus").value_or(""))) ++nic.steered_queues;
    }
    const std::string folder = "/proc/sys/net/ipv4/conf/";
    const auto all = files.number(folder + "all/rp_filter");
    const auto own = files.number(folder + name + "/rp_filter");
    // The larger of the two counts, and 1 is stricter than 2 (Documentation/networking/ip-sysctl.rst).
    if (all && own) nic.rp_filter = std::max(*all, *own);
    return nic;
}

bool has_cpus(std::string_view mask) {
    return mask.find_first_of("123456789abcdefABCDEF") != std::string_view::npos;
}

std::optional<std::string> interface_of(const Endpoint& local) {
    return find_interface(local.family(), [&](const ifaddrs& own) { return same_address(own, local); });
}

bool is_own_address(const Endpoint& destination) {
    return destination.is_loopback() || interface_of(destination).has_value();
}

bool is_on_link(const Endpoint& destination) {
    const auto meets = [&](const ifaddrs& own) { return same_network(own, destination); };
    return find_interface(destination.family(), meets).has_value();
}

std::optional<std::uint64_t> count_neighbours(const HostFiles& files) {
    const auto table = files.text("/proc/net/arp");
    if (!table) return std::nullopt;
    const auto lines = static_cast<std::uint64_t>(std::count(table->begin(), table->end(), '\n'));
    return lines > 0 ? lines - 1 : 0;  // the first one is its heading
}

}  // namespace wsblast::host
