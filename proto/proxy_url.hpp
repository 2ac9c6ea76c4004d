// How a proxy is named: http://[USER:PASSWORD@]HOST:PORT or socks5://[USER:PASSWORD@]HOST:PORT.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "proto/proxy.hpp"

namespace wsblast::proto {

struct ProxyUrl {
    ProxyKind kind = ProxyKind::http_connect;
    std::string host{};  // as in Url
    std::uint16_t port = 0;
    std::string user{};  // decoded; both empty: none
    std::string password{};
};

// User and password may be percent-encoded (RFC 3986 2.1). The port has no default: programs do not agree
// on one. Also takes socks5h://, which is the same here: the proxy resolves names. Usage error, which never
// repeats what was given: it may hold a password.
[[nodiscard]] Result<ProxyUrl> parse_proxy_url(std::string_view text);

// "HOST:PORT", an IPv6 address in brackets: its parts, lower case and without brackets. Usage error.
struct Authority {
    std::string host;
    std::uint16_t port = 0;
};
[[nodiscard]] Result<Authority> parse_authority(std::string_view text);

}  // namespace wsblast::proto
