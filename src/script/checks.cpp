#include "script/checks.hpp"

#include <array>

#include "script/errors.hpp"
#include "text/format.hpp"

namespace wsblast::script {

namespace {

constexpr std::array<std::string_view, 5> kLegacy{"min", "max", "median", "p95", "p99"};
constexpr std::array<std::string_view, 8> kCheckKeys{"thresholds", "conditions", "maxErrorRate", "min",
                                                     "max",        "median",     "p95",          "p99"};
constexpr std::array<std::string_view, 2> kConditionKeys{"expression", "strict"};

// Reads one block of checks.
class ChecksReader {
  public:
    ChecksReader(std::string key, std::vector<std::string>& warnings)
        : key_(std::move(key)), warnings_(warnings) {}

    [[nodiscard]] Result<void> read(const Node& node, stats::EnsureRules& into);

  private:
    [[nodiscard]] Result<void> read_thresholds(const Node& node, stats::EnsureRules& into);
    [[nodiscard]] Result<void> read_conditions(const Node& node, stats::EnsureRules& into);
    [[nodiscard]] Result<stats::EnsureRule> read_condition(const Node& node, const std::string& key);
    [[nodiscard]] Result<void> add_threshold(const std::string& metric, const Node& max,
                                             const std::string& key, stats::EnsureRules& into);
    [[nodiscard]] Result<void> add_error_rate(const Node& max, stats::EnsureRules& into);

    std::string key_;
    std::vector<std::string>& warnings_;
};

Result<void> ChecksReader::read(const Node& node, stats::EnsureRules& into) {
    if (node.is_null()) return {};
    if (!node.is_map()) return error_at(node.place, key_, not_a("a map of keys", node));
    warn_of_others(node, key_, {kCheckKeys, "is no check that is known"}, warnings_);
    if (const Node* thresholds = node.find("thresholds")) {
        const auto read = read_thresholds(*thresholds, into);
        if (!read) return read;
    }
    if (const Node* conditions = node.find("conditions")) {
        const auto read = read_conditions(*conditions, into);
        if (!read) return read;
    }
    for (const std::string_view figure : kLegacy) {
        const Node* max = node.find(figure);
        if (max == nullptr) continue;
        const std::string metric = text::format("websocket.response_time.{}", figure);
        const auto added = add_threshold(metric, *max, key_path(key_, figure), into);
        if (!added) return added;
    }
    const Node* rate = node.find("maxErrorRate");
    return rate == nullptr ? Result<void>() : add_error_rate(*rate, into);
}

Result<void> ChecksReader::add_threshold(const std::string& metric, const Node& max, const std::string& key,
                                         stats::EnsureRules& into) {
    const auto number = number_of(max, key);
    if (!number) return number.error();
    auto rule = stats::threshold(metric, *number);
    if (!rule) return error_at(max.place, key, rule.error().what);
    into.rules.push_back(std::move(*rule));
    return {};
}

Result<void> ChecksReader::add_error_rate(const Node& max, stats::EnsureRules& into) {
    const std::string key = key_path(key_, "maxErrorRate");
    const auto number = number_of(max, key);
    if (!number) return number.error();
    const std::string text = text::format(
        "((vusers.created - vusers.completed) / vusers.created * 100) <= {}", to_number_text(*number));
    auto expression = stats::Expression::parse(text);
    if (!expression) return error_at(max.place, key, expression.error().what);
    into.rules.push_back({.text = text, .expression = std::move(*expression)});
    return {};
}

Result<void> ChecksReader::read_thresholds(const Node& node, stats::EnsureRules& into) {
    const std::string key = key_path(key_, "thresholds");
    if (!node.is_list()) return error_at(node.place, key, not_a("a list of METRIC: MAX", node));
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const Node& item = node.items[i];
        const std::string item_key = item_path(key, i);
        if (!item.is_map() || item.members.empty())
            return error_at(item.place, item_key, not_a("METRIC: MAX", item));
        for (const Member& member : item.members) {
            const auto added =
                add_threshold(member.key, member.value, key_path(item_key, member.key), into);
            if (!added) return added;
        }
    }
    return {};
}

Result<void> ChecksReader::read_conditions(const Node& node, stats::EnsureRules& into) {
    const std::string key = key_path(key_, "conditions");
    if (!node.is_list())
        return error_at(node.place, key, not_a("a list of expressions, each {expression, strict}", node));
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        auto rule = read_condition(node.items[i], item_path(key, i));
        if (!rule) return rule.error();
        into.rules.push_back(std::move(*rule));
    }
    return {};
}

Result<stats::EnsureRule> ChecksReader::read_condition(const Node& node, const std::string& key) {
    if (!node.is_map()) return error_at(node.place, key, not_a("a map of expression and strict", node));
    warn_of_others(node, key, {kConditionKeys, "has no meaning in a condition"}, warnings_);
    const Node* written = node.find("expression");
    if (written == nullptr) return error_at(node.place, key, "expression is missing");
    const auto text = text_of(*written, key_path(key, "expression"));
    if (!text) return text.error();
    auto expression = stats::Expression::parse(*text);
    if (!expression) return error_at(written->place, key_path(key, "expression"), expression.error().what);
    stats::EnsureRule rule{.text = *text, .expression = std::move(*expression)};
    if (const Node* strict = node.find("strict")) {
        const auto on = boolean_of(*strict, key_path(key, "strict"));
        if (!on) return on.error();
        rule.strict = *on ? stats::EnsureRule::Strict::yes : stats::EnsureRule::Strict::no;
    }
    return rule;
}

}  // namespace

Result<stats::EnsureRules> read_checks(const Node& config, std::vector<std::string>& warnings) {
    stats::EnsureRules rules;
    const Node* plugins = config.find("plugins");
    if (const Node* plugin = plugins == nullptr ? nullptr : plugins->find("ensure")) {
        const auto read = ChecksReader("config.plugins.ensure", warnings).read(*plugin, rules);
        if (!read) return read.error();
    }
    if (const Node* ensure = config.find("ensure")) {
        const auto read = ChecksReader("config.ensure", warnings).read(*ensure, rules);
        if (!read) return read.error();
    }
    return rules;
}

}  // namespace wsblast::script
