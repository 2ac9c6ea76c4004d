// Where a redirect leads: the value of a Location header against the URL that was asked (RFC 9110 10.2.2,
// RFC 3986 5).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "proto/url.hpp"

namespace wsblast::proto {

// Takes ws:// and wss://, http:// and https:// (what they are to WebSocket, RFC 6455 3), "//host/path", and
// paths and queries of the same host, with "." and ".." in them. A fragment is dropped. Usage error:
// nothing, what parse_url() refuses, and every other scheme: no server says which sockets of this machine
// are opened (ws+unix:).
[[nodiscard]] Result<Url> resolve_location(const Url& asked, std::string_view location);

// The URL as text: what parse_url() makes the same of.
[[nodiscard]] std::string to_text(const Url& url);

}  // namespace wsblast::proto
