#include "stats/ensure.hpp"

#include <limits>

#include <catch2/catch.hpp>

using namespace wsblast::stats;
using Outcome = EnsureCheck::Outcome;
using Strict = EnsureRule::Strict;

namespace {

EnsureCheck only(const EnsureRule& rule) {
    const std::map<std::string, double> values{{"vusers.created", 20}, {"my latency.p99", 30}};
    const auto checks = check({{rule}}, values);
    REQUIRE(checks.size() == 1);
    return checks[0];
}

}  // namespace

TEST_CASE("ensure: a threshold is below its number, never equal", "[stats][ensure]") {
    CHECK(only(*threshold("my latency.p99", 31)).outcome == Outcome::ok);
    CHECK(only(*threshold("my latency.p99", 30)).outcome == Outcome::failed);
    CHECK(only(*threshold("vusers.failed", 1)).outcome == Outcome::ok);
    CHECK(threshold("my latency.p99", 30.5)->text == "my latency.p99 < 30.5");
    CHECK(threshold("a", 200)->text == "a < 200");
}

TEST_CASE("ensure: a name that cannot be one, or a limit that is no number, is refused",
          "[stats][ensure]") {
    CHECK(!threshold("it's", 1).ok());
    CHECK(!threshold("", 1).ok());
    CHECK(!threshold("a", std::numeric_limits<double>::infinity()).ok());
    CHECK(!condition("a <", Strict::yes).ok());
}

TEST_CASE("ensure: of a name that nothing was measured by the reason alone is told", "[stats][ensure]") {
    const EnsureCheck check = only(*threshold("no such.p99", 3));
    CHECK(check.outcome == Outcome::failed);
    CHECK(check.why == "nothing was measured by the name no such.p99");
}

TEST_CASE("ensure: only strict rules fail a run", "[stats][ensure]") {
    const EnsureCheck strict = only(*condition("vusers.created > 20", Strict::yes));
    const EnsureCheck optional = only(*condition("vusers.created > 20", Strict::no));
    const EnsureCheck good = only(*condition("vusers.created > 19", Strict::yes));
    CHECK(strict.outcome == Outcome::failed);
    CHECK(optional.outcome == Outcome::failed_optional);
    CHECK(any_failed({optional, good}) == false);
    CHECK(any_failed({good, strict}) == true);
    CHECK(strict.text == "vusers.created > 20");
    CHECK(strict.why.empty());
}

TEST_CASE("ensure: a value that is missing fails its rule and is named", "[stats][ensure]") {
    const EnsureCheck missing = only(*threshold("websocket.response_time.p99", 5));
    CHECK(missing.outcome == Outcome::failed);
    CHECK(missing.why.find("websocket.response_time.p99") != std::string::npos);
}

TEST_CASE("ensure: what is no number holds nothing", "[stats][ensure]") {
    CHECK(only(*condition("vusers.completed / vusers.failed", Strict::yes)).outcome == Outcome::failed);
}
