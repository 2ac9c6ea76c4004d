#include "script/connection.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/limits.hpp"
#include "crypto/base64.hpp"
#include "proto/permessage_deflate.hpp"
#include "proto/proxy_url.hpp"
#include "script/durations.hpp"
#include "script/errors.hpp"
#include "script/tls_keys.hpp"
#include "text/format.hpp"

namespace wsblast::script {

namespace {

constexpr std::array<std::string_view, 13> kWsKeys{"subprotocols",
                                                   "headers",
                                                   "proxy",
                                                   "timeout",
                                                   "localAddress",
                                                   "origin",
                                                   "auth",
                                                   "handshakeTimeout",
                                                   "maxPayload",
                                                   "perMessageDeflate",
                                                   "followRedirects",
                                                   "maxRedirects",
                                                   "protocolVersion"};
constexpr std::string_view kNoMeaning = "has no meaning here";
// As Node's client: the server may narrow the window.
constexpr proto::DeflateParameters kUsualOffer{.client_max_window_bits = proto::kDeflateBitsMax};

bool is_subprotocol_header(std::string_view name) {
    return std::ranges::equal(name, std::string_view("sec-websocket-protocol"), [](char c, char wanted) {
        return (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) == wanted;
    });
}

// Reads config.ws, key by key.
class WsReader {
  public:
    WsReader(FlowContext& into, plan::RunOptions& run) : into_(into), run_(run) {}

    [[nodiscard]] Result<void> read(const Member& member);

  private:
    [[nodiscard]] Result<void> read_headers(const Node& node);
    [[nodiscard]] Result<void> read_subprotocols(const Node& node);
    [[nodiscard]] Result<void> read_proxy(const Node& node);
    [[nodiscard]] Result<void> read_address(const Node& node);
    [[nodiscard]] Result<void> read_auth(const Node& node);
    [[nodiscard]] Result<void> read_origin(const Node& node);
    [[nodiscard]] Result<void> read_handshake_timeout(const Node& node);
    [[nodiscard]] Result<void> read_size(const Node& node);
    [[nodiscard]] Result<void> read_deflate(const Node& node);
    [[nodiscard]] Result<void> read_deflate_member(const Member& member, proto::DeflateParameters& offer);
    [[nodiscard]] Result<void> read_redirects(const Node& node);
    [[nodiscard]] Result<void> read_version(const Node& node);

    FlowContext& into_;
    plan::RunOptions& run_;
    std::string key_;
};

Result<void> WsReader::read(const Member& member) {
    key_ = key_path("config.ws", member.key);
    const Node& value = member.value;
    using Reader = Result<void> (WsReader::*)(const Node&);
    constexpr std::array<std::pair<std::string_view, Reader>, 11> kReaders{
        {{"headers", &WsReader::read_headers},
         {"subprotocols", &WsReader::read_subprotocols},
         {"proxy", &WsReader::read_proxy},
         {"localAddress", &WsReader::read_address},
         {"auth", &WsReader::read_auth},
         {"origin", &WsReader::read_origin},
         {"handshakeTimeout", &WsReader::read_handshake_timeout},
         {"maxPayload", &WsReader::read_size},
         {"perMessageDeflate", &WsReader::read_deflate},
         {"followRedirects", &WsReader::read_redirects},
         {"protocolVersion", &WsReader::read_version}}};
    for (const auto& [name, reader] : kReaders) {
        if (member.key == name) return (this->*reader)(value);
    }
    if (std::ranges::find(kTlsKeys, std::string_view(member.key)) != kTlsKeys.end())
        return read_tls_key(member, {"config.ws", into_.folder}, run_.tls);
    if (member.key == "timeout") return {};  // beside config.timeout, which wins
    const std::string what = std::string(kNoMeaning) + did_you_mean(member.key, kWsKeys);
    into_.warnings.push_back(words_at(member.place, key_, what));
    return {};
}

Result<void> WsReader::read_headers(const Node& node) {
    if (!node.is_map()) return error_at(node.place, key_, not_a("a map of names and values", node));
    into_.headers_place = node.place;
    for (const Member& header : node.members) {
        auto value = scalar_of(header.value, key_path(key_, header.key));
        if (!value) return value.error();
        if (is_subprotocol_header(header.key)) {
            into_.subprotocols.push_back(std::move(*value));
        } else {
            into_.headers.push_back({header.key, std::move(*value)});
        }
    }
    return {};
}

Result<void> WsReader::read_subprotocols(const Node& node) {
    if (node.is(NodeKind::text)) {
        into_.subprotocols.insert(into_.subprotocols.begin(), node.text);
        return {};
    }
    if (!node.is_list()) return error_at(node.place, key_, not_a("a list of names", node));
    std::vector<std::string> names;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        auto name = text_of(node.items[i], item_path(key_, i));
        if (!name) return name.error();
        names.push_back(std::move(*name));
    }
    into_.subprotocols.insert(into_.subprotocols.begin(), std::make_move_iterator(names.begin()),
                              std::make_move_iterator(names.end()));
    return {};
}

Result<void> WsReader::read_proxy(const Node& node) {
    const Node* url = node.is_map() ? node.find("url") : &node;
    if (url == nullptr) return error_at(node.place, key_, "url, where the proxy is, is missing");
    const std::string url_key = node.is_map() ? key_path(key_, "url") : key_;
    const auto text = text_of(*url, url_key);
    if (!text) return text.error();
    const auto proxy = proto::parse_proxy_url(*text);
    if (!proxy) return error_at(url->place, url_key, proxy.error().what);
    run_.access.proxy = *proxy;
    if (node.is_map()) {
        constexpr std::array<std::string_view, 1> kKnown{"url"};
        warn_of_others(node, key_, {kKnown, kNoMeaning}, into_.warnings);
    }
    return {};
}

Result<void> WsReader::read_address(const Node& node) {
    const auto text = text_of(node, key_);
    if (!text) return text.error();
    auto addresses = parse_addresses(*text);
    if (!addresses) return error_at(node.place, key_, addresses.error().what);
    run_.source_addresses = std::move(*addresses);
    return {};
}

Result<void> WsReader::read_auth(const Node& node) {
    const auto text = node.as_text();
    // The value is never shown: it is a password.
    if (!text || text->find(':') == std::string_view::npos || text->starts_with(':'))
        return error_at(node.place, key_, "must be a text USER:PASSWORD");
    run_.access.authorization = "Basic " + crypto::to_base64(as_bytes(*text));
    return {};
}

Result<void> WsReader::read_origin(const Node& node) {
    auto text = text_of(node, key_);
    if (!text) return text.error();
    into_.headers.push_back({"Origin", std::move(*text)});
    return {};
}

Result<void> WsReader::read_handshake_timeout(const Node& node) {
    const auto ms = number_of(node, key_);
    if (!ms) return ms.error();
    constexpr double kMsMax = static_cast<double>(limits::kPhaseNsMax / kMillisecond);
    if (*ms <= 0 || *ms > kMsMax)
        return error_at(node.place, key_, not_a("milliseconds, more than 0 and at most a year", node));
    run_.connect_timeout_ns = static_cast<TimeNs>(*ms * static_cast<double>(kMillisecond));
    return {};
}

Result<void> WsReader::read_size(const Node& node) {
    const auto bytes = count_of(node, key_);
    if (!bytes) return bytes.error();
    if (*bytes > limits::kMessageBytesAllowed)
        return error_at(
            node.place, key_,
            text::format("is more than the {} bytes that are allowed", limits::kMessageBytesAllowed));
    // Node's client takes 0 for no limit.
    run_.message.size_max = *bytes == 0 ? limits::kMessageBytesAllowed : *bytes;
    return {};
}

Result<void> WsReader::read_deflate(const Node& node) {
    if (!node.is_map()) {
        const auto on = boolean_of(node, key_);
        if (!on) return error_at(node.place, key_, not_a("true, false, or a map of its parameters", node));
        if (*on) run_.message.deflate = kUsualOffer;
        return {};
    }
    proto::DeflateParameters offer = kUsualOffer;
    for (const Member& member : node.members) {
        const auto read = read_deflate_member(member, offer);
        if (!read) return read;
    }
    run_.message.deflate = offer;
    return {};
}

Result<void> WsReader::read_deflate_member(const Member& member, proto::DeflateParameters& offer) {
    const std::string key = key_path(key_, member.key);
    if (member.key == "serverNoContextTakeover" || member.key == "clientNoContextTakeover") {
        const auto on = boolean_of(member.value, key);
        if (!on) return on.error();
        (member.key == "serverNoContextTakeover" ? offer.server_no_context_takeover
                                                 : offer.client_no_context_takeover) = *on;
        return {};
    }
    if (member.key != "serverMaxWindowBits" && member.key != "clientMaxWindowBits") {
        into_.warnings.push_back(words_at(member.place, key, kNoMeaning));
        return {};
    }
    if (member.key == "clientMaxWindowBits") {
        if (const auto on = boolean_of(member.value, key)) {
            offer.client_max_window_bits = *on ? kUsualOffer.client_max_window_bits : std::nullopt;
            return {};
        }
    }
    const auto bits = count_of(member.value, key);
    if (!bits) return bits.error();
    if (*bits < proto::kDeflateBitsMin || *bits > proto::kDeflateBitsMax)
        return error_at(member.value.place, key, not_a("8 to 15", member.value));
    (member.key == "serverMaxWindowBits" ? offer.server_max_window_bits : offer.client_max_window_bits) =
        static_cast<std::uint8_t>(*bits);
    return {};
}

Result<void> WsReader::read_redirects(const Node& node) {
    const auto followed = boolean_of(node, key_);
    if (!followed) return followed.error();
    run_.access.redirects = *followed ? plan::Redirects::follow : plan::Redirects::refuse;
    return {};
}

Result<void> WsReader::read_version(const Node& node) {
    if (node.as_numeric() == 13.0) return {};
    return error_at(node.place, key_, not_a("13, the version of RFC 6455", node));
}

Result<void> read_tls(const Node& config, FlowContext& into, plan::RunOptions& run) {
    const Node* tls = config.find("tls");
    if (tls == nullptr || tls->is_null()) return {};
    if (!tls->is_map()) return error_at(tls->place, "config.tls", not_a("a map of keys", *tls));
    warn_of_others(*tls, "config.tls", {kTlsKeys, kNoMeaning}, into.warnings);
    for (const Member& member : tls->members) {
        const auto read = read_tls_key(member, {"config.tls", into.folder}, run.tls);
        if (!read) return read;
    }
    return {};
}

Result<void> read_timeout(const Node& config, const Node* ws, FlowContext& into) {
    const Node* node = config.find("timeout");
    std::string key = "config.timeout";
    if (node == nullptr && ws != nullptr) {
        node = ws->find("timeout");
        key = "config.ws.timeout";
    }
    if (node == nullptr || node->is_null()) return {};
    const auto timeout = duration_of(*node, key);
    if (!timeout) return timeout.error();
    // 0 is Artillery's word for its default.
    if (*timeout > 0) into.answer_timeout_ns = *timeout;
    return {};
}

}  // namespace

Result<void> read_connection(const Node& config, FlowContext& into, plan::RunOptions& run) {
    if (const auto tls = read_tls(config, into, run); !tls) return tls;
    const Node* ws = config.find("ws");
    if (ws != nullptr && ws->is_null()) ws = nullptr;
    if (ws != nullptr && !ws->is_map())
        return error_at(ws->place, "config.ws", not_a("a map of keys", *ws));
    if (ws != nullptr) {
        WsReader reader(into, run);
        for (const Member& member : ws->members) {
            const auto read = reader.read(member);
            if (!read) return read;
        }
    }
    if (const auto timeout = read_timeout(config, ws, into); !timeout) return timeout;
    run.answer_timeout_ns = into.answer_timeout_ns;
    const Node& place = ws != nullptr ? *ws : config;
    return check_tls_keys(run.tls, place.place, ws != nullptr ? "config.ws" : "config.tls");
}

}  // namespace wsblast::script
