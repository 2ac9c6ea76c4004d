#include "search/saturate.hpp"

#include <vector>

#include <catch2/catch.hpp>

#include "search/fleet_steps.hpp"

namespace wsblast::search {

namespace {

using stats::LoadAxis;

plan::SaturateOptions with_check(std::string_view check) {
    plan::SaturateOptions options;
    options.run.slos.push_back(*stats::parse_slo(check));
    return options;
}

std::string fault_of(const plan::SaturateOptions& options) {
    const auto checked = check_options(options);
    return checked ? "" : checked.error().what;
}

}  // namespace

TEST_CASE("saturate: the defaults are sound") {
    CHECK(fault_of({}).empty());
    CHECK(fault_of(with_check("p99<50ms")).empty());
    for (const LoadAxis axis : {LoadAxis::connections, LoadAxis::size, LoadAxis::connect_rate}) {
        CHECK(fault_of({.over = axis}).empty());
    }
}

TEST_CASE("saturate: checks that a step cannot decide are refused") {
    CHECK_THAT(fault_of(with_check("p99@10s<50ms")), Catch::Contains("write it without @10s"));
    CHECK_THAT(fault_of(with_check("duplicates<1")), Catch::Contains("a search decides by"));
    CHECK_THAT(fault_of(with_check("p99>=50ms")), Catch::Contains("turn it round"));
}

TEST_CASE("saturate: bounds, times and axes that make no sense are refused") {
    CHECK_THAT(fault_of({.from = 10, .to = 5}), Catch::Contains("--to 5"));
    CHECK_THAT(fault_of({.over = LoadAxis::rate, .grid = plan::GridAxis{LoadAxis::rate, 1, 2}}),
               Catch::Contains("the same"));
    CHECK_THAT(fault_of({.step_min_ns = 2 * kSecond, .step_max_ns = kSecond}),
               Catch::Contains("--step-max"));
    CHECK_THAT(fault_of({.budget_ns = kSecond}), Catch::Contains("--budget 1s"));
    plan::SaturateOptions closed{.over = LoadAxis::connections};
    closed.run.pacing = plan::Pacing::closed;
    CHECK_THAT(fault_of(closed), Catch::Contains("needs a rate"));
    closed.over = LoadAxis::rate;
    CHECK(fault_of(closed).empty());
}

TEST_CASE("saturate: a grid has a few values, both ends among them") {
    CHECK(grid_values({LoadAxis::connections, 10, 1'000}) == std::vector<double>{10, 32, 100, 316, 1'000});
    CHECK(grid_values({LoadAxis::connections, 5, 20}) == std::vector<double>{5, 10, 20});
    CHECK(grid_values({LoadAxis::connections, 8, 8}) == std::vector<double>{8});
    CHECK(grid_values({LoadAxis::connections, 1, 3}) == std::vector<double>{1, 2, 3});
}

TEST_CASE("saturate: what a load means for the engine") {
    plan::SaturateOptions options;
    options.run.connections = 50;
    options.run.interval_ns = 20 * kMillisecond;
    StepPlan plan{.load = 300, .warmup_ns = kSecond, .length_max_ns = 9 * kSecond};

    StepLoad load = load_of(options, plan);
    CHECK(load.rate_per_s == 300);
    CHECK(load.connections == 50);

    options.over = LoadAxis::connections;
    load = load_of(options, plan);
    CHECK(load.connections == 300);
    CHECK(load.rate_per_s == Approx(300 * 50));  // each of them one in 20 ms

    options.over = LoadAxis::size;
    load = load_of(options, plan);
    CHECK(load.size_bytes == 300);
    CHECK(load.rate_per_s == Approx(50 * 50));

    options.over = LoadAxis::connect_rate;
    load = load_of(options, plan);
    CHECK(load.connect_rate_per_s == 300);
    CHECK(load.connections == 3'000);  // for ten seconds

    options.over = LoadAxis::rate;
    options.grid = plan::GridAxis{LoadAxis::connections, 10, 100};
    plan.fixed = 20;
    load = load_of(options, plan);
    CHECK(load.rate_per_s == 300);
    CHECK(load.connections == 20);
}

TEST_CASE("saturate: a rate for each connection grows with them, one for all does not") {
    plan::SaturateOptions options{.over = LoadAxis::connections};
    options.run.pacing = plan::Pacing::rate;
    options.run.rate = plan::RateCurve::at(7);
    const StepPlan plan{.load = 100};
    CHECK(load_of(options, plan).rate_per_s == 7);
    options.run.rate_scope = plan::RateScope::per_connection;
    CHECK(load_of(options, plan).rate_per_s == 700);
}

}  // namespace wsblast::search
