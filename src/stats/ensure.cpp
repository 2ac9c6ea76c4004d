#include "stats/ensure.hpp"

#include <algorithm>
#include <cmath>

#include "text/format.hpp"

namespace wsblast::stats {

namespace {

// Without the expression, which stands before it in quotes: the check is shown with it.
std::string reason_of(const std::string& error) {
    constexpr std::string_view kEnd = "': ";
    const std::size_t end = error.rfind(kEnd);
    return end == std::string::npos ? error : error.substr(end + kEnd.size());
}

EnsureCheck checked(const EnsureRule& rule, const std::map<std::string, double>& values) {
    EnsureCheck check{.text = rule.text};
    const auto value = rule.expression.evaluate(values);
    if (value && *value != 0 && !std::isnan(*value)) return check;
    check.outcome = rule.strict == EnsureRule::Strict::yes ? EnsureCheck::Outcome::failed
                                                           : EnsureCheck::Outcome::failed_optional;
    if (!value) check.why = reason_of(value.error().what);
    return check;
}

}  // namespace

std::vector<EnsureCheck> check(const EnsureRules& rules, const std::map<std::string, double>& values) {
    std::vector<EnsureCheck> checks;
    for (const EnsureRule& rule : rules.rules) checks.push_back(checked(rule, values));
    return checks;
}

bool any_failed(const std::vector<EnsureCheck>& checks) {
    return std::any_of(checks.begin(), checks.end(), [](const EnsureCheck& check) {
        return check.outcome == EnsureCheck::Outcome::failed;
    });
}

Result<EnsureRule> threshold(const std::string& metric, double max) {
    const std::string text = text::format("{} < {}", metric, max);
    if (!std::isfinite(max)) return usage_error(text::format("'{}': no number to stay below", text));
    if (metric.empty() || metric.find('\'') != std::string::npos) {
        return usage_error(text::format("'{}': no name of a metric", metric));
    }
    auto expression = Expression::parse(text::format("'{}' < {}", metric, max));
    if (!expression) return expression.error();
    return EnsureRule{text, *expression, EnsureRule::Strict::yes};
}

Result<EnsureRule> condition(std::string_view text, EnsureRule::Strict strict) {
    auto expression = Expression::parse(text);
    if (!expression) return expression.error();
    return EnsureRule{std::string(text), *expression, strict};
}

}  // namespace wsblast::stats
