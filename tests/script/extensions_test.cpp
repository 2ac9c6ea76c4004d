#include "script/extensions.hpp"

#include <catch2/catch.hpp>

#include "tests/script/flow_fixture.hpp"

namespace wsblast::script {

namespace {

using test::contains;
using test::Flow;

plan::Action step(Flow& flow, std::string_view yaml) {
    const auto action = compile_extension_step(test::yaml_of(yaml), "wsblast", flow.into);
    if (!action) FAIL(action.error().what);
    return *action;
}

std::string step_fault(std::string_view yaml) {
    Flow flow;
    const auto action = compile_extension_step(test::yaml_of(yaml), "wsblast", flow.into);
    INFO(yaml);
    REQUIRE_FALSE(action.ok());
    return action.error().what;
}

std::string on_fault(std::string_view yaml) {
    Flow flow;
    const auto handlers = compile_handlers(test::yaml_of(yaml), "wsblast", flow.into);
    INFO(yaml);
    REQUIRE_FALSE(handlers.ok());
    return handlers.error().what;
}

std::string run_fault(std::string_view yaml) {
    Flow flow;
    const auto read = compile_run_extension(test::yaml_of(yaml), "config.wsblast", flow.into);
    INFO(yaml);
    REQUIRE_FALSE(read.ok());
    return read.error().what;
}

}  // namespace

TEST_CASE("wsblast: hold and close", "[script][extensions]") {
    Flow flow;
    const auto& scenario = flow.into.scenario;
    CHECK(step(flow, "{hold: 30s}").kind == plan::ActionKind::hold);
    step(flow, "{hold: forever}");
    CHECK(scenario.holds == std::vector<TimeNs>{30 * kSecond, kNever});
    CHECK(step(flow, "{close: 4000}").kind == plan::ActionKind::close);
    step(flow, "{close: {code: 1001, reason: bye}}");
    step(flow, "{close: ~}");
    REQUIRE(scenario.closes.size() == 3);
    CHECK(scenario.closes[0].code == 4000);
    CHECK(scenario.closes[1].code == 1001);
    CHECK(scenario.closes[1].reason == "bye");
    CHECK(scenario.closes[2].code == 1000);
}

TEST_CASE("wsblast: messages on a schedule", "[script][extensions]") {
    Flow flow;
    const plan::Action action =
        step(flow,
             "{rate: {per_second: 2.5, duration: 10, send: {type: ping}, arrivals: poisson, "
             "expect: {json: $.type, value: pong}, timeout: 1s, label: ping}}");
    CHECK(action.kind == plan::ActionKind::stream);
    const plan::StreamPlan& stream = flow.into.scenario.streams[action.index];
    CHECK(stream.rate_per_s == 2.5);
    CHECK(stream.duration_ns == 10 * kSecond);
    CHECK(stream.arrivals == plan::Arrivals::poisson);
    CHECK(stream.expect.size() == 1);
    CHECK(stream.timeout_ns == kSecond);
    CHECK(flow.into.scenario.labels[stream.label] == "ping");
    CHECK(flow.into.scenario.sends[stream.send].text.text() == R"({"type":"ping"})");
}

TEST_CASE("wsblast: what is pushed meets handlers", "[script][extensions]") {
    Flow flow;
    const auto handlers = compile_handlers(
        test::yaml_of("on:\n"
                      "  - {match: {json: $.type, value: tick}, count: ticks}\n"
                      "  - {match: [{json: $.a, value: 1}, {json: $.b, value: 2}], reply: {type: ack}}\n"
                      "  - {capture: {json: $.token, as: token}}\n"
                      "  - {match: {regexp: bye, value: bye}, close: 1001}\n"),
        "wsblast", flow.into);
    REQUIRE(handlers.ok());
    REQUIRE(handlers->size() == 4);
    CHECK(handlers->at(0).reaction == plan::Reaction::count);
    CHECK(handlers->at(0).counter == "ticks");
    CHECK(handlers->at(1).matches.size() == 2);
    CHECK(handlers->at(1).reaction == plan::Reaction::reply);
    CHECK(flow.into.scenario.sends[handlers->at(1).send].text.text() == R"({"type":"ack"})");
    CHECK(handlers->at(2).reaction == plan::Reaction::capture);
    CHECK(handlers->at(2).matches.empty());
    CHECK(handlers->at(3).reaction == plan::Reaction::close);
    CHECK(flow.into.scenario.closes[handlers->at(3).close].code == 1001);
}

TEST_CASE("wsblast: queue, reconnect and the time of a call", "[script][extensions]") {
    Flow flow;
    const auto read = compile_run_extension(
        test::yaml_of(
            "{queue: true, reconnect: {backoff: exponential, first: 200ms, max: 5s}, callTimeout: 250ms}"),
        "config.wsblast", flow.into);
    REQUIRE(read.ok());
    CHECK(flow.into.scenario.queue == plan::MessageQueue::kept);
    REQUIRE(flow.into.scenario.reconnect.has_value());
    CHECK(flow.into.scenario.reconnect->kind == plan::Reconnect::exponential);
    CHECK(flow.into.scenario.reconnect->first_ns == 200 * kMillisecond);
    CHECK(flow.into.scenario.reconnect->max_ns == 5 * kSecond);
    CHECK(flow.into.scenario.call_timeout_ns == 250 * kMillisecond);
    REQUIRE(
        compile_run_extension(test::yaml_of("{reconnect: immediate}"), "config.wsblast", flow.into).ok());
    CHECK(flow.into.scenario.reconnect->kind == plan::Reconnect::immediate);
    REQUIRE(compile_run_extension(test::yaml_of("{reconnect: {}}"), "config.wsblast", flow.into).ok());
    CHECK(flow.into.scenario.reconnect->kind == plan::Reconnect::jittered);
    CHECK(flow.into.scenario.reconnect->first_ns == 100 * kMillisecond);
}

TEST_CASE("wsblast: faults of steps", "[script][extensions]") {
    CHECK(contains(step_fault("5"), "a.yml:1: wsblast: must be a map of one key"));
    CHECK(contains(step_fault("{hold: 1, close: 1000}"), "of one key"));
    CHECK(contains(step_fault("{hol: 1}"),
                   "wsblast.hol: is no step; hold, close or rate are; did you mean hold?"));
    CHECK(contains(step_fault("{hold: soon}"), "wsblast.hold: must be a number of seconds"));
    CHECK(contains(step_fault("{close: 1005}"), "must be a close code"));
    CHECK(contains(step_fault("{close: 1000.5}"), "must be a close code"));
    CHECK(contains(step_fault("{close: [1000]}"), "must be a close code"));
    CHECK(contains(step_fault("{close: {reason: " + std::string(124, 'x') + "}}"), "at most 123 bytes"));
    CHECK(contains(step_fault("{rate: 5}"), "wsblast.rate: must be a map"));
    CHECK(contains(step_fault("{rate: {per_second: 5, send: a}}"), "duration is missing"));
    CHECK(contains(step_fault("{rate: {per_second: 0, duration: 1, send: a}}"), "must be above 0"));
    CHECK(contains(step_fault("{rate: {per_second: 2000000, duration: 1, send: a}}"), "at most 1,000,000"));
    CHECK(contains(step_fault("{rate: {per_second: 1, duration: 0, send: a}}"),
                   "rate.duration: must be above 0"));
    CHECK(contains(step_fault("{rate: {per_second: 1, duration: 1, send: a, arrivals: x}}"),
                   "uniform or poisson"));
    CHECK(contains(
        step_fault("{rate: {per_second: 1, duration: 1, send: {payload: a, capture: {json: $, as: b}}}}"),
        "rate.expect says"));
}

TEST_CASE("wsblast: faults of handlers and of the run", "[script][extensions]") {
    CHECK(contains(on_fault("{on: 5}"), "wsblast.on: must be a list"));
    CHECK(contains(on_fault("{on: [5]}"), "wsblast.on[0]: must be a map"));
    CHECK(contains(on_fault("{on: [{match: {json: $.a, value: 1}}]}"),
                   "count, reply, capture or close is missing"));
    CHECK(contains(on_fault("{on: [{count: a, close: 1000}]}"), "one of them is allowed"));
    CHECK(contains(on_fault("{on: [{count: [a]}]}"), "wsblast.on[0].count: must be a text"));
    CHECK(contains(on_fault("{on: [{reply: {capture: {json: $.a, as: b}}}]}"), "a handler awaits nothing"));
    CHECK(contains(run_fault("{queue: 5}"), "config.wsblast.queue"));
    CHECK(contains(run_fault("{reconnect: never}"), "must be immediate, or a map"));
    CHECK(contains(run_fault("{reconnect: {backoff: linear}}"), "exponential or jittered"));
    CHECK(contains(run_fault("{reconnect: {first: 20s, max: 5s}}"), "max is shorter than first"));
    CHECK(contains(run_fault("{callTimeout: 0}"), "above 0"));
}

}  // namespace wsblast::script
