#include "script/connects.hpp"

#include <catch2/catch.hpp>

#include "tests/script/flow_fixture.hpp"

namespace wsblast::script {

namespace {

using test::contains;
using test::Flow;

// The target of `connect: YAML`, and of how many holes its user fills.
struct Connected {
    plan::ScenarioTarget target;
    std::vector<plan::UserText> holes;
};

Connected connect(Flow& flow, std::string_view yaml) {
    const auto index = compile_connect(test::yaml_of(yaml), "connect", flow.into);
    if (!index) FAIL(index.error().what);
    const plan::ConnectPlan& plan = flow.into.scenario.connects[*index];
    return {flow.into.scenario.targets[plan.target], plan.holes};
}

std::string url_of(std::string_view yaml) {
    Flow flow;
    return connect(flow, yaml).target.url;
}

std::string connect_fault(std::string_view yaml) {
    Flow flow;
    const auto index = compile_connect(test::yaml_of(yaml), "connect", flow.into);
    INFO(yaml);
    REQUIRE_FALSE(index.ok());
    CHECK(index.error().fault == Fault::usage);
    return index.error().what;
}

}  // namespace

TEST_CASE("connect: URLs, and paths behind the target", "[script][connects]") {
    CHECK(url_of("ws://example.com/a?b=c") == "ws://example.com/a?b=c");
    Flow flow;
    flow.into.target = "wss://{{ host }}/base/";
    CHECK(connect(flow, "/ws").target.url == "wss://example.com/base/ws");
}

TEST_CASE("connect: every form says where to", "[script][connects]") {
    CHECK(url_of("/ws") == "ws://localhost:8000/ws");
    CHECK(url_of("{url: /ws}") == "ws://localhost:8000/ws");
    CHECK(url_of("{target: 'wss://{{ host }}:{{ port }}/x'}") == "wss://example.com:9000/x");
    CHECK(url_of("{headers: {A: b}}") == "ws://localhost:8000");
    Flow flow;
    const auto index = compile_default_connect({}, "flow", flow.into);
    REQUIRE(index.ok());
    CHECK(flow.into.scenario.targets[0].url == "ws://localhost:8000");
}

TEST_CASE("connect: what differs from user to user is a hole of path and headers", "[script][connects]") {
    Flow flow;
    const Connected made = connect(
        flow,
        "{target: '/ws/{{ user }}?c={{ colour }}', headers: {Authorization: 'Bearer {{ user }}', X: 5}}");
    CHECK(made.target.url == "ws://localhost:8000/ws/{{0}}?c={{1}}");
    REQUIRE(made.target.headers.size() == 2);
    CHECK(made.target.headers[0].name == "Authorization");
    CHECK(made.target.headers[0].value == "Bearer {{2}}");
    CHECK(made.target.headers[1].value == "5");
    REQUIRE(made.holes.size() == 3);
    CHECK(made.holes[0].one_value());
    CHECK(made.holes[0].parts[0].slot == *flow.into.slots.find("user"));
    CHECK(made.holes[1].parts[0].slot == *flow.into.slots.find("colour"));
}

TEST_CASE("connect: config.ws's headers and subprotocols hold where it has none", "[script][connects]") {
    Flow flow;
    flow.into.headers = {{"X-Run", "1"}, {"Sec-WebSocket-Protocol", "extra"}};
    flow.into.subprotocols = {"chat"};
    const Connected plain = connect(flow, "/a");
    REQUIRE(plain.target.headers.size() == 1);
    CHECK(plain.target.headers[0].name == "X-Run");
    CHECK(plain.target.subprotocols == std::vector<std::string>{"chat", "extra"});
    const Connected own =
        connect(flow, "{target: /a, headers: {Y: z}, subprotocols: [json, '{{ host }}']}");
    REQUIRE(own.target.headers.size() == 1);
    CHECK(own.target.headers[0].name == "Y");
    CHECK(own.target.subprotocols == std::vector<std::string>{"json", "example.com"});
}

TEST_CASE("connect: what is wrong with the target is told of it, not of the path", "[script][connects]") {
    Flow flow;
    flow.into.target = "http://foo";
    flow.into.target_place = {std::make_shared<const std::string>("-t"), 0};
    const auto made = compile_connect(test::yaml_of("/ws"), "connect", flow.into);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().what.starts_with("-t: config.target: URL 'http://foo': has an unknown scheme"));
    flow.into.target = "ws://foo";
    CHECK(contains(compile_connect(test::yaml_of("'/a b'"), "connect", flow.into).error().what,
                   "a.yml:1: connect"));
}

TEST_CASE("connect: the same target is there once", "[script][connects]") {
    Flow flow;
    connect(flow, "/a");
    connect(flow, "{url: /a}");
    connect(flow, "/b");
    CHECK(flow.into.scenario.targets.size() == 2);
    CHECK(flow.into.scenario.connects.size() == 3);
}

TEST_CASE("connect: a function needs a processor", "[script][connects]") {
    CHECK(contains(connect_fault("{function: sign}"), "a.yml:1: connect.function: 'sign' is JavaScript"));
    Flow flow;
    flow.into.scenario.processor = "x.js";
    REQUIRE(compile_connect(test::yaml_of("{function: sign}"), "connect", flow.into).ok());
    CHECK(flow.into.scenario.connects[0].function == "sign");
}

TEST_CASE("connect: faults", "[script][connects]") {
    CHECK(contains(connect_fault("5"), "must be a URL, a path, or a map"));
    CHECK(contains(connect_fault("http://example.com"), "connect: "));
    CHECK(contains(connect_fault("ws://"), "connect: "));
    CHECK(contains(connect_fault("'ws://{{ user }}/a'"), "the host of 'ws://{{ user }}/a' has a hole"));
    CHECK(contains(connect_fault("'ws://h{{ $randomNumber(1,3) }}.example.com/a'"),
                   "has to be known before the run"));
    CHECK(contains(connect_fault("'{{ user }}'"), "has a hole"));
    CHECK(contains(connect_fault("'ws://a/{{ b'"), "no }} at its end"));
    CHECK(contains(connect_fault("{target: 5}"), "connect.target: must be a text"));
    CHECK(contains(connect_fault("{headers: [a]}"), "connect.headers: must be a map"));
    CHECK(contains(connect_fault("{headers: {A: {b: c}}}"), "connect.headers.A: must be a text"));
    CHECK(contains(connect_fault("{headers: {'a b': c}}"), "no name of a header"));
    CHECK(contains(connect_fault("{headers: {A: \"b\\nc\"}}"), "line break"));
    CHECK(contains(connect_fault("{subprotocols: 5}"), "must be a list of names"));
    CHECK(contains(connect_fault("{subprotocols: ['{{ user }}']}"), "differs from user to user"));
    Flow flow;
    flow.into.target.clear();
    const auto nowhere = compile_connect(test::yaml_of("/ws"), "connect", flow.into);
    REQUIRE_FALSE(nowhere.ok());
    CHECK(contains(nowhere.error().what, "config.target is missing"));
    CHECK_FALSE(compile_default_connect({}, "flow", flow.into).ok());
}

TEST_CASE("connect: options for all connections of a run are told", "[script][connects]") {
    Flow flow;
    connect(flow, "{target: /a, maxPayload: 5}");
    REQUIRE(flow.into.warnings.size() == 1);
    CHECK(contains(flow.into.warnings[0], "only read in config.ws"));
}

}  // namespace wsblast::script
