#include "search/load_search.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/simulated_steps.hpp"

namespace wsblast::search {

namespace {

using support::QueueShape;
using support::ServiceTime;
using support::SimulatedSteps;

// A server that takes 1 ms for a message, and one that takes a quarter: of that a step has so many messages
// that its 99th percentile means something.
constexpr QueueShape kOneServer{.service_s = 1e-3};
constexpr QueueShape kQuickServer{.service_s = 2.5e-4};
constexpr std::string_view kQuickCheck = "p99<2.9ms";

SearchPlan plan_with(std::initializer_list<std::string_view> checks) {
    SearchPlan plan{.bounds = {.from = 20, .precision = 0.02}};
    for (const std::string_view check : checks) plan.slos.push_back(*stats::parse_slo(check));
    plan.step_min_ns = 1 * kSecond;
    plan.step_max_ns = 10 * kSecond;
    plan.step_warmup_ns = 500 * kMillisecond;
    plan.budget_ns = 5 * kMinute;
    return plan;
}

stats::LoadSearch find(SimulatedSteps& steps, const SearchPlan& plan) {
    auto search = search_load(plan, steps.blast(), steps.hooks());
    REQUIRE(search.ok());
    return std::move(search).value();
}

// Where the 99th percentile of one exponential server is at the limit: its sojourn time is exponential too.
double knee_of(const QueueShape& server, double limit_s) {
    return server.capacity_per_s() - std::log(100) / limit_s;
}

// How often the interval of a search holds the knee, of so many searches.
struct Coverage {
    int found = 0;
    int held = 0;
    double lowest = 1e9;
    double highest = 0;
};
Coverage coverage_of(int searches) {
    const double truth = knee_of(kQuickServer, 0.0029);
    Coverage coverage;
    for (int seed = 0; seed < searches; ++seed) {
        SimulatedSteps steps(kQuickServer, 100 + seed);
        const auto search = find(steps, plan_with({kQuickCheck}));
        if (!search.knee) continue;
        ++coverage.found;
        coverage.held += search.knee->load.low <= truth && truth <= search.knee->load.high ? 1 : 0;
        coverage.lowest = std::min(coverage.lowest, search.knee->load.value / truth);
        coverage.highest = std::max(coverage.highest, search.knee->load.value / truth);
    }
    return coverage;
}

}  // namespace

TEST_CASE("load_search: finds where a queue's percentile reaches its limit") {
    SimulatedSteps steps(kQuickServer, 1);
    const auto search = find(steps, plan_with({kQuickCheck}));
    CHECK(search.ending == stats::SearchEnding::knee);
    REQUIRE(search.knee);
    CHECK(search.knee->load.value == Approx(knee_of(kQuickServer, 0.0029)).epsilon(0.06));
    CHECK(search.knee->method == stats::KneeMethod::fitted);
    CHECK(steps.elapsed_ns() < 4 * kMinute);
    CHECK_THAT(search.gave_first, Catch::Contains("p99<2.9ms: "));
}

TEST_CASE("load_search: its interval holds the knee, and searches agree", "[statistics]") {
    constexpr int kSearches = 10;
    const Coverage coverage = coverage_of(kSearches);
    CHECK(coverage.found == kSearches);
    CHECK(coverage.held >= 8);
    CHECK(coverage.highest - coverage.lowest < 0.1);
}

// A minute: by hand, `search_tests "[coverage]"`. 19 in 20 are meant; what the rule that ends the steps
// takes of that is allowed.
TEST_CASE("load_search: its interval holds the knee nearly as often as it says", "[.][coverage]") {
    constexpr int kSearches = 200;
    const Coverage coverage = coverage_of(kSearches);
    CHECK(coverage.found == kSearches);
    CHECK(coverage.held >= 176);
    CHECK(coverage.lowest > 0.9);
    CHECK(coverage.highest < 1.1);
}

TEST_CASE("load_search: without a check finds the highest rate that is sustained", "[statistics]") {
    for (const ServiceTime law : {ServiceTime::fixed, ServiceTime::exponential}) {
        for (int seed = 0; seed < 5; ++seed) {
            SimulatedSteps steps({.service_s = 1e-3, .law = law}, seed);
            const auto search = find(steps, plan_with({}));
            INFO("seed " << seed);
            REQUIRE(search.knee);
            CHECK(search.knee->load.value == Approx(1'000).epsilon(0.05));
            CHECK(steps.elapsed_ns() < 3 * kMinute);
        }
    }
}

TEST_CASE("load_search: four servers carry four times as much") {
    SimulatedSteps steps({.servers = 4, .service_s = 1e-3}, 7);
    const auto search = find(steps, plan_with({}));
    REQUIRE(search.knee);
    CHECK(search.knee->load.value == Approx(4'000).epsilon(0.05));
    REQUIRE(search.scalability);
}

TEST_CASE("load_search: a queue with one server follows the scalability law") {
    SimulatedSteps steps(kOneServer, 3);
    const auto search = find(steps, plan_with({"p99<50ms"}));
    REQUIRE(search.scalability);
    REQUIRE(search.scalability->ceiling_per_s);
    CHECK(*search.scalability->ceiling_per_s == Approx(1'000).epsilon(0.1));
    CHECK(search.scalability->r_squared > 0.95);
}

TEST_CASE("load_search: the generator's own limit is no knee of the backend") {
    SimulatedSteps steps(kOneServer, 1);
    steps.spoil = [](const StepPlan& plan, StepRun& run) {
        if (plan.load > 500) run.generator.status = stats::GeneratorStatus::saturated;
    };
    const auto search = find(steps, plan_with({"p99<50ms"}));
    CHECK(search.ending == stats::SearchEnding::generator);
    CHECK_FALSE(search.knee);
    REQUIRE(search.generator_limit);
    CHECK(*search.generator_limit > 500);
    REQUIRE(search.highest_pass);
    CHECK(*search.highest_pass <= 500);
    CHECK_THAT(search.gave_first, Catch::StartsWith("the generator was the bottleneck at "));
    CHECK_THAT(search.gave_first, Catch::Contains("the backend takes at least "));
}

TEST_CASE("load_search: a generator that lost its core for a moment is no limit", "[statistics]") {
    SimulatedSteps steps(kOneServer, 1);
    int spoiled = 0;
    double last = 0;
    steps.spoil = [&](const StepPlan& plan, StepRun& run) {
        const bool begins = run.batches.size() == 1;
        if (begins && last != plan.load) ++spoiled;
        const bool first = begins && last != plan.load;
        if (first && spoiled % 3 == 0) run.generator.status = stats::GeneratorStatus::saturated;
        if (begins) last = plan.load;
    };
    const auto search = find(steps, plan_with({"p99<20ms"}));
    CHECK(search.ending == stats::SearchEnding::knee);
    REQUIRE(search.knee);
    CHECK(search.knee->load.value == Approx(knee_of(kOneServer, 0.02)).epsilon(0.1));
    const auto thrown_out = std::count_if(search.steps.begin(), search.steps.end(), [](const auto& row) {
        return row.verdict == stats::StepVerdict::generator;
    });
    CHECK(thrown_out >= 2);
}

TEST_CASE("load_search: losses above a load are what gives first") {
    SimulatedSteps steps(kOneServer, 1);
    steps.spoil = [](const StepPlan& plan, StepRun& run) {
        if (plan.load > 300) run.batches.back().lost = run.batches.back().errors = 1;
    };
    const auto search = find(steps, plan_with({"p99<50ms"}));
    REQUIRE(search.knee);
    CHECK(search.knee->load.low <= 300);
    CHECK(search.knee->load.high > 300);
    CHECK(search.knee->method == stats::KneeMethod::bracketed);
    CHECK_THAT(search.gave_first, Catch::StartsWith("messages were lost: "));
}

TEST_CASE("load_search: says what it has when its time is over") {
    SimulatedSteps steps(kOneServer, 1);
    SearchPlan plan = plan_with({"p99<20ms"});
    plan.budget_ns = 20 * kSecond;
    const auto search = find(steps, plan);
    CHECK(search.ending == stats::SearchEnding::budget);
    CHECK(steps.elapsed_ns() <= plan.budget_ns);
    CHECK(search.highest_pass);
    CHECK(search.steps.size() >= 4);
}

TEST_CASE("load_search: an interrupt ends it with what is known") {
    SimulatedSteps steps(kOneServer, 1);
    SearchHooks hooks = steps.hooks();
    hooks.stop_requested = [&] { return steps.steps() > 3; };
    const auto search = search_load(plan_with({"p99<20ms"}), steps.blast(), hooks);
    REQUIRE(search.ok());
    CHECK(search->ending == stats::SearchEnding::interrupted);
    CHECK(search->steps.size() == 3);
    CHECK(search->highest_pass);
}

TEST_CASE("load_search: no load passes, or all do") {
    SimulatedSteps slow(kOneServer, 1);
    const auto none = find(slow, plan_with({"p99<0.1ms"}));
    CHECK(none.ending == stats::SearchEnding::none_passed);
    CHECK_FALSE(none.knee);

    SimulatedSteps fast(kOneServer, 1);
    SearchPlan plan = plan_with({"p99<50ms"});
    plan.bounds.to = 100;
    const auto all = find(fast, plan);
    CHECK(all.ending == stats::SearchEnding::all_passed);
    CHECK(all.highest_pass == 100);
    CHECK_THAT(all.gave_first, Catch::Equals("nothing gave up to 100 messages/s"));
}

TEST_CASE("load_search: what cannot be measured is an error") {
    SimulatedSteps steps(kOneServer, 1);
    const Blast broken = [](const StepPlan&, const WatchStep&) -> Result<StepRun> {
        return environment_error("no connection");
    };
    const auto search = search_load(plan_with({}), broken, steps.hooks());
    REQUIRE_FALSE(search.ok());
    CHECK(search.error().what == "no connection");
}

}  // namespace wsblast::search
