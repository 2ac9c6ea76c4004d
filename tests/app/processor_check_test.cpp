#include "app/processor_check.hpp"

#include <catch2/catch.hpp>

#include "js/machine.hpp"
#include "tests/support/test_folder.hpp"

namespace wsblast::app {

namespace {

// A scenario with one step that calls that function of the processor `script`.
plan::Scenario calling(const test::TestFolder& folder, const std::string& script,
                       const std::string& function) {
    plan::Scenario scenario;
    scenario.file = "talk.yml";
    if (!script.empty()) scenario.processor = folder.write("some.js", script);
    scenario.flows.push_back({.name = "0"});
    scenario.slots.push_back({.name = "token", .kind = plan::SlotKind::choice});
    scenario.slots.back().values.emplace_back(Value::of_text("first"));
    scenario.calls.push_back({function});
    scenario.actions = {{plan::ActionKind::call, 0, 7}, {plan::ActionKind::end}};
    return scenario;
}

constexpr const char* kSound =
    "exports.use = (c, e, done) => { if (c.vars.token !== 'first') throw 1; c.ws.send('x'); done(); };";

}  // namespace

TEST_CASE("processor_check: a sound processor, tried or not", "[app][processor]") {
    if (!js::Machine::available()) return;
    const test::TestFolder folder;
    for (const TryFunctions tried : {TryFunctions::no, TryFunctions::yes}) {
        const auto check = check_processor(calling(folder, kSound, "use"), tried);
        REQUIRE(check.ok());
        CHECK(check->exported == std::vector<std::string>{"use"});
        CHECK(check->failures.empty());
    }
    CHECK(check_processor(plan::Scenario{}, TryFunctions::yes).ok());
}

TEST_CASE("processor_check: a function that is not there is refused, with its line", "[app][processor]") {
    if (!js::Machine::available()) return;
    const test::TestFolder folder;
    const auto check = check_processor(calling(folder, kSound, "uses"), TryFunctions::no);
    REQUIRE_FALSE(check.ok());
    CHECK(check.error().fault == Fault::usage);
    CHECK(check.error().what.starts_with("talk.yml:7: function 'uses' is not exported by "));
    CHECK(check.error().what.ends_with("exported are: use"));
    const auto without = check_processor(calling(folder, "", "use"), TryFunctions::no);
    REQUIRE_FALSE(without.ok());
    CHECK(without.error().what == "talk.yml:7: function 'use' is called, and there is no config.processor");
}

TEST_CASE("processor_check: what fails when it is tried is told, and is no error", "[app][processor]") {
    if (!js::Machine::available()) return;
    const test::TestFolder folder;
    plan::Scenario scenario = calling(
        folder, "exports.use = () => { null.x; };\nexports.more = (c, done) => { for (;;) {} };", "use");
    scenario.call_timeout_ns = 50 * kMillisecond;
    plan::LoopPlan loop;
    loop.kind = plan::LoopKind::while_true;
    loop.function = "more";
    scenario.loops.push_back(loop);
    scenario.actions.insert(scenario.actions.begin(), {plan::ActionKind::loop, 0, 5});
    const auto check = check_processor(scenario, TryFunctions::yes);
    REQUIRE(check.ok());
    REQUIRE(check->failures.size() == 2);
    CHECK(check->failures[0].starts_with("talk.yml:5: function 'more' was stopped when it was tried: "));
    CHECK(check->failures[1] ==
          "talk.yml:7: function 'use' failed when it was tried: TypeError: null has no properties "
          "(some.js:1)");
}

}  // namespace wsblast::app
