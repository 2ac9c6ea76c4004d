#include "app/remedies.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "proto/redirect.hpp"
#include "proto/url.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

using stats::ErrorKind;
using text::format;

// What a server said, for a terminal.
std::string printable(std::string_view bytes) {
    std::string shown(bytes);
    std::replace_if(
        shown.begin(), shown.end(), [](char byte) { return byte < ' ' || byte > '~'; }, '.');
    return shown;
}

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
    const std::string_view target = options.command == "script" ? "config.target" : "--url";
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
    Way way{.option = target};
    for (const std::string& place : places) way.places += (way.places.empty() ? "" : ", ") + place;
    return way;
}

// Where redirects led those that failed like that, or wanted to lead them; empty: nowhere.
std::string redirected_to(ErrorKind kind, const stats::RunResult& result) {
    for (const stats::Excerpt& failure : result.redirect_failures) {
        if (failure.status == static_cast<std::uint16_t>(kind)) return printable(failure.text);
    }
    return "";
}

// The Location of an answer that redirects; empty: none did.
std::string location_of(const stats::RunResult& result) {
    constexpr std::string_view kLocation = "Location: ";
    for (const stats::Excerpt& excerpt : result.excerpts) {
        if (excerpt.status / 100 != 3 || !excerpt.text.starts_with(kLocation)) continue;
        const std::string_view words = std::string_view(excerpt.text).substr(kLocation.size());
        return printable(words.substr(0, words.find("; ")));
    }
    return "";
}

// Why it was not gone to `location`, and what can be done.
std::string refused_redirect_remedy(const std::string& location, const plan::RunOptions& options) {
    const std::string_view option = way_of(options).option;
    std::optional<proto::Url> asked;
    for (const std::string& text : options.urls) {
        if (const auto url = proto::parse_url(text); url && (!asked || url->secure)) asked = *url;
    }
    if (!asked || location.empty()) return "check where the target redirects to";
    const auto url = proto::resolve_location(*asked, location);
    if (!url) return "that is no place of a WebSocket: check where the target redirects to";
    if (asked->secure && !url->secure && options.access.redirects != plan::Redirects::follow_anywhere) {
        return format("it leads from wss:// to ws://: --allow-downgrade follows it, or give it as {}",
                      option);
    }
    return format("no address of {} was known when the run began: check that its name can be resolved, or "
                  "give it as {}",
                  url->host, option);
}

std::string redirect_remedy(ErrorKind kind, const std::string& location, const plan::RunOptions& options) {
    const std::string to = location.empty() ? "" : format("to {}: ", location);
    if (kind == ErrorKind::redirect_loop) return to + "check what the target redirects";
    return to + refused_redirect_remedy(location, options);
}

// Whether what servers said to those that failed is about their offer of compression.
bool refuses_extensions(const stats::RunResult& result) {
    return std::ranges::any_of(result.excerpts, [](const stats::Excerpt& excerpt) {
        return excerpt.status / 100 == 4 && excerpt.text.find("xtension") != std::string::npos;
    });
}

// What the user can do where TLS failed; empty: it did not.
std::string tls_remedy(ErrorKind kind) {
    if (kind == ErrorKind::tls_untrusted)
        return "give the CA that signed it with --tls-ca, or check no certificate with --tls-insecure";
    if (kind == ErrorKind::tls_wrong_name)
        return "give a name that it has with --tls-server-name, or check no certificate with "
               "--tls-insecure";
    if (kind == ErrorKind::tls_expired)
        return "renew it, look at the clock of this host, or check no certificate with --tls-insecure";
    if (kind == ErrorKind::tls_missing) return "if it speaks no TLS give ws:// instead of wss://";
    return "";
}

std::string upgrade_remedy(const stats::RunResult& result, const plan::RunOptions& options) {
    const std::string there = redirected_to(ErrorKind::upgrade_status, result);
    if (!there.empty()) return format("{}, where a redirect led, says so: check what it wants", there);
    const std::string location = location_of(result);
    if (location.empty() || options.access.redirects != plan::Redirects::refuse) {
        const std::string compress = refuses_extensions(result)
                                         ? "what it refuses is what --compress-parameters offers"
                                         : "and --header for credentials";
        return format("check the path of {}, {}", way_of(options).option, compress);
    }
    return format("it redirects to {}: give that as --url, or --follow-redirects", location);
}

std::string proxy_remedy(const stats::RunResult& result, const Way& way) {
    if (result.proxy_answers.empty()) return format("check user and password of {}", way.option);
    return format("{} answered with {}: check {}, and what it allows", way.places,
                  result.proxy_answers.front().what, way.option);
}

// Where a proxy answered with something else, or not at all: it may be of the other kind. Empty: there is
// no proxy.
std::string other_proxy(ErrorKind kind, const plan::RunOptions& options, const Way& way) {
    if (!options.access.proxy) return "";
    const bool socks = options.access.proxy->kind == proto::ProxyKind::socks5;
    const std::string_view asked = socks ? "SOCKS5" : "HTTP";
    const std::string_view other =
        socks ? "if it speaks HTTP give http://" : "if it speaks SOCKS5 give socks5://";
    if (kind == ErrorKind::proxy_broken)
        return format("what {} answered is no {}: {}", way.places, asked, other);
    if (kind == ErrorKind::closed_in_handshake || kind == ErrorKind::reset_in_handshake)
        return format("{} was asked in {}, and closed: {}", way.places, asked, other);
    if (kind != ErrorKind::connect_timeout) return "";
    return format("{} was asked in {}: {}; check firewalls, or allow more with --connect-timeout",
                  way.places, asked, other);
}

std::string remedy(ErrorKind kind, const stats::RunResult& result, const plan::RunOptions& options) {
    Way way = way_of(options);
    const std::string there = redirected_to(kind, result);
    if (kind == ErrorKind::redirect_refused || kind == ErrorKind::redirect_loop)
        return redirect_remedy(kind, there, options);
    if (!there.empty()) way = {there + ", where a redirect led", "where the target redirects to"};
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
    if (const std::string words = other_proxy(kind, options, way); !words.empty()) return words;
    if (kind == ErrorKind::proxy_refused || kind == ErrorKind::proxy_login)
        return proxy_remedy(result, way);
    if (kind == ErrorKind::upgrade_status) return upgrade_remedy(result, options);
    if (const std::string words = tls_remedy(kind); !words.empty()) return words;
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
