// Where a socket is bound or connected, as the kernel's calls want it: a plain value, an IPv4 or IPv6
// address with a port, or the path of a Unix socket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/result.hpp"

namespace wsblast {

// What bind(2) and connect(2) take. A default-made one is empty: length 0, family AF_UNSPEC.
struct Endpoint {
    sockaddr_storage storage{};
    socklen_t length = 0;

    [[nodiscard]] const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&storage); }
    [[nodiscard]] int family() const { return storage.ss_family; }
    [[nodiscard]] std::uint16_t port() const;  // 0 of a Unix socket
    [[nodiscard]] bool is_unix() const { return family() == AF_UNIX; }
    // 127.0.0.0/8 or ::1; an IPv4 address inside IPv6 counts as what it maps.
    [[nodiscard]] bool is_loopback() const;
    // 0.0.0.0 or ::, which bind(2) takes for "every address".
    [[nodiscard]] bool is_any() const;

    // Family, address, port and the scope of a link-local address are the same; or the path.
    friend bool operator==(const Endpoint& a, const Endpoint& b);
};

// The ports `first` to `last`, both included.
struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    [[nodiscard]] std::uint32_t size() const { return std::uint32_t{last} - first + 1; }
    [[nodiscard]] bool contains(std::uint16_t port) const { return first <= port && port <= last; }
    friend bool operator==(const PortRange&, const PortRange&) = default;
};

// 0x7f000001 is 127.0.0.1.
[[nodiscard]] Endpoint make_ipv4(std::uint32_t address, std::uint16_t port);
[[nodiscard]] Endpoint make_ipv6(const in6_addr& address, std::uint16_t port);

// A Unix socket; `path` is shorter than sockaddr_un::sun_path.
[[nodiscard]] Endpoint make_unix(std::string_view path);

// The IPv4 address in host byte order. The endpoint must be an IPv4 one.
[[nodiscard]] std::uint32_t ipv4_address(const Endpoint& endpoint);

// What the kernel filled in (getsockname(2), getaddrinfo(3)); empty for another family than IPv4 and IPv6.
[[nodiscard]] Endpoint from_sockaddr(const sockaddr* address, socklen_t length);

// Not of a Unix socket.
[[nodiscard]] Endpoint with_port(Endpoint endpoint, std::uint16_t port);

// "127.0.0.1" or "::1", without brackets and without a port (inet_pton(3)). No name is looked up.
[[nodiscard]] Result<Endpoint> parse_ip(std::string_view text, std::uint16_t port);

// One address, or a range as "10.0.0.0/24": its addresses in order, without an IPv4 network's own and its
// broadcast address, at most limits::kSourceAddressesMax of them. Port 0.
[[nodiscard]] Result<std::vector<Endpoint>> parse_addresses(std::string_view text);

// "127.0.0.1:8000", "[::1]:8000"; without the port: "127.0.0.1", "::1". Of a Unix socket both are its path.
[[nodiscard]] std::string to_text(const Endpoint& endpoint);
[[nodiscard]] std::string address_text(const Endpoint& endpoint);

}  // namespace wsblast
