#include "session/user_addresses.hpp"

#include "base/units.hpp"

namespace wsblast::session {

namespace {

// Behind "scheme://host:port".
std::size_t path_begin(std::string_view url) {
    const std::size_t host = url.find("://");
    return host == std::string_view::npos ? url.size() : std::min(url.find('/', host + 3), url.size());
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text);
    out += '"';
}

}  // namespace

plan::ScenarioTarget UserAddresses::open_path(const plan::ScenarioTarget& target, std::size_t hole) {
    plan::ScenarioTarget open = target;
    open.url = target.url.substr(0, path_begin(target.url)) + "/{{" + std::to_string(hole) + "}}";
    return open;
}

std::string UserAddresses::params(UserRef user, const plan::ConnectPlan& plan) {
    const plan::ScenarioTarget& target = users_.scenario.targets[plan.target];
    std::string json = "{\"target\":";
    append_quoted(json, filled(user, plan, plan.address));
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

bool UserAddresses::take(UserRef user, const plan::ConnectPlan& plan, std::string_view params_json) {
    static const std::vector<std::string> kTarget{"target"};
    const Value target = reader_.get(params_json, kTarget);
    if (target.type != ValueType::text) return false;
    const std::string_view host = std::string_view(plan.address).substr(0, path_begin(plan.address));
    const bool same = target.text.substr(0, path_begin(target.text)) == host;
    if (!same) return false;
    std::string_view path = target.text.substr(host.size());
    if (path.starts_with('/')) path.remove_prefix(1);
    paths_[user.id] = path;
    return true;
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
