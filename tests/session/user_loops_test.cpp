#include "session/user_loops.hpp"

#include <catch2/catch.hpp>

#include "tests/support/user_run.hpp"

using namespace wsblast;
using namespace wsblast::session;
using test::ScenarioBuilder;
using test::UserRun;

namespace {

// One user that sends "N" in each pass of a loop, N being its element.
std::vector<std::string> passes_of(plan::LoopPlan loop, std::vector<plan::Slot> slots) {
    ScenarioBuilder scenario;
    scenario.scenario.slots = std::move(slots);
    loop.count_slot = scenario.slot("$loopCount");
    loop.element_slot = scenario.slot("$loopElement");
    const bool has_elements = loop.kind == plan::LoopKind::over;
    scenario.users(1, 1 * kMillisecond).connect().loop(1);
    scenario.send(scenario.with("", has_elements ? "$loopElement" : "$loopCount")).await().end_loop();
    plan::LoopPlan& made = scenario.scenario.loops.front();
    loop.body = made.body;
    loop.end = made.end;
    made = loop;
    UserRun run(scenario.end());
    run.finish();
    return run.server.messages();
}

plan::Slot constant(std::string name, const Value& value) {
    plan::Slot slot{.name = std::move(name), .kind = plan::SlotKind::constant};
    slot.values.emplace_back(value);
    return slot;
}

using Sent = std::vector<std::string>;

}  // namespace

TEST_CASE("user_loops: how long a text says to think", "[session][user_loops]") {
    CHECK(think_time_ns("5") == 5 * kSecond);
    CHECK(think_time_ns("500ms") == 500 * kMillisecond);
    CHECK(think_time_ns("1.5 m") == 90 * kSecond);
    CHECK(think_time_ns("2h") == 7200 * kSecond);
    CHECK(think_time_ns("soon") == 0);
    CHECK(think_time_ns("-3") == 0);
    CHECK(think_time_ns("nan") == 0);
    CHECK(think_time_ns("5 parsecs") == 0);
    CHECK(think_time_ns("inf parsecs") == 0);
    // No run is longer, and no number of nanoseconds overflows.
    CHECK(think_time_ns("inf") == 365 * 24 * 3600 * kSecond);
    CHECK(think_time_ns("1e300h") == 365 * 24 * 3600 * kSecond);
}

TEST_CASE("user_loops: a text says how often, as a number or as a range", "[session][user_loops]") {
    plan::LoopPlan loop;
    loop.kind = plan::LoopKind::text;
    loop.count.parts.push_back({.literal = "", .kind = plan::PartKind::variable, .slot = 0});
    CHECK(passes_of(loop, {constant("n", Value::of_number(3))}) == Sent{"0", "1", "2"});
    CHECK(passes_of(loop, {constant("n", Value::of_text("2"))}) == Sent{"0", "1"});
    CHECK(passes_of(loop, {constant("n", Value::of_text("2-5"))}) == Sent{"2", "3", "4"});
    CHECK(passes_of(loop, {constant("n", Value::of_text("inf-5"))}).empty());
    loop.count.parts.push_back({.literal = "-", .kind = plan::PartKind::variable, .slot = 1});
    CHECK(passes_of(loop, {constant("a", Value::of_number(7)), constant("b", Value::of_text("9"))}) ==
          Sent{"7", "8"});
}

TEST_CASE("user_loops: the elements of an array that all users share", "[session][user_loops]") {
    plan::LoopPlan loop;
    loop.kind = plan::LoopKind::over;
    CHECK(passes_of(loop, {constant("rows", Value::of_json(R"([1,"two",{"n":3}])"))}) ==
          Sent{"1", "two", R"({"n":3})"});
    CHECK(passes_of(loop, {constant("rows", Value::of_json("[]"))}).empty());
    CHECK(passes_of(loop, {constant("rows", Value::of_text("no list"))}).empty());
    loop.path = {"list"};
    CHECK(passes_of(loop, {constant("rows", Value::of_json(R"({"list":[4,5]})"))}) == Sent{"4", "5"});
}
