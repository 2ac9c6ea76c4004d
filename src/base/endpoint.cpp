#include "base/endpoint.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>

#include <arpa/inet.h>
#include <sys/un.h>

#include "base/limits.hpp"

namespace wsblast {

namespace {

constexpr std::uint32_t kLoopbackNetwork = 127;
constexpr unsigned kIpv4Bits = 32;
constexpr unsigned kIpv6Bits = 128;

// Copies, because a sockaddr_storage may not be read as another type.
template <class Sockaddr>
Sockaddr as(const Endpoint& endpoint) {
    Sockaddr address{};
    std::memcpy(&address, &endpoint.storage, sizeof address);
    return address;
}

sockaddr_in as_ipv4(const Endpoint& endpoint) {
    return as<sockaddr_in>(endpoint);
}
sockaddr_in6 as_ipv6(const Endpoint& endpoint) {
    return as<sockaddr_in6>(endpoint);
}

template <class Sockaddr>
Endpoint from(const Sockaddr& address) {
    Endpoint endpoint;
    std::memcpy(&endpoint.storage, &address, sizeof address);
    endpoint.length = sizeof address;
    return endpoint;
}

// The address `offset` places after an IPv6 one, carrying into higher bytes.
in6_addr add(in6_addr address, std::uint64_t offset) {
    for (std::size_t at = sizeof address.s6_addr; at-- > 0 && offset > 0;) {
        offset += address.s6_addr[at];
        address.s6_addr[at] = static_cast<std::uint8_t>(offset);
        offset >>= 8;
    }
    return address;
}

in6_addr network_of(in6_addr address, unsigned prefix_bits) {
    for (unsigned bit = prefix_bits; bit < kIpv6Bits; ++bit) {
        address.s6_addr[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
    }
    return address;
}

// 2 to the power of `host_bits`, as far as it is of use.
std::uint64_t addresses_of(unsigned host_bits) {
    return host_bits < 32 ? std::uint64_t{1} << host_bits : std::uint64_t{1} << 32;
}

std::vector<Endpoint> ipv4_range(std::uint32_t address, unsigned prefix_bits) {
    const std::uint64_t size = addresses_of(kIpv4Bits - prefix_bits);
    const auto network = static_cast<std::uint32_t>(address & ~(size - 1));
    const std::uint64_t edges = size > 2 ? 1 : 0;
    const std::uint64_t count = std::min<std::uint64_t>(size - 2 * edges, limits::kSourceAddressesMax);
    std::vector<Endpoint> range;
    for (std::uint64_t index = 0; index < count; ++index) {
        range.push_back(make_ipv4(static_cast<std::uint32_t>(network + edges + index), 0));
    }
    return range;
}

std::vector<Endpoint> ipv6_range(const in6_addr& address, unsigned prefix_bits) {
    const in6_addr network = network_of(address, prefix_bits);
    const std::uint64_t size = addresses_of(kIpv6Bits - prefix_bits);
    const std::uint64_t count = std::min<std::uint64_t>(size, limits::kSourceAddressesMax);
    std::vector<Endpoint> range;
    for (std::uint64_t index = 0; index < count; ++index) {
        range.push_back(make_ipv6(add(network, index), 0));
    }
    return range;
}

}  // namespace

std::uint16_t Endpoint::port() const {
    if (family() == AF_INET) return ntohs(as_ipv4(*this).sin_port);
    if (family() == AF_INET6) return ntohs(as_ipv6(*this).sin6_port);
    return 0;
}

bool Endpoint::is_loopback() const {
    if (family() == AF_INET) return ipv4_address(*this) >> 24 == kLoopbackNetwork;
    if (family() != AF_INET6) return false;
    const in6_addr address = as_ipv6(*this).sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&address)) return address.s6_addr[12] == kLoopbackNetwork;
    return IN6_IS_ADDR_LOOPBACK(&address);
}

bool Endpoint::is_any() const {
    if (family() == AF_INET) return ipv4_address(*this) == INADDR_ANY;
    const in6_addr address = as_ipv6(*this).sin6_addr;
    return family() == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&address);
}

bool operator==(const Endpoint& a, const Endpoint& b) {
    if (a.family() != b.family() || a.port() != b.port()) return false;
    if (a.family() == AF_INET) return ipv4_address(a) == ipv4_address(b);
    if (a.is_unix()) return address_text(a) == address_text(b);
    if (a.family() != AF_INET6) return true;
    const sockaddr_in6 left = as_ipv6(a);
    const sockaddr_in6 right = as_ipv6(b);
    return IN6_ARE_ADDR_EQUAL(&left.sin6_addr, &right.sin6_addr) &&
           left.sin6_scope_id == right.sin6_scope_id;
}

Endpoint make_ipv4(std::uint32_t address, std::uint16_t port) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(port);
    ipv4.sin_addr.s_addr = htonl(address);
    return from(ipv4);
}

Endpoint make_ipv6(const in6_addr& address, std::uint16_t port) {
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(port);
    ipv6.sin6_addr = address;
    return from(ipv6);
}

Endpoint make_unix(std::string_view path) {
    sockaddr_un socket{};
    socket.sun_family = AF_UNIX;
    path.copy(socket.sun_path, sizeof socket.sun_path - 1);
    return from(socket);
}

std::uint32_t ipv4_address(const Endpoint& endpoint) {
    return ntohl(as_ipv4(endpoint).sin_addr.s_addr);
}

Endpoint from_sockaddr(const sockaddr* address, socklen_t length) {
    Endpoint endpoint;
    const bool known = address->sa_family == AF_INET || address->sa_family == AF_INET6;
    if (!known || length > sizeof endpoint.storage) return endpoint;
    std::memcpy(&endpoint.storage, address, length);
    endpoint.length = length;
    return endpoint;
}

Endpoint with_port(Endpoint endpoint, std::uint16_t port) {
    static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
    const std::uint16_t network_order = htons(port);
    auto* bytes = reinterpret_cast<std::uint8_t*>(&endpoint.storage);
    std::memcpy(bytes + offsetof(sockaddr_in, sin_port), &network_order, sizeof network_order);
    return endpoint;
}

Result<Endpoint> parse_ip(std::string_view text, std::uint16_t port) {
    const std::string terminated(text);
    in_addr ipv4{};
    if (inet_pton(AF_INET, terminated.c_str(), &ipv4) == 1) return make_ipv4(ntohl(ipv4.s_addr), port);
    in6_addr ipv6{};
    if (inet_pton(AF_INET6, terminated.c_str(), &ipv6) == 1) return make_ipv6(ipv6, port);
    return usage_error("'" + terminated + "' is no IP address; write it as 127.0.0.2 or ::1");
}

Result<std::vector<Endpoint>> parse_addresses(std::string_view text) {
    const std::size_t slash = text.find('/');
    Result<Endpoint> address = parse_ip(text.substr(0, slash), 0);
    if (!address) return address.error();
    if (slash == std::string_view::npos) return std::vector{*address};

    const std::string_view digits = text.substr(slash + 1);
    const unsigned bits_max = address->family() == AF_INET ? kIpv4Bits : kIpv6Bits;
    unsigned prefix_bits = 0;
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix_bits);
    if (error != std::errc{} || rest != digits.data() + digits.size() || prefix_bits > bits_max) {
        return usage_error("'" + std::string(text) + "' has no prefix of 0 to " + std::to_string(bits_max) +
                           " bits after the slash, as in 10.0.0.0/24");
    }
    if (address->family() == AF_INET) return ipv4_range(ipv4_address(*address), prefix_bits);
    return ipv6_range(as_ipv6(*address).sin6_addr, prefix_bits);
}

std::string address_text(const Endpoint& endpoint) {
    if (endpoint.is_unix()) return as<sockaddr_un>(endpoint).sun_path;
    std::array<char, INET6_ADDRSTRLEN> text{};
    const in_addr ipv4 = as_ipv4(endpoint).sin_addr;
    const in6_addr ipv6 = as_ipv6(endpoint).sin6_addr;
    if (endpoint.family() == AF_INET) {
        inet_ntop(AF_INET, &ipv4, text.data(), text.size());
    } else if (endpoint.family() == AF_INET6) {
        inet_ntop(AF_INET6, &ipv6, text.data(), text.size());
    } else {
        return "no address";
    }
    return text.data();
}

std::string to_text(const Endpoint& endpoint) {
    const std::string address = address_text(endpoint);
    if (endpoint.is_unix()) return address;
    const std::string port = std::to_string(endpoint.port());
    return endpoint.family() == AF_INET6 ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace wsblast
