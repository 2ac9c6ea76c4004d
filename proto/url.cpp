#include "proto/url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <arpa/inet.h>

#include "base/ascii.hpp"
#include "proto/secrets.hpp"
#include "text/format.hpp"

namespace wsblast::proto {

namespace {

constexpr std::size_t kHostNameMax = 253;  // RFC 1035 2.3.4, as text

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), to_lower);
    return lower;
}

Error bad_url(std::string_view text, std::string_view fault) {
    return usage_error(text::format("URL '{}': {}", shown_url(text), fault));
}

bool is_address(int family, const std::string& text) {
    in6_addr address{};  // the larger of the two
    return inet_pton(family, text.c_str(), &address) == 1;
}

// A name by its characters only: whether it exists is found out by looking it up. '_' is in use, RFC or
// not.
bool is_host_name(std::string_view host) {
    const bool sound = std::ranges::all_of(host, [](char c) {
        const char lower = to_lower(c);
        return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_';
    });
    return sound && host.size() <= kHostNameMax && host.front() != '.' && !has(host, "..");
}

// The fault of a host without brackets, if it has one.
std::optional<std::string_view> host_fault(const std::string& host) {
    if (host.empty()) return "has no host; write one, as in ws://localhost:8000/ws";
    const bool numeric = std::ranges::all_of(host, [](char c) { return is_digit(c) || c == '.'; });
    if (numeric && !is_address(AF_INET, host))
        return "has a bad IPv4 address; write four numbers of 0 to 255";
    if (!is_host_name(host)) {
        return "has a bad host; allowed are letters, digits, '-', '_' and '.', an IPv6 address in "
               "[brackets]";
    }
    return std::nullopt;
}

struct UrlAuthority {
    std::string host;
    std::string_view port;  // empty: none was given
    bool bracketed = false;
};

Result<UrlAuthority> split_authority(std::string_view text, std::string_view authority) {
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        if (end == std::string_view::npos) return bad_url(text, "has no ']' after its IPv6 address");
        UrlAuthority parts{lower_case(authority.substr(1, end - 1)), authority.substr(end + 1), true};
        if (!is_address(AF_INET6, parts.host)) {
            return bad_url(text,
                           "has a bad IPv6 address in its brackets; write it as in ws://[::1]:8000/ws");
        }
        if (parts.port.empty()) return parts;
        if (parts.port.front() != ':') return bad_url(text, "has more than a port after its IPv6 address");
        parts.port.remove_prefix(1);
        if (parts.port.empty()) return bad_url(text, "has an empty port; drop the ':' or write a number");
        return parts;
    }
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    UrlAuthority parts{lower_case(authority.substr(0, colon)),
                       authority.substr(std::min(colon + 1, authority.size())), false};
    if (has(parts.port, ":"))
        return bad_url(text, "has more than one ':' in its host; put IPv6 in [brackets]");
    if (colon < authority.size() && parts.port.empty()) {
        return bad_url(text, "has an empty port; drop the ':' or write a number");
    }
    if (const auto fault = host_fault(parts.host)) return bad_url(text, *fault);
    return parts;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc{} || rest != end || port == 0) return std::nullopt;
    return port;
}

// What follows "ws+unix:".
Result<Url> parse_unix_url(std::string_view text, std::string_view rest) {
    if (rest.starts_with("//")) rest.remove_prefix(2);
    if (!rest.starts_with('/')) {
        return bad_url(text, "has no absolute path of a socket; write it as in ws+unix:/run/chat.sock:/ws");
    }
    const std::size_t end = std::min(rest.find(':'), rest.size());
    Url url;
    url.host = url.host_header = "localhost";
    url.socket_path = rest.substr(0, end);
    if (url.socket_path.size() > kSocketPathMax) {
        return bad_url(text, text::format("names a socket with a path above {} characters; link to it from "
                                          "a shorter one",
                                          kSocketPathMax));
    }
    if (end == rest.size()) return url;
    url.path = rest.substr(end + 1);
    if (url.path.starts_with('?')) url.path.insert(0, "/");
    if (url.path.starts_with('/')) return url;
    return bad_url(text, "has no path after the socket's ':'; write it as in ws+unix:/run/chat.sock:/ws");
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
    constexpr std::string_view kSeparator = "://";
    constexpr std::string_view kUnix = "ws+unix:";
    constexpr std::string_view kUnixSecure = "wss+unix:";
    if (!std::ranges::all_of(text, is_visible)) {
        return bad_url(text,
                       "has white space or a character beyond ASCII; percent-encode it (%20 is a space)");
    }
    if (has(text, "#")) return bad_url(text, "has a fragment; drop the '#' and what follows (RFC 6455 3)");
    const std::string lower = lower_case(text.substr(0, kUnixSecure.size()));
    if (lower.starts_with(kUnix)) return parse_unix_url(text, text.substr(kUnix.size()));
    if (lower.starts_with(kUnixSecure)) {
        auto url = parse_unix_url(text, text.substr(kUnixSecure.size()));
        if (url) url->secure = true;
        return url;
    }
    const std::size_t scheme_end = text.find(kSeparator);
    const std::string scheme =
        scheme_end == std::string_view::npos ? "" : lower_case(text.substr(0, scheme_end));
    if (scheme != "ws" && scheme != "wss") {
        return bad_url(text, "has an unknown scheme; allowed are ws:// and wss://, and ws+unix:");
    }

    const std::string_view rest = text.substr(scheme_end + kSeparator.size());
    const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
    const std::string_view authority = rest.substr(0, authority_end);
    if (has(authority, "@")) {
        return bad_url(text, "has a user or password; send them with --auth");
    }
    auto parts = split_authority(text, authority);
    if (!parts) return parts.error();

    Url url;
    url.secure = scheme == "wss";
    const std::uint16_t default_port = url.secure ? kPortSecure : kPortPlain;
    url.port = default_port;
    if (!parts->port.empty()) {
        const auto port = parse_port(parts->port);
        if (!port) return bad_url(text, "has a bad port; allowed are 1 to 65535");
        url.port = *port;
    }
    url.host = std::move(parts->host);
    url.path = rest.substr(authority_end);
    if (!url.path.starts_with('/')) url.path.insert(0, "/");
    url.host_header = parts->bracketed ? text::format("[{}]", url.host) : url.host;
    if (url.port != default_port) url.host_header += text::format(":{}", url.port);
    return url;
}

}  // namespace wsblast::proto
