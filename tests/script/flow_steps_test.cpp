#include "script/flow_steps.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/script/flow_fixture.hpp"

namespace wsblast::script {

namespace {

using test::contains;
using test::Flow;

std::string kinds_of(std::string_view steps, std::string_view processor = "") {
    Flow flow;
    flow.into.scenario.processor = processor;
    flow.steps(steps);
    return flow.kinds();
}

std::string refused(std::string_view steps) {
    return Flow().refused(steps);
}

plan::LoopPlan loop_of(std::string_view step) {
    Flow flow;
    flow.into.scenario.processor = "x.js";
    flow.steps(step);
    return flow.into.scenario.loops.front();
}

}  // namespace

TEST_CASE("steps: each kind becomes its actions", "[script][flow_steps]") {
    CHECK(kinds_of("- send: a\n- think: 1\n- log: b\n- wait: {match: {json: $.a, value: 1}}") ==
          "connect send think log await end");
    CHECK(kinds_of("- send: {payload: a, capture: {json: $.a, as: b}}") == "connect send await end");
    CHECK(kinds_of("- connect: /ws\n- function: f\n- wsblast: {hold: 1}\n- wsblast: {close: 1000}",
                   "x.js") == "connect call hold close end");
    CHECK(kinds_of("- wsblast: {rate: {per_second: 1, duration: 1, send: a}}") == "connect stream end");
    CHECK(kinds_of("- - send: a\n  - - send: b\n- send: c") == "connect send send send end");
    CHECK(kinds_of("[]") == "connect end");
}

TEST_CASE("steps: a user connects before it speaks, and once", "[script][flow_steps]") {
    CHECK(kinds_of("- function: f\n- connect: /ws\n- send: a", "x.js") == "call connect send end");
    CHECK(kinds_of("- function: f\n- send: a", "x.js") == "connect call send end");
    CHECK(kinds_of("- think: 1\n- send: a\n- connect: /ws\n- send: b") ==
          "think connect send connect send end");
    CHECK(kinds_of("- loop:\n    - send: a\n  count: 2\n- connect: /ws") ==
          "connect loop send repeat connect end");
    CHECK(kinds_of("- loop:\n    - connect: /ws\n    - send: a\n  count: 2") ==
          "loop connect send repeat end");
}

TEST_CASE("steps: a line of the file stands in each action", "[script][flow_steps]") {
    Flow flow;
    flow.steps("- send: a\n- think: 1");
    CHECK(flow.into.scenario.actions[1].line == 2);
    CHECK(flow.into.scenario.actions[2].line == 3);
}

TEST_CASE("steps: think times", "[script][flow_steps]") {
    Flow flow;
    flow.into.jitter = {.share = 0.2, .absolute_ns = 0};
    flow.steps(
        "- think: 2\n- think: '3'\n- think: 500ms\n- think: 0\n- think: 0.5\n- think: '{{ port }}ms'");
    const auto& thinks = flow.into.scenario.thinks;
    REQUIRE(thinks.size() == 6);
    CHECK(thinks[0].duration_ns == 2 * kSecond);
    CHECK(thinks[0].jitter_share == 0.2);
    CHECK(thinks[1].duration_ns == 3 * kSecond);
    CHECK(thinks[2].duration_ns == 500 * kMillisecond);
    CHECK(thinks[3].duration_ns == 0);
    CHECK(thinks[4].duration_ns == 500 * kMillisecond);
    CHECK(thinks[5].text.parts.size() == 2);
}

TEST_CASE("loops: how often", "[script][flow_steps]") {
    const plan::LoopPlan three = loop_of("- loop: [{send: a}]\n  count: 3");
    CHECK(three.kind == plan::LoopKind::count);
    CHECK(three.first == 0);
    CHECK(three.last == 3);
    CHECK(loop_of("- loop: [{send: a}]\n  count: '3'").last == 3);
    CHECK(loop_of("- loop: [{think: 1}]").last == plan::kUnlimited);
    CHECK(loop_of("- loop: [{think: 1}]\n  count: 0").last == plan::kUnlimited);
    const plan::LoopPlan range = loop_of("- loop: [{send: a}]\n  count: '2-5'");
    CHECK(range.first == 2);
    CHECK(range.last == 5);
    const plan::LoopPlan variable = loop_of("- loop: [{send: a}]\n  count: '{{ user.n }}'");
    CHECK(variable.kind == plan::LoopKind::text);
    CHECK(variable.count.one_value());
    CHECK(loop_of("- loop: [{send: a}]\n  count: '{{ low }}-{{ high }}'").count.parts.size() == 2);
    const plan::LoopPlan condition = loop_of("- loop: [{send: a}]\n  whileTrue: more\n  count: 5");
    CHECK(condition.kind == plan::LoopKind::while_true);
    CHECK(condition.function == "more");
}

TEST_CASE("loops: over elements", "[script][flow_steps]") {
    const plan::LoopPlan elements =
        loop_of("- loop: [{send: '{{ $loopElement }}'}]\n  over: [a, 2, {b: 3}]\n  count: 9");
    CHECK(elements.kind == plan::LoopKind::elements);
    REQUIRE(elements.elements.size() == 3);
    CHECK(elements.elements[0].view() == Value::of_text("a"));
    CHECK(elements.elements[1].view() == Value::of_number(2));
    CHECK(elements.elements[2].view() == Value::of_json(R"({"b":3})"));
    CHECK(loop_of("- loop: [{send: a}]\n  over: user").kind == plan::LoopKind::over);
    CHECK(loop_of("- loop: [{send: a}]\n  over: '{{ user.list }}'").path ==
          std::vector<std::string>{"list"});
}

TEST_CASE("loops: bodies lie between loop and repeat, and know their depth", "[script][flow_steps]") {
    Flow flow;
    flow.steps(
        "- loop:\n    - send: a\n    - loop: [{send: b}]\n      count: 2\n      loopValue: inner\n  count: "
        "3");
    CHECK(flow.kinds() == "connect loop send loop send repeat repeat end");
    const auto& loops = flow.into.scenario.loops;
    REQUIRE(loops.size() == 2);
    CHECK(loops[0].body == 2);
    CHECK(loops[0].end == 7);
    CHECK(loops[0].depth == 0);
    CHECK(loops[1].body == 4);
    CHECK(loops[1].end == 6);
    CHECK(loops[1].depth == 1);
    CHECK(flow.into.slots[loops[0].count_slot].name == "$loopCount");
    CHECK(flow.into.slots[loops[1].count_slot].name == "inner");
    CHECK(flow.into.slots[loops[0].element_slot].name == "$loopElement");
    CHECK(flow.into.slots[loops[1].count_slot].use == plan::SlotUse::written);
}

TEST_CASE("steps: faults name line and key", "[script][flow_steps]") {
    CHECK(contains(refused("- snd: a"),
                   "a.yml:2: scenarios[0].flow[0].snd: is no step; connect, send, wait, think, "
                   "loop, function, log or wsblast are; did you mean send?"));
    CHECK(contains(refused("- get: {url: /}"), "is a step of another engine"));
    CHECK(contains(refused("- send: a\n  think: 1"),
                   "each step is one key, so begin a new one with '- think'"));
    CHECK(contains(refused("- think: 1\n  wsblast: {hold: 1}"), "each step is one key"));
    CHECK(contains(refused("- send"), "must be a step like"));
    CHECK(contains(refused("- 5"), "scenarios[0].flow[0]: must be a step like"));
    CHECK(contains(refused("- {}"), "must be a step like"));
    CHECK(contains(refused("- think: -1"), "flow[0].think"));
    CHECK(contains(refused("- think: long"), "flow[0].think"));
    CHECK(contains(refused("- think: '{{ a'"), "flow[0].think: the hole"));
    CHECK(contains(refused("- log: [a]"), "flow[0].log: must be a text"));
    CHECK(contains(refused("- log: '{{ $nope() }}'"), "flow[0].log: the hole"));
    CHECK(contains(refused("- function: f"), "'f' is a function of JavaScript, and config.processor"));
    CHECK(contains(refused("- function: [f]"), "flow[0].function: must be a text"));
    CHECK(contains(refused("- connect: 5"), "flow[0].connect: must be a URL"));
    CHECK(contains(refused("- send: a\n- - think: 1\n  - sendd: b"),
                   "a.yml:4: scenarios[0].flow[1][1].sendd"));
}

TEST_CASE("loops: faults name line and key", "[script][flow_steps]") {
    CHECK(contains(refused("- loop: []"), "flow[0].loop: has no steps"));
    CHECK(contains(refused("- loop: 5"), "flow[0].loop: must be a list of steps"));
    CHECK(contains(refused("- loop: [{send: a}]\n  cout: 5"), "flow[0].cout: has no meaning beside loop"));
    CHECK(contains(refused("- loop: [{send: a}]\n  cout: 5"), "did you mean count?"));
    CHECK(contains(refused("- loop: [{send: a}]\n  count: -1"),
                   "flow[0].count: must be a whole number, a range"));
    CHECK(contains(refused("- loop: [{send: a}]\n  count: 1.5"), "flow[0].count: must be"));
    CHECK(contains(refused("- loop: [{send: a}]\n  count: many"), "flow[0].count: must be"));
    CHECK(contains(refused("- loop: [{send: a}]\n  count: 'a-b'"), "flow[0].count: must be"));
    CHECK(contains(refused("- loop: [{send: a}]\n  count: 'x{{ n }}'"), "flow[0].count: must be"));
    CHECK(contains(refused("- loop: [{send: a}]\n  over: {a: b}"), "flow[0].over: must be a list, or"));
    CHECK(contains(refused("- loop: [{send: a}]\n  over: 'a[0'"), "without its ]"));
    CHECK(contains(refused("- loop: [{send: a}]\n  whileTrue: f"), "config.processor"));
    CHECK(contains(refused("- loop: [{send: a}]\n  loopValue: [a]"), "flow[0].loopValue: must be a text"));
    CHECK(contains(refused("- loop:\n    - send: a\n    - nope: b"),
                   "a.yml:4: scenarios[0].flow[0].loop[1].nope"));
}

TEST_CASE("loops: they may be so deep, and no deeper", "[script][flow_steps]") {
    const auto nested = [](std::size_t loops) {
        std::string step = "{send: a}";
        for (std::size_t i = 0; i < loops; ++i) step = "{loop: [" + step + "], count: 2}";
        return "- " + step;
    };
    CHECK(kinds_of(nested(limits::kLoopDepthMax)).starts_with("connect loop loop"));
    CHECK(contains(refused(nested(limits::kLoopDepthMax + 1)), "in too many loops: 8 at most"));
}

}  // namespace wsblast::script
