#include "proto/proxy_url.hpp"

#include <algorithm>
#include <optional>

#include "proto/url.hpp"
#include "text/format.hpp"

namespace wsblast::proto {

namespace {

constexpr std::string_view kForm =
    "write http://[USER:PASSWORD@]HOST:PORT or socks5://[USER:PASSWORD@]HOST:PORT";

Error bad_proxy(std::string_view fault) {
    return usage_error(text::format("{}; {}", fault, kForm));
}

std::optional<int> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
    return std::nullopt;
}

// RFC 3986 2.1; none when a '%' is not followed by two digits.
std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const auto high = hex_digit(text[i + 1]);
        const auto low = hex_digit(text[i + 2]);
        if (!high || !low) return std::nullopt;
        decoded += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    return decoded;
}

Result<void> add_credentials(ProxyUrl& proxy, std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const auto user = percent_decoded(text.substr(0, colon));
    const auto password = percent_decoded(text.substr(std::min(colon + 1, text.size())));
    if (!user || !password) return bad_proxy("its user or password has a '%' without two hex digits");
    if (user->size() > kProxyCredentialMax || password->size() > kProxyCredentialMax) {
        return bad_proxy(text::format("its user or password is longer than the {} bytes that are allowed",
                                      kProxyCredentialMax));
    }
    // RFC 7617 2
    if (proxy.kind == ProxyKind::http_connect && user->find(':') != std::string::npos)
        return bad_proxy("its user has a ':', which basic credentials cannot carry");
    if (proxy.kind == ProxyKind::socks5 && user->empty())  // RFC 1929 2
        return bad_proxy("a password needs a user");
    proxy.user = *user;
    proxy.password = *password;
    return {};
}

struct Scheme {
    std::string_view start;
    ProxyKind kind;
};
constexpr Scheme kProxySchemes[] = {{"http://", ProxyKind::http_connect},
                                    {"socks5://", ProxyKind::socks5},
                                    {"socks5h://", ProxyKind::socks5}};

}  // namespace

Result<Authority> parse_authority(std::string_view text) {
    const bool bare = text.find_first_of("/?#@") == std::string_view::npos;
    const auto url = parse_url("ws://" + std::string(text));
    // An IPv6 address ends with its bracket.
    const std::size_t port_at = text.rfind(':');
    const bool has_port =
        port_at != std::string_view::npos && text.find(']', port_at) == std::string_view::npos;
    if (!bare || !url || !has_port)
        return usage_error("it is no HOST:PORT, as in localhost:8000 or [::1]:8000");
    return Authority{url->host, url->port};
}

Result<ProxyUrl> parse_proxy_url(std::string_view text) {
    const auto scheme = std::find_if(std::begin(kProxySchemes), std::end(kProxySchemes),
                                     [&](const Scheme& one) { return text.starts_with(one.start); });
    if (scheme == std::end(kProxySchemes)) return bad_proxy("its scheme is neither http:// nor socks5://");
    ProxyUrl proxy;
    proxy.kind = scheme->kind;
    std::string_view rest = text.substr(scheme->start.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    // A password may have an '@' that nobody has encoded.
    if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
        if (const auto added = add_credentials(proxy, rest.substr(0, at)); !added) return added.error();
        rest.remove_prefix(at + 1);
    }
    if (rest.find_first_of("/?#") != std::string_view::npos)
        return bad_proxy("it has a path or a query behind HOST:PORT, and a proxy has none: leave it out");
    const auto authority = parse_authority(rest);
    if (!authority) return bad_proxy("its host or port is none");
    proxy.host = authority->host;
    proxy.port = authority->port;
    return proxy;
}

}  // namespace wsblast::proto
