// Where a WebSocket lives: ws:// and wss:// URLs (RFC 6455 3, RFC 3986), and ws+unix: ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wsblast::proto {

inline constexpr std::uint16_t kPortPlain = 80;
inline constexpr std::uint16_t kPortSecure = 443;

struct Url {
    bool secure = false;              // wss
    std::string host;                 // lower case, an IPv6 address without its brackets
    std::uint16_t port = kPortPlain;  // 1 to 65535
    std::string path = "/";           // with the query
    std::string host_header;          // "host" or "host:port" as the Host header has it, brackets included
    std::string socket_path;          // ws+unix: of the Unix socket; `host` is then "localhost"
};

// A path of a Unix socket is that long at most (unix(7)): sun_path without its end.
inline constexpr std::size_t kSocketPathMax = 107;

// Takes "ws://HOST[:PORT][/PATH][?QUERY]", HOST a name, an IPv4 address or an [IPv6] address; and
// "ws+unix:/SOCKET[:/PATH][?QUERY]", as npm's ws has it, also with "//" before the socket's path.
// Everything else is a usage error that names the URL, says what is allowed, and the remedy: another
// scheme, a fragment, a user and password, a bad port, an empty or malformed host, white space and
// characters beyond ASCII.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

}  // namespace wsblast::proto
