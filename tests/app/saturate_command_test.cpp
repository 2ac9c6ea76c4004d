#include "app/saturate_command.hpp"

#include <catch2/catch.hpp>

#include "tests/app/command_line.hpp"

namespace wsblast::app {

namespace {

plan::SaturateOptions saturate_options(const Arguments& arguments) {
    return parsed<plan::SaturateOptions>(arguments);
}

ExitStatus status_after(stats::SearchEnding ending, bool has_knee = false) {
    stats::SaturationResult result;
    result.searches.push_back({.ending = ending});
    if (has_knee) result.searches.back().knee.emplace();
    return status_of(result, plan::SaturationPolicy::fail);
}

}  // namespace

TEST_CASE("saturate command: options of its own and of run are read", "[app][saturate]") {
    const auto options = saturate_options(
        {"saturate", "--slo",  "p99<50ms",    "--over",      "connections", "--from",   "5",
         "--to",     "2k",     "--precision", "5%",          "--budget",    "1m",       "--arrivals",
         "poisson",  "--rate", "100",         "--watch-pid", "17",          "--profile"});
    CHECK(options.over == stats::LoadAxis::connections);
    CHECK(options.run.slos.size() == 1);
    CHECK(options.from == 5);
    CHECK(options.to == 2'000);
    CHECK(options.precision == Approx(0.05));
    CHECK(options.budget_ns == kMinute);
    CHECK(options.watch.pid == 17);
    CHECK(options.profile);
    CHECK(options.run.urls == std::vector<std::string>{"ws://localhost:8000/ws"});
}

TEST_CASE("saturate command: a random schedule needs no rate, the search sets it", "[app][saturate]") {
    CHECK(saturate_options({"saturate", "--arrivals", "poisson"}).run.arrivals == plan::Arrivals::poisson);
}

TEST_CASE("saturate command: a grid names both axes and the values of the second", "[app][saturate]") {
    const auto plain = saturate_options({"saturate", "--grid", "rate,connections"});
    REQUIRE(plain.grid);
    CHECK(plain.over == stats::LoadAxis::rate);
    CHECK(plain.grid->axis == stats::LoadAxis::connections);
    CHECK(plain.grid->from == 10);
    CHECK(plain.grid->to == 1'000);
    const auto bounded = saturate_options({"saturate", "--grid", "connections,size=64..4k"});
    CHECK(bounded.over == stats::LoadAxis::connections);
    CHECK(bounded.grid->from == 64);
    CHECK(bounded.grid->to == 4'000);
    CHECK_THAT(fault_of({"saturate", "--grid", "rate"}), Catch::Contains("two are needed"));
    CHECK_THAT(fault_of({"saturate", "--grid", "rate,colour"}), Catch::Contains("'colour' is none of"));
    CHECK_THAT(fault_of({"saturate", "--grid", "rate,size=9..3"}), Catch::Contains("not below it"));
}

TEST_CASE("saturate command: what cannot be is refused", "[app][saturate]") {
    CHECK_THAT(fault_of({"saturate", "--duration", "5s"}), Catch::Contains("--duration"));
    CHECK_THAT(fault_of({"saturate", "--precision", "0%"}), Catch::Contains("0.1%"));
    CHECK_THAT(fault_of({"saturate", "--slo", "p99@5s<1ms"}), Catch::Contains("no windows"));
}

TEST_CASE("saturate command: each ending has its exit status", "[app][saturate]") {
    CHECK(status_after(stats::SearchEnding::knee, true) == ExitStatus::ok);
    CHECK(status_after(stats::SearchEnding::all_passed) == ExitStatus::ok);
    CHECK(status_after(stats::SearchEnding::none_passed) == ExitStatus::failed);
    CHECK(status_after(stats::SearchEnding::generator) == ExitStatus::saturated);
    CHECK(status_after(stats::SearchEnding::budget) == ExitStatus::failed);
    CHECK(status_after(stats::SearchEnding::budget, true) == ExitStatus::ok);
    CHECK(status_after(stats::SearchEnding::interrupted) == ExitStatus::interrupted);
}

TEST_CASE("saturate command: of a grid the worst search counts", "[app][saturate]") {
    stats::SaturationResult result;
    result.searches.push_back({.ending = stats::SearchEnding::knee});
    result.searches.push_back({.ending = stats::SearchEnding::generator});
    CHECK(status_of(result, plan::SaturationPolicy::fail) == ExitStatus::saturated);
    CHECK(status_of(result, plan::SaturationPolicy::allow) == ExitStatus::ok);
}

}  // namespace wsblast::app
