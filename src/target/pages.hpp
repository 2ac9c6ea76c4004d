// What the server says over plain HTTP, to a request that does not become a WebSocket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/upgrade.hpp"
#include "target/board.hpp"

namespace wsblast::target {

enum class Route : std::uint8_t { ws, echo, broadcast, health, stats, unknown };
// `path` without its query. /broadcast/NAME is a broadcast too, where the name has at most
// limits::kChannelNameMax bytes.
[[nodiscard]] Route route_of(std::string_view path);

// A whole response, after which the connection is closed.
struct Page {
    std::uint16_t status = 200;
    std::string text;
};

// The answer to a request that is bad, plain, or an upgrade of a route that has none: its own status when
// it is bad; 404 for an unknown path, 405 for another method than GET, 426 where an upgrade is expected;
// 200 for GET /health and GET /stats. Any thread.
[[nodiscard]] Page answer_plainly(const proto::UpgradeRead& request, const Board& board);

// To a head above limits::kHttpHeadMax (431), and to an upgrade too many (503).
[[nodiscard]] Page oversized_page();
[[nodiscard]] Page overcrowded_page(std::uint64_t connections_max);
// To a broadcast on a channel too many (503).
[[nodiscard]] Page no_channel_page();
// To an upgrade that a fault refuses.
[[nodiscard]] Page rejected_page(std::uint16_t status);

// The body of GET /stats: one JSON object, the counters over all workers and what the process has used.
[[nodiscard]] std::string stats_json(const Board& board);

}  // namespace wsblast::target
