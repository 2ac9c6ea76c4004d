// Who listens on a TCP port of this machine, and whether an address is this machine's. Any thread; tens of
// milliseconds, as it looks at the descriptors of every process.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/endpoint.hpp"

namespace wsblast::host {

// A listening socket as /proc/net/tcp and tcp6 show it.
struct ListeningSocket {
    Endpoint address;
    std::uint32_t uid = 0;
    std::uint64_t inode = 0;
};

// Those on that port, in this network namespace. Reading ends behind the listening ones, which stand first
// (Documentation/networking/proc_net_tcp.rst): a million connections cost nothing.
[[nodiscard]] std::vector<ListeningSocket> sockets_listening_on(std::uint16_t port);

// The same from the content of one of the two files; all ports.
[[nodiscard]] std::vector<ListeningSocket> parse_listening(std::string_view content);

// The processes that have one of these sockets among their descriptors, ascending, as far as this one may
// see that (its own user's, or root). A socket that exists only in a ring's table is in none.
[[nodiscard]] std::vector<pid_t> holders_of(std::span<const ListeningSocket> sockets);

// Whether packets to this address stay on this machine: loopback, or an address of an interface.
[[nodiscard]] bool is_local(const Endpoint& endpoint);

}  // namespace wsblast::host
