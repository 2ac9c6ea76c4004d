#include "script/checks.hpp"

#include <catch2/catch.hpp>

#include "tests/script/config_tree.hpp"

using namespace wsblast;

namespace {

struct ReadChecks {
    stats::EnsureRules rules;
    std::vector<std::string> warnings;
    std::string error;
};

ReadChecks checks_of(const std::string& config) {
    ReadChecks made;
    auto rules = script::read_checks(test::tree_of(config), made.warnings);
    if (rules) made.rules = *rules;
    if (!rules) made.error = rules.error().what;
    return made;
}

// Of one run: whether each check passes.
std::vector<stats::EnsureCheck::Outcome> outcomes(const std::string& config,
                                                  const std::map<std::string, double>& values) {
    const ReadChecks made = checks_of(config);
    INFO(made.error);
    REQUIRE(made.error.empty());
    std::vector<stats::EnsureCheck::Outcome> outcomes;
    for (const auto& check : stats::check(made.rules, values)) outcomes.push_back(check.outcome);
    return outcomes;
}

using Outcome = stats::EnsureCheck::Outcome;
using Outcomes = std::vector<Outcome>;

}  // namespace

TEST_CASE("checks: thresholds and conditions, of ensure and of the plugin", "[script][checks]") {
    const std::string config =
        "plugins: {ensure: {thresholds: [{vusers.failed: 1}]}}\n"
        "ensure: {thresholds: [{websocket.response_time.p99: '50'}], conditions: [{expression: "
        "'vusers.created "
        "> 5 and vusers.failed < 1', strict: false}]}";
    const std::map<std::string, double> bad{
        {"vusers.failed", 1}, {"vusers.created", 9}, {"websocket.response_time.p99", 49}};
    CHECK(outcomes(config, bad) == Outcomes{Outcome::failed, Outcome::ok, Outcome::failed_optional});
    CHECK(checks_of("target: x").rules.rules.empty());
    CHECK(checks_of("ensure: ~").rules.rules.empty());
}

TEST_CASE("checks: the legacy keys", "[script][checks]") {
    const std::map<std::string, double> values{{"websocket.response_time.p95", 20},
                                               {"websocket.response_time.max", 200},
                                               {"vusers.created", 100},
                                               {"vusers.completed", 98}};
    CHECK(outcomes("ensure: {p95: 21, max: 100, maxErrorRate: 2}", values) ==
          Outcomes{Outcome::failed, Outcome::ok, Outcome::ok});
    CHECK(outcomes("ensure: {maxErrorRate: 1.5}", values) == Outcomes{Outcome::failed});
}

TEST_CASE("checks: each fault names its key", "[script][checks]") {
    CHECK(checks_of("ensure: 5").error ==
          "s.yml:1: config.ensure: must be a map of keys, and is a number (5)");
    CHECK(checks_of("ensure: {thresholds: 5}").error.find("config.ensure.thresholds: must be a list") !=
          std::string::npos);
    CHECK(checks_of("ensure: {thresholds: [5]}")
              .error.find("config.ensure.thresholds[0]: must be METRIC: MAX") != std::string::npos);
    CHECK(checks_of("ensure: {thresholds: [{a.b: fast}]}")
              .error.find("config.ensure.thresholds[0].a.b: must be a number, and is a text ('fast')") !=
          std::string::npos);
    CHECK(checks_of("ensure: {thresholds: [{a: .nan}]}").error.find("finite") != std::string::npos);
    CHECK(checks_of("ensure: {conditions: ['a > 1']}")
              .error.find("config.ensure.conditions[0]: must be a map") != std::string::npos);
    CHECK(checks_of("ensure: {conditions: [{strict: true}]}").error.find("expression is missing") !=
          std::string::npos);
    CHECK(checks_of("ensure: {conditions: [{expression: 'a >'}]}")
              .error.find("s.yml:1: config.ensure.conditions[0].expression: ") == 0);
    CHECK(checks_of("ensure: {conditions: [{expression: 'a > 1', strict: 5}]}")
              .error.find("strict: must be true") != std::string::npos);
    CHECK(checks_of("ensure: {p95: []}").error.find("config.ensure.p95: must be a number") !=
          std::string::npos);
    CHECK(checks_of("ensure: {maxErrorRate: x}").error.find("config.ensure.maxErrorRate") !=
          std::string::npos);
    CHECK(checks_of("ensure: {threshold: []}").warnings.at(0) ==
          "s.yml:1: config.ensure.threshold: is no check that is known; did you mean thresholds?");
}
