#include "target/pages.hpp"

#include <array>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "host/resources.hpp"
#include "text/format.hpp"

namespace wsblast::target {

namespace {

constexpr std::uint16_t kOk = 200;
constexpr std::uint16_t kNotFound = 404;
constexpr std::uint16_t kMethodNotAllowed = 405;
constexpr std::uint16_t kUpgradeRequired = 426;
constexpr std::uint16_t kHeadersTooLarge = 431;
constexpr std::uint16_t kUnavailable = 503;

constexpr std::string_view kJson = "application/json";

Page make_page(const proto::HttpResponse& response) {
    return {response.status, proto::make_http_response(response)};
}

Page page_of(Route route, const Board& board) {
    switch (route) {
        case Route::ws:
        case Route::echo:
        case Route::broadcast:
            return make_page({.status = kUpgradeRequired, .body = "a WebSocket is served here\n"});
        case Route::health: return make_page({.content_type = kJson, .body = "{\"status\":\"healthy\"}\n"});
        case Route::stats: return make_page({.content_type = kJson, .body = stats_json(board)});
        case Route::unknown: break;
    }
    return make_page(
        {.status = kNotFound, .body = "there are /ws, /echo, /broadcast, /health and /stats\n"});
}

// What follows the counts of the queue. The share is of all servers since the start.
std::string busy_share(const Board& board) {
    const std::uint32_t servers = board.faults().service.any() ? board.faults().service.servers : 0;
    const double could_s = servers * to_seconds(monotonic_now() - board.started_ns());
    const double share = could_s > 0 ? to_seconds(board.total(Count::busy_ns)) / could_s : 0;
    return text::format(",\"servers\":{},\"busy_share\":{:.6f}", servers, share);
}

// "/broadcast", or "/broadcast/NAME".
bool is_broadcast(std::string_view path) {
    constexpr std::string_view kService = "/broadcast";
    if (!path.starts_with(kService)) return false;
    const std::string_view name = path.substr(kService.size());
    return name.empty() || (name.front() == '/' && name.size() - 1 <= limits::kChannelNameMax);
}

}  // namespace

Route route_of(std::string_view path) {
    if (is_broadcast(path)) return Route::broadcast;
    if (path == "/ws") return Route::ws;
    if (path == "/echo") return Route::echo;
    if (path == "/health") return Route::health;
    if (path == "/stats") return Route::stats;
    return Route::unknown;
}

Page answer_plainly(const proto::UpgradeRead& request, const Board& board) {
    if (request.kind == proto::RequestKind::bad) {
        return make_page({.status = request.http_status, .body = "this request cannot be served\n"});
    }
    const Route route = route_of(request.path);
    if (route != Route::unknown && request.method != "GET") {
        return make_page({.status = kMethodNotAllowed, .body = "GET only\n", .extra_header = "Allow: GET"});
    }
    return page_of(route, board);
}

Page oversized_page() {
    return make_page({.status = kHeadersTooLarge, .body = "the request's head is too large\n"});
}

Page rejected_page(std::uint16_t status) {
    return make_page({.status = status, .body = "refused on purpose (--reject)\n"});
}

Page overcrowded_page(std::uint64_t connections_max) {
    return make_page(
        {.status = kUnavailable,
         .body = text::format("connection limit {} reached (--max-connections)\n", connections_max)});
}

Page no_channel_page() {
    return make_page({.status = kUnavailable,
                      .body = text::format("no more channels are opened: there have been {}\n",
                                           with_thousands(limits::kChannelsMax))});
}

std::string stats_json(const Board& board) {
    const auto counts = [&board](std::size_t first, std::size_t end) {
        std::string list;
        for (std::size_t i = first; i < end; ++i) {
            list += text::format("{}\"{}\":{}", i == first ? "" : ",", kCountNames[i],
                                 board.total(static_cast<Count>(i)));
        }
        return list;
    };
    std::string json = "{" + counts(0, kFirstFault);
    json += ",\"faults\":{" + counts(kFirstFault, kFirstType);
    json += "},\"by_type\":{" + counts(kFirstType, kFirstOfQueue);
    json += "},\"service\":{" + counts(kFirstOfQueue, kCountNames.size()) + busy_share(board);
    const CpuTimes cpu = process_cpu_times();
    json += text::format("}},\"cpu_user_s\":{:.6f},\"cpu_system_s\":{:.6f},\"rss_bytes\":{},\"cores\":{},",
                         to_seconds(cpu.user_ns), to_seconds(cpu.system_ns), host::rss_bytes(),
                         board.workers());
    json += text::format("\"uptime_s\":{:.3f}}}\n", to_seconds(monotonic_now() - board.started_ns()));
    return json;
}

}  // namespace wsblast::target
