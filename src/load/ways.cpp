#include "load/ways.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "crypto/tls_facts.hpp"
#include "proto/proxy.hpp"
#include "proto/url.hpp"
#include "text/format.hpp"

namespace wsblast::load {

namespace {

bool is_secure(const std::string& text) {
    const auto url = proto::parse_url(text);
    return url && url->secure;
}

std::string fault_text(const stats::TlsFaultKey& fault) {
    switch (fault.kind) {
        case stats::TlsFaultKind::alert: return crypto::tls_alert_name(fault.code);
        case stats::TlsFaultKind::certificate: return crypto::tls_verify_name(fault.code);
        case stats::TlsFaultKind::truncation: return "FIN without close_notify";
    }
    return "";
}

std::string answer_text(proto::ProxyKind kind, std::uint32_t code) {
    switch (kind) {
        case proto::ProxyKind::http_connect: return text::format("HTTP status {}", code);
        case proto::ProxyKind::socks5:
            return text::format("SOCKS5 reply {}, {}", code,
                                proto::socks_reply_text(static_cast<std::uint16_t>(code)));
    }
    return "";
}

}  // namespace

std::optional<stats::TlsResult> tls_result(const stats::Snapshot& totals, const plan::RunOptions& options) {
    if (std::none_of(options.urls.begin(), options.urls.end(), is_secure)) return std::nullopt;
    stats::TlsResult tls;
    tls.verified = options.tls.check == crypto::PeerCheck::full;
    tls.resumption = options.tls.resumption == crypto::Resumption::tickets;
    std::map<std::uint32_t, std::pair<std::uint64_t, std::uint64_t>> counts;
    for (const auto& [key, count] : totals.tls_full) counts[key].first = count;
    for (const auto& [key, count] : totals.tls_resumed) counts[key].second = count;
    for (const auto& [key, count] : counts) {
        const stats::TlsKey agreed = stats::TlsKey::unpack(key);
        tls.agreements.push_back({crypto::tls_version_name(agreed.version),
                                  crypto::tls_cipher_name(agreed.cipher), count.first, count.second});
    }
    for (const auto& [key, count] : totals.tls_faults) {
        const stats::TlsFaultKey fault = stats::TlsFaultKey::unpack(key);
        tls.faults.push_back({fault.kind, fault_text(fault), count});
    }
    return tls;
}

std::vector<stats::ProxyAnswer> proxy_answers(const stats::Snapshot& totals,
                                              const plan::RunOptions& options) {
    std::vector<stats::ProxyAnswer> answers;
    if (!options.access.proxy) return answers;
    for (const auto& [code, count] : totals.proxy_answers)
        answers.push_back({code, answer_text(options.access.proxy->kind, code), count});
    return answers;
}

std::optional<std::vector<stats::SubprotocolCount>> subprotocols(const stats::Snapshot& totals,
                                                                 const plan::RunOptions& options) {
    if (options.subprotocols.empty()) return std::nullopt;
    std::vector<stats::SubprotocolCount> counts;
    const auto add = [&](const std::string& name, std::optional<std::size_t> place) {
        const auto found = totals.subprotocols.find(stats::subprotocol_key(place));
        if (found != totals.subprotocols.end()) counts.push_back({name, found->second});
    };
    for (std::size_t place = 0; place < options.subprotocols.size(); ++place)
        add(options.subprotocols[place], place);
    add("", std::nullopt);
    return counts;
}

}  // namespace wsblast::load
