#include "load/redirects.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "crypto/tls_options.hpp"
#include "http/client.hpp"
#include "plan/request_headers.hpp"
#include "proto/redirect.hpp"
#include "proto/secrets.hpp"
#include "proto/subprotocol.hpp"
#include "text/format.hpp"

namespace wsblast::load {

namespace {

using session::RedirectRules;

// An IPv6 address stands in brackets (RFC 3986 3.2.2).
std::string authority(const std::string& host, std::uint16_t port) {
    const bool ipv6 = host.find(':') != std::string::npos;
    return text::format("{}:{}", ipv6 ? "[" + host + "]" : host, port);
}

// What libcurl takes; credentials stay apart in no other form.
std::string proxy_text(const proto::ProxyUrl& proxy) {
    const auto escaped = [](const std::string& text) {
        std::string all;
        for (const char c : text) all += text::format("%{:02X}", static_cast<unsigned char>(c));
        return all;
    };
    const bool logs_in = !proxy.user.empty() || !proxy.password.empty();
    return text::format("{}://{}{}", proxy.kind == proto::ProxyKind::socks5 ? "socks5h" : "http",
                        logs_in ? escaped(proxy.user) + ":" + escaped(proxy.password) + "@" : "",
                        authority(proxy.host, proxy.port));
}

http::Client::Look::TlsVersion version_of(crypto::TlsVersion version) {
    switch (version) {
        case crypto::TlsVersion::tls_1_2: return http::Client::Look::TlsVersion::tls_1_2;
        case crypto::TlsVersion::tls_1_3: return http::Client::Look::TlsVersion::tls_1_3;
    }
    return http::Client::Look::TlsVersion::tls_1_3;
}

// Without what only the host of a --url should know.
plan::RunOptions without_secrets(plan::RunOptions options) {
    options.access.authorization.clear();
    options.access.cookies.clear();
    std::erase_if(options.headers,
                  [](const plan::Header& header) { return proto::is_secret_name(header.name); });
    return options;
}

// Whether a --url names that scheme, host and port (RFC 6454 4).
bool is_own(const proto::Url& url, const std::vector<proto::Url>& own) {
    return std::any_of(own.begin(), own.end(), [&](const proto::Url& one) {
        return one.secure == url.secure && one.host == url.host && one.port == url.port &&
               one.socket_path == url.socket_path;
    });
}

class RedirectFinder {
  public:
    RedirectFinder(const plan::RunOptions& options, ResolvedTargets& targets, RedirectRules& rules,
                   const std::function<bool()>& stop_requested)
        : options_(options),
          stranger_(without_secrets(options)),
          targets_(targets),
          rules_(rules),
          stop_requested_(stop_requested),
          until_ns_(monotonic_now() + options.connect_timeout_ns) {}

    // Follows the redirects from `url` to their end, or to a place that is not to be followed.
    void follow(proto::Url url) {
        for (std::uint32_t hop = 0; hop < limits::kRedirectsMax && may_look(); ++hop) {
            const auto seen = client_.look(look_at(url));
            if (!seen || seen->location.empty() || seen->status < 300 || seen->status > 399) return;
            const auto next = proto::resolve_location(url, seen->location);
            if (!next) return;
            const bool downgrade = url.secure && !next->secure;
            if (downgrade && rules_.policy != plan::Redirects::follow_anywhere) return;
            if (!add(*next)) return;
            url = *next;
        }
    }

  private:
    bool may_look() {
        if (stop_requested_()) return false;
        if (monotonic_now() < until_ns_) return true;
        warn(
            "--follow-redirects: not all places that redirects lead to were seen within --connect-timeout");
        return false;
    }

    http::Client::Look look_at(const proto::Url& url) {
        http::Client::Look look;
        look.url = text::format("{}://{}{}", url.secure ? "https" : "http", url.host_header, url.path);
        look.headers = {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: d3NibGFzdCBsb29rcyAuLg=="};
        const plan::RunOptions& said = is_own(url, rules_.urls) ? options_ : stranger_;
        if (const auto upgrade = plan::upgrade_options(said)) add_headers(*upgrade, look.headers);
        if (options_.access.proxy) look.proxy = proxy_text(*options_.access.proxy);
        if (const auto& to = options_.access.connect_to) look.connect_to = authority(to->host, to->port);
        look.socket_path = url.socket_path;
        if (url.secure) add_tls(url, look);
        look.timeout_ns = std::min(limits::kRedirectLookNs, until_ns_ - monotonic_now());
        look.stop_requested = stop_requested_;
        return look;
    }

    void add_tls(const proto::Url& url, http::Client::Look& look) const {
        const crypto::TlsClientOptions& tls = options_.tls;
        look.ca_file = tls.ca_file;
        look.certificate_file = tls.certificate_file;
        look.key_file = tls.key_file;
        if (tls.check == crypto::PeerCheck::none) look.check = http::Client::Look::Check::none;
        look.version_min = version_of(tls.terms.version_min);
        look.version_max = version_of(tls.terms.version_max);
        if (tls.server_name.empty()) return;
        // libcurl asks for the name that its URL has, wherever it connects to.
        look.url = text::format("https://{}{}", authority(tls.server_name, url.port), url.path);
        look.headers.push_back("Host: " + url.host_header);
        if (look.connect_to.empty()) look.connect_to = authority(url.host, url.port);
    }

    // Those of the first connection.
    void add_headers(const proto::UpgradeOptions& upgrade, std::vector<std::string>& headers) const {
        for (std::string line : upgrade.headers) {
            for (std::size_t column = 0; column < upgrade.columns.size(); ++column) {
                const std::string hole = "{{" + upgrade.columns[column] + "}}";
                for (std::size_t at = line.find(hole); at != std::string::npos; at = line.find(hole))
                    line.replace(at, hole.size(), options_.access.values->row_of(0)[column]);
            }
            headers.push_back(std::move(line));
        }
        const std::string offer = proto::subprotocol_offer(upgrade.subprotocols);
        if (!offer.empty()) headers.push_back(text::format("{}: {}", proto::kProtocolHeader, offer));
    }

    // False: connections cannot go there.
    bool add(const proto::Url& url) {
        const bool known = std::any_of(rules_.places.begin(), rules_.places.end(),
                                       [&](const RedirectRules::Place& place) { return place.is_of(url); });
        if (known) return true;
        auto target = resolve_target(url, options_);
        if (!target) {
            warn("a redirect leads nowhere: " + target.error().what);
            return false;
        }
        const auto id = static_cast<transport::TargetId>(targets_.destinations.size());
        leave_out_silent(target->destinations, targets_.warnings);
        targets_.destinations.push_back(std::move(target->destinations));
        targets_.routes.push_back(std::move(target->route));
        rules_.places.push_back({url.secure, url.host, url.port, url.socket_path, id});
        return true;
    }

    // Once: each look meets it again.
    void warn(const std::string& text) {
        std::vector<std::string>& all = targets_.warnings;
        if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
    }

    const plan::RunOptions& options_;
    const plan::RunOptions stranger_;  // to hosts that no --url names
    ResolvedTargets& targets_;
    RedirectRules& rules_;
    const std::function<bool()>& stop_requested_;
    const TimeNs until_ns_;
    http::Client client_;
};

}  // namespace

void find_redirects(const plan::RunOptions& options, ResolvedTargets& targets,
                    const std::function<bool()>& stop_requested) {
    const auto rules = std::make_shared<RedirectRules>();
    rules->policy = options.access.redirects;
    rules->make_target = [kept = options, stranger = without_secrets(options),
                          &own = rules->urls](const proto::Url& url) {
        return make_client_target(url, is_own(url, own) ? kept : stranger);
    };
    for (const std::string& text : options.urls) {
        const auto url = proto::parse_url(text);
        if (!url) return;  // resolve_targets() has refused it
        const auto id = static_cast<transport::TargetId>(rules->urls.size());
        rules->urls.push_back(*url);
        rules->places.push_back({url->secure, url->host, url->port, url->socket_path, id});
    }
    RedirectFinder finder(options, targets, *rules, stop_requested);
    // In turns, so that one that is silent does not take the time of all others.
    for (std::uint32_t look = 0; look < limits::kRedirectLooks; ++look) {
        for (const proto::Url& url : rules->urls) finder.follow(url);
    }
    targets.redirects = rules;
}

}  // namespace wsblast::load
