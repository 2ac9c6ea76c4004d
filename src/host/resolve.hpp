// Names to addresses, once and before the start of a run, and the local address that leads to a
// destination. Blocking; the main thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/endpoint.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

namespace wsblast::host {

// Every address of a name, in the resolver's order and without repetition, and how long the lookup took.
struct Lookup {
    std::vector<Endpoint> endpoints;
    TimeNs lookup_ns = 0;
};

// `host` is a name, an IPv4 or an IPv6 address without brackets (getaddrinfo(3)). Environment error, which
// names the host and the remedy, when it is unknown or has no address; `endpoints` is never empty.
[[nodiscard]] Result<Lookup> resolve(const std::string& host, std::uint16_t port);

// Whether a connection may come from that address: it is tried with a socket (bind(2)). Usage error
// otherwise, which names the address and the remedy.
[[nodiscard]] Result<void> check_source_address(const Endpoint& source);

// The address, with port 0, that the kernel would send from: a UDP socket is connected, nothing is sent.
// Environment error when there is no route.
[[nodiscard]] Result<Endpoint> local_address_toward(const Endpoint& destination);

}  // namespace wsblast::host
