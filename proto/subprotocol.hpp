// How both ends come to a subprotocol (RFC 6455 4.1, 4.2.2). Pure functions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proto/http_head.hpp"

namespace wsblast::proto {

inline constexpr std::string_view kProtocolHeader = "Sec-WebSocket-Protocol";
// Of a subprotocol that the server takes up: the longest registered name has 36 characters.
inline constexpr std::size_t kSubprotocolMax = 128;

// Client: the value of the header that offers them; empty: there is none to send.
[[nodiscard]] inline std::string subprotocol_offer(std::span<const std::string> names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return list;
}

// Server: the first that the request offers and that is spoken here (empty: any is); empty: none.
[[nodiscard]] inline std::string_view choose_subprotocol(const HttpHeaders& request,
                                                         std::span<const std::string> spoken) {
    return request.find_token(kProtocolHeader, [spoken](std::string_view name) {
        return is_http_token(name) && name.size() <= kSubprotocolMax &&
               (spoken.empty() || std::ranges::find(spoken, name) != spoken.end());
    });
}

// Client: the place of what the server chose in what was offered; none: it was not offered.
[[nodiscard]] inline std::optional<std::size_t> place_of(std::string_view chosen,
                                                         std::span<const std::string> offered) {
    const auto found = std::ranges::find(offered, chosen);
    if (found == offered.end()) return std::nullopt;
    return static_cast<std::size_t>(found - offered.begin());
}

}  // namespace wsblast::proto
