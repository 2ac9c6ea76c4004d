#include "search/aftermath.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/support/fake_world.hpp"

namespace wsblast::search {

using stats::CapacityEnding;
using stats::CapacityResult;
using stats::LimitKind;
using test::FakeWorld;
using test::WorldRules;

namespace {

CapacityPlan small_plan() {
    CapacityPlan plan;
    plan.wanted = 1'000;
    plan.allowed_max = 1'064;
    plan.plateaus = {1'000};
    plan.sample = 100;
    plan.connect_timeout_ns = 10 * kSecond;
    plan.answer_timeout_ns = 5 * kSecond;
    return plan;
}

}  // namespace

TEST_CASE("aftermath: connections are held, and asked again and again", "[search][aftermath]") {
    FakeWorld world({});
    CapacityPlan plan = small_plan();
    plan.hold_ns = 20 * kSecond;
    plan.churn_per_s = 0.05;
    const CapacityResult result = find_capacity(plan, world, world);
    REQUIRE(result.hold.has_value());
    CHECK(result.hold->seconds == Approx(20).margin(0.5));
    CHECK(result.hold->probes == 4);
    CHECK(result.hold->asked == 400);
    CHECK(result.hold->answered == 400);
    CHECK(result.hold->open_at_end == 1'000);
    CHECK(world.churn_per_s() == 0);  // it ends with the hold
    CHECK(result.ending == CapacityEnding::held);
}

TEST_CASE("aftermath: what is lost while it is held is a limit", "[search][aftermath]") {
    WorldRules rules;
    rules.answers = [asked_before = 0](std::uint64_t, std::uint64_t asked) mutable {
        return ++asked_before > 2 ? 0 : asked;
    };
    FakeWorld world(rules);
    CapacityPlan plan = small_plan();
    plan.hold_ns = 20 * kSecond;
    const CapacityResult result = find_capacity(plan, world, world);
    CHECK(result.held == 1'000);
    CHECK(result.ending == CapacityEnding::unsteady);
    REQUIRE(result.limit.has_value());
    CHECK(result.limit->kind == LimitKind::no_answer);
}

TEST_CASE("aftermath: a storm tells how long the way back took", "[search][aftermath]") {
    WorldRules rules;
    rules.returns_after_ns = 200 * kMillisecond;
    FakeWorld world(rules);
    CapacityPlan plan = small_plan();
    plan.storm = plan::Storm{0.5, {plan::Reconnect::jittered, kSecond, 30 * kSecond}};
    const CapacityResult result = find_capacity(plan, world, world);
    REQUIRE(result.storm.has_value());
    const stats::StormResult& storm = *result.storm;
    CHECK(storm.dropped == 500);
    CHECK(storm.back == 500);
    CHECK(storm.policy == "jittered, 1s up to 30s");
    REQUIRE(storm.all_s.has_value());
    CHECK(*storm.all_s == Approx(0.2).margin(0.02));
    CHECK(storm.half_s <= storm.most_s);
    CHECK(storm.opening_peak == 100);
    CHECK(result.ending == CapacityEnding::held);
    CHECK(world.rounds() == 2);  // of the plateau, and of those that are back
}

TEST_CASE("aftermath: who does not come back is not awaited for ever", "[search][aftermath]") {
    WorldRules rules;
    rules.returns_after_ns = kHour;
    FakeWorld world(rules);
    CapacityPlan plan = small_plan();
    plan.storm = plan::Storm{1.0, {plan::Reconnect::immediate, 0, 0}};
    const CapacityResult result = find_capacity(plan, world, world);
    REQUIRE(result.storm.has_value());
    CHECK(result.storm->back == 0);
    CHECK_FALSE(result.storm->all_s.has_value());
    CHECK(result.storm->waited_s == Approx(limits::kStormPatience * 10.0).margin(0.1));
    CHECK(result.ending == CapacityEnding::unsteady);
}

TEST_CASE("aftermath: an interrupt ends the hold", "[search][aftermath]") {
    WorldRules rules;
    rules.interrupted_at_ns = 5 * kSecond;
    FakeWorld world(rules);
    CapacityPlan plan = small_plan();
    plan.hold_ns = kMinute;
    plan.storm = plan::Storm{0.5, {}};
    const CapacityResult result = find_capacity(plan, world, world);
    CHECK(result.ending == CapacityEnding::interrupted);
    REQUIRE(result.hold.has_value());
    CHECK(result.hold->seconds < 5);
    CHECK_FALSE(result.storm.has_value());
}

TEST_CASE("aftermath: a policy says when it tries again", "[search][aftermath]") {
    CHECK(to_text(plan::ReconnectPolicy{}) == "immediate");
    CHECK(to_text(plan::ReconnectPolicy{plan::Reconnect::exponential, 500 * kMillisecond, 10 * kSecond}) ==
          "exponential, 500ms up to 10s");
}

}  // namespace wsblast::search
