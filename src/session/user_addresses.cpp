#include "session/user_addresses.hpp"

#include <algorithm>
#include <array>

#include "base/units.hpp"
#include "json/tree.hpp"
#include "proto/http_head.hpp"

namespace wsblast::session {

namespace {

// Behind "scheme://host:port".
std::size_t path_begin(std::string_view url) {
    const std::size_t host = url.find("://");
    return host == std::string_view::npos ? url.size()
                                          : std::min(url.find_first_of("/?#", host + 3), url.size());
}

// Whether it may stand in the request beside the headers of the upgrade itself (RFC 6455 4.1).
bool is_sound(std::string_view name, std::string_view value) {
    constexpr std::array<std::string_view, 3> kOwn{"Host", "Upgrade", "Connection"};
    constexpr std::string_view kUpgradePrefix = "Sec-WebSocket-";
    const auto is_name = [&](std::string_view one) { return proto::equals_ignoring_case(name, one); };
    const bool own = std::ranges::any_of(kOwn, is_name) ||
                     proto::equals_ignoring_case(name.substr(0, kUpgradePrefix.size()), kUpgradePrefix);
    const auto is_plain = [](char character) {
        return character == '\t' || static_cast<unsigned char>(character) >= 0x20;
    };
    return proto::is_http_token(name) && !own && std::ranges::all_of(value, is_plain);
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text);
    out += '"';
}

}  // namespace

plan::ScenarioTarget UserAddresses::open_target(const plan::ScenarioTarget& target) {
    plan::ScenarioTarget open = target;
    open.url = target.url.substr(0, path_begin(target.url)) + "/{{0}}";
    open.headers.clear();
    return open;
}

std::string UserAddresses::params(UserRef user, const plan::ConnectPlan& plan) {
    const plan::ScenarioTarget& target = users_.scenario.targets[plan.closed_target];
    std::string json = "{\"target\":";
    append_quoted(json, filled(user, plan, target.url));
    json += ",\"subprotocols\":[";
    for (const std::string& name : target.subprotocols) {
        if (json.back() == '"') json += ',';
        append_quoted(json, name);
    }
    json += "],\"options\":{\"headers\":{";
    for (const plan::Header& header : target.headers) {
        if (json.back() == '"') json += ',';
        append_quoted(json, header.name);
        json += ':';
        append_quoted(json, filled(user, plan, header.value));
    }
    return json + "}}}";
}

UserAddresses::Taken UserAddresses::take(UserRef user, const plan::ConnectPlan& plan,
                                         std::string_view params_json) {
    static const std::vector<std::string> kTarget{"target"};
    static const std::vector<std::string> kHeaders{"options", "headers"};
    const Value target = reader_.get(params_json, kTarget);
    const std::string_view url = users_.scenario.targets[plan.closed_target].url;
    const std::string_view host = url.substr(0, path_begin(url));
    const bool same =
        target.type == ValueType::text && target.text.substr(0, path_begin(target.text)) == host;
    if (!same) return Taken::other_host;
    std::string_view path = target.text.substr(host.size());
    if (path.starts_with('/')) path.remove_prefix(1);
    Address& address = addresses_[user.id];
    address.path = path;
    address.lines.clear();
    const Value headers = reader_.get(params_json, kHeaders);
    if (headers.type != ValueType::json) return Taken::yes;
    const auto tree = json::read_tree(headers.text, nullptr, json::Lines::none);
    if (!tree || !tree->is_map()) return Taken::bad_header;
    for (const Member& header : tree->members) {
        if (header.value.is_null()) continue;
        if (!header.value.is_scalar() || !is_sound(header.key, header.value.text)) return Taken::bad_header;
        address.lines += header.key + ": " + header.value.text + "\r\n";
    }
    return Taken::yes;
}

// {{0}}, {{1}}, ... with the user's values.
std::string UserAddresses::filled(UserRef user, const plan::ConnectPlan& plan, std::string text) {
    for (std::size_t i = 0; i < plan.holes.size(); ++i) {
        const std::string hole = "{{" + std::to_string(i) + "}}";
        const std::size_t at = text.find(hole);
        if (at != std::string::npos) text.replace(at, hole.size(), users_.texts.write(user, plan.holes[i]));
    }
    return text;
}

}  // namespace wsblast::session
