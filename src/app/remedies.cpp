#include "app/remedies.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "proto/url.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

using stats::ErrorKind;
using text::format;

std::string place_text(const std::string& host, std::uint16_t port) {
    const bool ipv6 = host.find(':') != std::string::npos;
    return format("{}:{}", ipv6 ? "[" + host + "]" : host, port);
}

// Where connections went, and which option says so.
struct Way {
    std::string places{};
    std::string_view option = "--url";
};

Way way_of(const plan::RunOptions& options) {
    if (const auto& proxy = options.access.proxy)
        return {"the proxy " + place_text(proxy->host, proxy->port), "--proxy"};
    if (const auto& to = options.access.connect_to) return {place_text(to->host, to->port), "--connect-to"};
    std::vector<std::string> places;
    for (const std::string& text : options.urls) {
        const auto url = proto::parse_url(text);
        if (!url) continue;
        std::string place =
            url->socket_path.empty() ? place_text(url->host, url->port) : "the socket " + url->socket_path;
        if (std::find(places.begin(), places.end(), place) == places.end())
            places.push_back(std::move(place));
    }
    Way way;
    for (const std::string& place : places) way.places += (way.places.empty() ? "" : ", ") + place;
    return way;
}

std::string proxy_remedy(const stats::RunResult& result, const Way& way) {
    if (result.proxy_answers.empty()) return format("check user and password of {}", way.option);
    return format("{} answered with {}: check {}, and what it allows", way.places,
                  result.proxy_answers.front().what, way.option);
}

std::string remedy(ErrorKind kind, const stats::RunResult& result, const plan::RunOptions& options) {
    const Way way = way_of(options);
    if (kind == ErrorKind::refused) {
        return format("nobody listens at {}: start it, {}", way.places,
                      way.option == "--url" ? "check --url, or use --with-target"
                                            : format("or check {}", way.option));
    }
    if (kind == ErrorKind::no_such_socket)
        return format("nothing is at {}: start the target, or check {}", way.places, way.option);
    if (kind == ErrorKind::not_permitted) {
        return format("this user may not connect to {}: check modes of sockets and folders, and firewalls",
                      way.places);
    }
    if (kind == ErrorKind::proxy_refused || kind == ErrorKind::proxy_login)
        return proxy_remedy(result, way);
    if (kind == ErrorKind::upgrade_status) return "check the path of --url, and --header for credentials";
    if (kind == ErrorKind::connect_timeout || kind == ErrorKind::timed_out) {
        return format("check {} and firewalls, or allow more with --connect-timeout", way.option);
    }
    return "docs/errors.md says what can be done";
}

}  // namespace

std::string failure_text(const stats::RunResult& result, const plan::RunOptions& options) {
    const auto errors = stats::errors_by_count(result.counters);
    if (errors.empty()) return "";
    const ErrorKind kind = errors.front().kind;
    return format("no connection succeeded: {}: {}", stats::info(kind).label,
                  remedy(kind, result, options));
}

}  // namespace wsblast::app
