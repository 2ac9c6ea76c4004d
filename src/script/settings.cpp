#include "script/settings.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "script/errors.hpp"
#include "script/files.hpp"
#include "text/format.hpp"

namespace wsblast::script {

namespace {

constexpr std::array<std::string_view, 4> kTopKeys{"config", "before", "after", "scenarios"};
constexpr std::array<std::string_view, 21> kConfigKeys{
    "target",  "phases",  "variables",     "payload",      "processor", "plugins", "ensure", "apdex",
    "engines", "tls",     "http",          "ws",           "socketio",  "timeout", "engine", "defaults",
    "mode",    "wsblast", "statsInterval", "includeFiles", "bundling"};
constexpr std::array<std::string_view, 4> kOfOthers{"apdex", "engines", "http", "socketio"};
constexpr std::array<std::string_view, 5> kConfigExtensionKeys{"slo", "queue", "reconnect", "callTimeout",
                                                               "doneTimeout"};

// Keys at the top may be anybody's (anchors stand there): only what looks like a slip is told.
void warn_of_top_keys(const Node& root, std::vector<std::string>& warnings) {
    for (const Member& member : root.members) {
        const bool known = std::ranges::find(kTopKeys, std::string_view(member.key)) != kTopKeys.end();
        const std::string near = did_you_mean(member.key, kTopKeys);
        if (!known && !near.empty())
            warnings.push_back(words_at(member.place, member.key, "is not known here" + near));
    }
}

void warn_of_config_keys(const Node& config, std::vector<std::string>& warnings) {
    warn_of_others(config, "config", {kConfigKeys, "is not known here"}, warnings);
    for (const std::string_view key : kOfOthers) {
        if (const Member* member = config.find_member(key))
            warnings.push_back(
                words_at(member->place, key_path("config", key), "has no meaning for WebSocket scenarios"));
    }
    if (const Node* extension = config.find("wsblast"))
        warn_of_others(*extension, "config.wsblast", {kConfigExtensionKeys, "is not known here"}, warnings);
    const Node* plugins = config.find("plugins");
    if (plugins == nullptr) return;
    constexpr std::array<std::string_view, 1> kPlugins{"ensure"};
    warn_of_others(*plugins, "config.plugins", {kPlugins, "this plugin does nothing here"}, warnings);
}

Result<void> read_target(const Node& config, FlowContext& into) {
    const Node* target = config.find("target");
    constexpr std::string_view kWanted =
        "the URL of the server, ws://HOST or wss://HOST; give it, -t, or -e with an environment that has "
        "one";
    if (target == nullptr)
        return error_at(config.place, "config.target", text::format("is missing: {}", kWanted));
    if (target->is_null()) {
        const std::string why =
            target->text.empty() ? "is missing" : target->text + " is not set, and it is";
        return error_at(target->place, "config.target", text::format("{}: {}", why, kWanted));
    }
    auto text = text_of(*target, "config.target");
    if (!text) return text.error();
    if (text->empty()) return error_at(target->place, "config.target", "must be a URL, and is empty");
    into.target = std::move(*text);
    into.target_place = target->place;
    return {};
}

Result<void> read_engine(const Node& config, FlowContext& into) {
    const Node* engine = config.find("engine");
    if (engine == nullptr || engine->is_null()) return {};
    auto text = text_of(*engine, "config.engine");
    if (!text) return text.error();
    into.engine = std::move(*text);
    return {};
}

Result<void> read_processor(const Node& config, const std::string& script, FlowContext& into) {
    const Node* processor = config.find("processor");
    if (processor == nullptr || processor->is_null()) return {};
    const std::string key = "config.processor";
    const auto text = text_of(*processor, key);
    if (!text) return text.error();
    const bool of_a_file = processor->place.line > 0 && processor->place.file;
    const std::string path = beside(of_a_file ? *processor->place.file : script, *text);
    if (path.ends_with(".ts"))
        return error_at(processor->place, key, "TypeScript cannot be run; compile it to a .js file");
    std::error_code fault;
    if (text->empty() || !std::filesystem::is_regular_file(path, fault))
        return error_at(processor->place, key, text::format("there is no file '{}'", path));
    into.scenario.processor = path;
    return {};
}

// "20%", or milliseconds.
Result<void> read_jitter(const Node& node, const std::string& key, ThinkJitter& into) {
    const auto text = node.as_text();
    const bool percent = text && text->ends_with('%');
    Node number = node;
    if (percent) number.text.pop_back();
    const auto value = number.as_numeric();
    constexpr double kPercentMax = 100;
    constexpr double kMsMax = static_cast<double>(kHour / kMillisecond);
    if (!value || *value < 0 || *value > (percent ? kPercentMax : kMsMax))
        return error_at(node.place, key, not_a("0% to 100%, or milliseconds up to an hour", node));
    if (percent) into.share = *value / kPercentMax;
    if (!percent) into.absolute_ns = static_cast<TimeNs>(*value * static_cast<double>(kMillisecond));
    return {};
}

Result<void> read_defaults(const Node& config, FlowContext& into) {
    const Node* defaults = config.find("defaults");
    if (defaults == nullptr || defaults->is_null()) return {};
    if (!defaults->is_map())
        return error_at(defaults->place, "config.defaults", not_a("a map of keys", *defaults));
    const Node* think = defaults->find("think");
    if (const Node* jitter = think == nullptr ? nullptr : think->find("jitter")) {
        const auto read = read_jitter(*jitter, "config.defaults.think.jitter", into.jitter);
        if (!read) return read;
    }
    const Node* strict = defaults->find("strictCapture");
    if (strict == nullptr) return {};
    const auto on = boolean_of(*strict, "config.defaults.strictCapture");
    if (!on) return on.error();
    into.captures = *on ? plan::Strictness::strict : plan::Strictness::lax;
    return {};
}

}  // namespace

Result<void> read_settings(const Node& root, const std::string& script, FlowContext& into) {
    const Node& config = *root.find("config");
    warn_of_top_keys(root, into.warnings);
    warn_of_config_keys(config, into.warnings);
    if (const auto target = read_target(config, into); !target) return target;
    if (const auto engine = read_engine(config, into); !engine) return engine;
    if (const auto processor = read_processor(config, script, into); !processor) return processor;
    return read_defaults(config, into);
}

Result<std::vector<stats::SloRule>> read_slos(const Node& config) {
    std::vector<stats::SloRule> rules;
    const Node* extension = config.find("wsblast");
    const Node* list = extension == nullptr ? nullptr : extension->find("slo");
    if (list == nullptr || list->is_null()) return rules;
    const std::string key = "config.wsblast.slo";
    if (!list->is_list())
        return error_at(list->place, key, not_a("a list of checks, as in [\"p99<50ms\"]", *list));
    for (std::size_t i = 0; i < list->items.size(); ++i) {
        const Node& item = list->items[i];
        const auto text = text_of(item, item_path(key, i));
        if (!text) return text.error();
        auto rule = stats::parse_slo(*text);
        if (!rule) return error_at(item.place, item_path(key, i), rule.error().what);
        rules.push_back(std::move(*rule));
    }
    return rules;
}

}  // namespace wsblast::script
