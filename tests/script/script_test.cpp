#include "script/script.hpp"

#include <catch2/catch.hpp>

#include "tests/support/test_folder.hpp"

using namespace wsblast;

namespace {

struct Loading {
    test::TestFolder folder;
    script::ScriptOptions options;

    explicit Loading(const std::string& script, const std::string& name = "s.yml") {
        options.file = folder.write(name, script);
        options.seed = 7;
    }
    [[nodiscard]] script::Script load() const {
        auto script = script::load(options);
        INFO((script ? "" : script.error().what));
        REQUIRE(script);
        return std::move(*script);
    }
    [[nodiscard]] std::string refusal() const {
        const auto script = script::load(options);
        if (script) return "accepted";
        CHECK(script.error().fault == Fault::usage);
        return folder.without_folder(script.error().what);
    }
};

const plan::Slot* find_slot(const plan::Scenario& scenario, std::string_view name) {
    for (const plan::Slot& slot : scenario.slots) {
        if (slot.name == name) return &slot;
    }
    return nullptr;
}

constexpr const char* kScript = R"(config:
  target: "ws://localhost:8000"
  phases:
    - {duration: 10, arrivalRate: 5, rampTo: 20, name: quick}
  variables: {room: [a, b]}
  payload: {path: users.csv, fields: [user, room], order: sequence}
  ws: {headers: {Authorization: "Bearer {{ user }}"}, timeout: 3}
  ensure: {thresholds: [{vusers.failed: 1}]}
  wsblast: {slo: ["p99<50ms"]}
  environments:
    staging: {target: "wss://staging.example.com", phases: [{arrivalRate: 10, rampTo: 100, duration: 60}]}
scenarios:
  - name: chat
    flow:
      - connect: "/ws"
      - send: '{"type":"join","room":"{{ room }}"}'
      - think: 1
)";

}  // namespace

TEST_CASE("script: a whole file, in the terms of a run", "[script]") {
    Loading loading(kScript);
    loading.folder.write("users.csv", "ann,x\nbob,y\n");
    const script::Script script = loading.load();
    CHECK(script.warnings.empty());
    CHECK(script.scenario.seed == 7);
    REQUIRE(script.scenario.phases.size() == 1);
    CHECK(script.scenario.phases[0].kind == plan::PhaseKind::ramp);
    REQUIRE(script.scenario.flows.size() == 1);
    CHECK(script.scenario.flows[0].name == "chat");
    CHECK(script.run.urls == std::vector<std::string>{"ws://localhost:8000/ws"});
    CHECK(script.run.answer_timeout_ns == 3 * kSecond);
    CHECK(script.ensure.rules.size() == 1);
    CHECK(script.slos.size() == 1);
    // A variable wins over a payload's field of that name.
    CHECK(find_slot(script.scenario, "room")->kind == plan::SlotKind::choice);
    CHECK(find_slot(script.scenario, "user")->kind == plan::SlotKind::column);
    CHECK(find_slot(script.scenario, "target")->values[0].view() == Value::of_text("ws://localhost:8000"));
}

TEST_CASE("script: the same file for another environment, for one user, without checks", "[script]") {
    Loading loading(kScript);
    loading.folder.write("users.csv", "ann,x\n");
    loading.options.environment = "staging";
    loading.options.certificates = script::ScriptOptions::Certificates::unchecked;
    script::Script script = loading.load();
    CHECK(script.run.urls == std::vector<std::string>{"wss://staging.example.com/ws"});
    CHECK(script.run.tls.check == crypto::PeerCheck::none);
    CHECK(script.scenario.phases[0].to_per_s == 100);
    CHECK(find_slot(script.scenario, "$environment")->values[0].view() == Value::of_text("staging"));

    loading.options.load = script::ScriptOptions::Load::one_user;
    REQUIRE(setenv("ARTILLERY_DISABLE_ENSURE", "1", 1) == 0);
    script = loading.load();
    REQUIRE(unsetenv("ARTILLERY_DISABLE_ENSURE") == 0);
    CHECK(script.scenario.phases[0].count == 1);
    CHECK(script.ensure.rules.empty());
}

TEST_CASE("script: of the environment only what scenarios name becomes a variable", "[script]") {
    REQUIRE(setenv("WSBLAST_TEST_TOKEN", "t1", 1) == 0);
    const script::Script script =
        Loading("config: {target: ws://a}\nscenarios: [{flow: [{send: '{{ $env.WSBLAST_TEST_TOKEN }}'}]}]")
            .load();
    REQUIRE(unsetenv("WSBLAST_TEST_TOKEN") == 0);
    CHECK(find_slot(script.scenario, "$env.WSBLAST_TEST_TOKEN")->values[0].view() == Value::of_text("t1"));
    CHECK(find_slot(script.scenario, "$env.PATH") == nullptr);
}

TEST_CASE("script: JSON is the same format", "[script]") {
    const script::Script script =
        Loading(R"({"config": {"target": "ws://a"}, "scenarios": [{"flow": [{"send": "x"}]}]})", "s.json")
            .load();
    CHECK(script.scenario.phases.size() == 1);
    CHECK(script.run.urls == std::vector<std::string>{"ws://a"});
}

TEST_CASE("script: what is wrong with a file is one sentence with its place", "[script]") {
    struct Bad {
        const char* script;
        const char* refusal;  // what it begins with
    };
    const std::vector<Bad> all{
        {"", "s.yml:1: must be a map with config and scenarios, and is nothing"},
        {"- 1", "s.yml:1: must be a map with config and scenarios, and is a list"},
        {"config: [", "s.yml:1: this is not YAML"},
        {"config: {target: ws://a}", "s.yml:1: scenarios: is missing"},
        {"scenarios: []", "s.yml:1: config.target: is missing"},
        {"config: {target: ws://a}\nscenarios: []", "s.yml:2: scenarios"},
        {"config: {target: ws://a}\nscenarios: 5", "s.yml:2: scenarios"},
        {"config: {target: ws://a}\nscenarios: [5]", "s.yml:2: scenarios[0]"},
        {"config: {target: ws://a}\nscenarios: [{flow: 5}]", "s.yml:2: scenarios[0].flow"},
        {"config: {target: ws://a}\nscenarios: [{flow: [{sned: x}]}]", "s.yml:2: scenarios[0].flow[0]"},
        {"config: {target: ws://a}\nconfig: {}", "s.yml:2: config: this key stands here twice"},
        {"config: {target: ws://a, phases: x}\nscenarios: []", "s.yml:1: config.phases"},
        {"config: {target: ws://a, payload: {path: no.csv, fields: [a]}}\nscenarios: []",
         "s.yml:1: config.payload: 'no.csv' cannot be read"},
        {"config: {target: ws://a, processor: no.js}\nscenarios: []",
         "s.yml:1: config.processor: there is no file 'no.js'"},
        {"config: {target: ws://a, variables: 5}\nscenarios: []", "s.yml:1: config.variables"},
        {"config: {target: ws://a, ws: 5}\nscenarios: []", "s.yml:1: config.ws"},
        {"config: {target: ws://a, ensure: 5}\nscenarios: []", "s.yml:1: config.ensure"},
        {"config: {target: ws://a, wsblast: {slo: [x]}}\nscenarios: []", "s.yml:1: config.wsblast.slo[0]"},
        {"config: {target: 'ws://{{ $randomNumber() }}'}\nscenarios: []", "s.yml:1: config.target: {{"},
        {"config: &c {a: *c}", "s.yml:1: an alias within its own anchor has no end"},
    };
    for (const Bad& bad : all) {
        const std::string refusal = Loading(bad.script).refusal();
        INFO(bad.script << "\n" << refusal);
        CHECK(refusal.find(bad.refusal) == 0);
    }
}
