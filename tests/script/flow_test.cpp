#include "script/flow.hpp"

#include <catch2/catch.hpp>

#include "tests/script/flow_fixture.hpp"

namespace wsblast::script {

namespace {

using test::contains;
using test::Flow;

constexpr std::string_view kThree =
    "- {name: reads, weight: 3, flow: [{send: a}]}\n"
    "- {name: writes, weight: '2', engine: ws, flow: [{send: b}]}\n"
    "- {flow: [{send: c}]}\n";

std::string flow_fault(std::string_view yaml, std::string_view chosen = "") {
    Flow flow;
    flow.into.scenario_name = chosen;
    const auto compiled = compile_flows(test::yaml_of(yaml), flow.into);
    INFO(yaml);
    REQUIRE_FALSE(compiled.ok());
    CHECK(compiled.error().fault == Fault::usage);
    return compiled.error().what;
}

std::uint32_t weight_of(std::string_view weight) {
    Flow flow;
    const std::string yaml = "[{weight: " + std::string(weight) + ", flow: []}, {flow: []}]";
    const auto compiled = compile_flows(test::yaml_of(yaml), flow.into);
    if (!compiled) FAIL(compiled.error().what);
    return flow.into.scenario.flows[0].weight;
}

}  // namespace

TEST_CASE("scenarios: names, weights and where each begins", "[script][flow]") {
    Flow flow;
    REQUIRE(compile_flows(test::yaml_of(kThree), flow.into).ok());
    const auto& flows = flow.into.scenario.flows;
    REQUIRE(flows.size() == 3);
    CHECK(flows[0].name == "reads");
    CHECK(flows[0].weight == 3);
    CHECK(flows[1].weight == 2);
    CHECK(flows[2].name == "2");
    CHECK(flows[2].weight == 1);
    CHECK(flows[0].first == 0);
    CHECK(flows[1].first == 3);
    CHECK(flow.kinds() == "connect send end connect send end connect send end");
    CHECK(flow.into.scenario.labels == std::vector<std::string>{""});
}

TEST_CASE("scenarios: weights are read as parseInt does", "[script][flow]") {
    CHECK(weight_of("2.9") == 2);
    CHECK(weight_of("'7 of 9'") == 7);
    CHECK(weight_of("many") == 0);
    CHECK(weight_of("'{{ port }}'") == 9000);
}

TEST_CASE("scenarios: --scenario-name chooses one, exactly or by an expression", "[script][flow]") {
    for (const std::string_view name : {"writes", "^wri", "2"}) {
        Flow flow;
        flow.into.scenario_name = name;
        REQUIRE(compile_flows(test::yaml_of(kThree), flow.into).ok());
        REQUIRE(flow.into.scenario.flows.size() == 1);
        CHECK(flow.into.scenario.flows[0].name == (name == "2" ? "2" : "writes"));
        CHECK(flow.into.scenario.flows[0].weight == 1);
    }
    CHECK(contains(flow_fault(kThree, "deletes"), "is of none; there are reads, writes, 2"));
    CHECK(contains(flow_fault(kThree, "s$"), "is of several: reads, writes"));
    CHECK(contains(flow_fault(kThree, "("), "is of none"));
}

TEST_CASE("scenarios: one that was not chosen need not be for this engine", "[script][flow]") {
    Flow flow;
    flow.into.scenario_name = "sockets";
    REQUIRE(compile_flows(test::yaml_of("- {name: pages, engine: http, flow: [{get: {url: /}}]}\n"
                                        "- {name: sockets, engine: websocket, flow: [{send: a}]}\n"),
                          flow.into)
                .ok());
}

TEST_CASE("scenarios: handlers for what is pushed", "[script][flow]") {
    Flow flow;
    REQUIRE(
        compile_flows(test::yaml_of("- {wsblast: {on: [{count: pushes}]}, flow: [{send: a}]}"), flow.into)
            .ok());
    REQUIRE(flow.into.scenario.flows[0].handlers.size() == 1);
    CHECK(flow.into.scenario.flows[0].handlers[0].counter == "pushes");
}

TEST_CASE("scenarios: hooks are flows of their own", "[script][flow]") {
    Flow flow;
    REQUIRE(compile_hook(test::yaml_of("{flow: [{send: login}]}"), Hook::before, flow.into).ok());
    REQUIRE(compile_flows(test::yaml_of(kThree), flow.into).ok());
    REQUIRE(
        compile_hook(test::yaml_of("{engine: ws, flow: [{send: logout}]}"), Hook::after, flow.into).ok());
    REQUIRE(flow.into.scenario.before.has_value());
    REQUIRE(flow.into.scenario.after.has_value());
    CHECK(flow.into.scenario.before->first == 0);
    CHECK(flow.into.scenario.flows[0].first == 3);
    CHECK(flow.into.scenario.after->first == 12);
    const auto bad = compile_hook(test::yaml_of("{engine: http, flow: []}"), Hook::before, flow.into);
    REQUIRE_FALSE(bad.ok());
    CHECK(contains(bad.error().what, "a.yml:1: before.engine: 'http' is no engine here"));
    CHECK_FALSE(compile_hook(test::yaml_of("[]"), Hook::before, flow.into).ok());
}

TEST_CASE("scenarios: what is never set, and what has no effect, is told", "[script][flow]") {
    Flow flow;
    REQUIRE(compile_flows(
                test::yaml_of("- {beforeScenario: f, nmae: x, flow: [{send: '{{ colur }} {{ host }}'}]}"),
                flow.into)
                .ok());
    const auto& warnings = flow.into.warnings;
    REQUIRE(warnings.size() == 3);
    CHECK(contains(warnings[0], "a.yml:1: scenarios[0].beforeScenario: has no effect with engine ws"));
    CHECK(contains(warnings[1], "did you mean name?"));
    CHECK(warnings[2] ==
          "a.yml:1: scenarios[0].flow[0].send: the variable 'colur' never has a value; did you mean "
          "colour?");
}

TEST_CASE("scenarios: what is never set is told where it is used first", "[script][flow]") {
    const auto warning_of = [](std::string_view steps) {
        Flow flow;
        REQUIRE(compile_flows(test::yaml_of("- flow:\n" + std::string(steps)), flow.into).ok());
        REQUIRE(flow.into.warnings.size() == 1);
        return flow.into.warnings[0].substr(0, flow.into.warnings[0].find(": the variable"));
    };
    CHECK(warning_of("  - log: a\n  - think: '{{ t }}'\n  - log: '{{ t }}'\n") ==
          "a.yml:3: scenarios[0].flow[1].think");
    CHECK(warning_of("  - send:\n      n: 1\n      deep:\n        - a\n        - '{{ t }}'\n") ==
          "a.yml:6: scenarios[0].flow[0].send.deep[1]");
    CHECK(warning_of("  - send:\n      '{{ t }}': 1\n") == "a.yml:3: scenarios[0].flow[0].send.{{ t }}");
    CHECK(warning_of("  - loop:\n      - log: a\n    over: t\n") == "a.yml:4: scenarios[0].flow[0].over");
    CHECK(warning_of("  - loop:\n      - log: a\n    count: '{{ t }}'\n") ==
          "a.yml:4: scenarios[0].flow[0].count");
    CHECK(warning_of("  - connect:\n      url: /ws\n      headers:\n        X: '{{ t }}'\n") ==
          "a.yml:5: scenarios[0].flow[0].connect.headers.X");
    CHECK(warning_of("  - send:\n      payload: a\n      match:\n        json: $.a\n"
                     "        value: '{{ t }}'\n") == "a.yml:6: scenarios[0].flow[0].send.match.value");
}

TEST_CASE("scenarios: a payload of constants is one, unless something may write them", "[script][flow]") {
    const auto constant = [](std::string_view steps, std::string_view processor) {
        Flow flow;
        flow.into.scenario.processor = processor;
        flow.steps(steps);
        return flow.into.scenario.sends[0].text.constant();
    };
    CHECK(constant("- send: 'to {{ host }}:{{ port }}'", ""));
    CHECK_FALSE(constant("- send: 'to {{ host }}'", "x.js"));
    CHECK_FALSE(constant("- send: 'to {{ colour }}'", ""));
    CHECK_FALSE(constant("- send: 'to {{ host }}'\n- wait: {capture: {json: $.h, as: host}}", ""));
}

TEST_CASE("scenarios: JavaScript finds what the file has, nested steps opened", "[script][flow]") {
    Flow flow;
    flow.into.scenario.processor = "x.js";
    REQUIRE(compile_flows(test::yaml_of("- {name: one, weight: '3', own: [1, {a: null}], "
                                        "flow: [[{think: 1}, {log: b}], {send: {n: 1.5}}]}\n"
                                        "- flow: [{log: c}]\n"),
                          flow.into)
                .ok());
    CHECK(flow.into.scenario.flows[0].json == R"({"name":"one","weight":3,"own":[1,{"a":null}],)"
                                              R"("flow":[{"think":1},{"log":"b"},{"send":{"n":1.5}}]})");
    CHECK(flow.into.scenario.flows[1].json == R"({"flow":[{"log":"c"}],"weight":1})");
    REQUIRE(compile_hook(test::yaml_of("{flow: [{log: d}]}"), Hook::before, flow.into).ok());
    CHECK(flow.into.scenario.before->json == R"({"flow":[{"log":"d"}]})");
}

TEST_CASE("scenarios: JavaScript may set any variable", "[script][flow]") {
    Flow flow;
    flow.into.scenario.processor = "x.js";
    REQUIRE(compile_flows(test::yaml_of("- flow: [{send: '{{ token }}'}]"), flow.into).ok());
    CHECK(flow.into.warnings.empty());
}

TEST_CASE("scenarios: faults name line and key", "[script][flow]") {
    CHECK(contains(flow_fault("5"), "a.yml:1: scenarios: must be a list of scenarios"));
    CHECK(contains(flow_fault("[]"), "scenarios: has no scenario"));
    CHECK(contains(flow_fault("[5]"), "scenarios[0]: must be a map with a flow"));
    CHECK(contains(flow_fault("- name: a"), "scenarios[0]: flow, its list of steps, is missing"));
    CHECK(contains(flow_fault("- flow: {send: a}"), "scenarios[0].flow: must be a list of steps"));
    CHECK(contains(flow_fault("- flow: []\n- flow: []\n  engine: socketio"),
                   "a.yml:3: scenarios[1].engine: 'socketio' is no engine here; ws or websocket is"));
    CHECK(contains(flow_fault("- {weight: -1, flow: []}"), "scenarios[0].weight: must be a whole number"));
    CHECK(contains(flow_fault("- {weight: 99999999999, flow: []}"), "scenarios[0].weight"));
    CHECK(contains(flow_fault("- {weight: '{{ user }}', flow: []}"), "scenarios[0].weight"));
    CHECK(contains(flow_fault("- {weight: [1], flow: []}"), "scenarios[0].weight"));
    CHECK(contains(flow_fault("- {weight: 0, flow: []}"), "have a weight of 0"));
    CHECK(contains(flow_fault("- {wsblast: 5, flow: []}"), "scenarios[0].wsblast: must be a map"));
}

}  // namespace wsblast::script
