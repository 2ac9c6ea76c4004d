// Artillery's `ensure`: thresholds and conditions on a run's metrics.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "stats/expression.hpp"

namespace wsblast::stats {

struct EnsureRule {
    enum class Strict : std::uint8_t { yes, no };  // no: it is told, and fails nothing
    std::string text;                              // as it is printed: "vusers.failed < 1"
    Expression expression;
    Strict strict = Strict::yes;
};

struct EnsureRules {
    std::vector<EnsureRule> rules;
};

struct EnsureCheck {
    enum class Outcome : std::uint8_t { ok, failed, failed_optional };
    std::string text;
    Outcome outcome = Outcome::ok;
    std::string why{};  // a value that was missing
};

// A rule holds where its expression is true, that is not 0 and a number. One that cannot be evaluated
// fails.
[[nodiscard]] std::vector<EnsureCheck> check(const EnsureRules& rules,
                                             const std::map<std::string, double>& values);

// One of them makes the exit status 1.
[[nodiscard]] bool any_failed(const std::vector<EnsureCheck>& checks);

// A threshold: metric < max, always strict. Usage error: a name with a quote in it, a max that is no
// number.
[[nodiscard]] Result<EnsureRule> threshold(const std::string& metric, double max);

// A condition. Usage error: an expression that is none.
[[nodiscard]] Result<EnsureRule> condition(std::string_view text, EnsureRule::Strict strict);

}  // namespace wsblast::stats
