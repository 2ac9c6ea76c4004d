#include "script/messages.hpp"

#include <catch2/catch.hpp>

#include "tests/script/flow_fixture.hpp"

namespace wsblast::script {

namespace {

using test::contains;
using test::Flow;

// The text of the payload that `send: YAML` sends.
std::string sent(std::string_view yaml) {
    Flow flow;
    const auto exchange = compile_send(test::yaml_of(yaml), nullptr, "send", flow.into);
    if (!exchange) FAIL(exchange.error().what);
    REQUIRE(exchange->send.has_value());
    return test::Rendered(flow.into, {})(flow.into.scenario.sends[*exchange->send].text);
}

std::string send_fault(std::string_view yaml) {
    Flow flow;
    const auto exchange = compile_send(test::yaml_of(yaml), nullptr, "send", flow.into);
    INFO(yaml);
    REQUIRE_FALSE(exchange.ok());
    return exchange.error().what;
}

std::string wait_fault(std::string_view yaml) {
    Flow flow;
    const auto exchange = compile_wait(test::yaml_of(yaml), nullptr, "wait", flow.into);
    INFO(yaml);
    REQUIRE_FALSE(exchange.ok());
    return exchange.error().what;
}

}  // namespace

TEST_CASE("send: texts as they are, objects as their JSON", "[script][messages]") {
    CHECK(sent("hello") == "hello");
    CHECK(sent("''") == "");
    CHECK(sent("5") == "5");
    CHECK(sent("true") == "true");
    CHECK(sent("{type: ping}") == R"({"type":"ping"})");
    CHECK(sent("[1, {a: b}]") == R"([1,{"a":"b"}])");
    CHECK(sent("{payload: hello}") == "hello");
    CHECK(sent("{payload: {a: 1}, match: {json: $.a, value: 1}}") == R"({"a":1})");
    CHECK(sent("{payload: 1, other: 2}") == R"({"payload":1,"other":2})");
    CHECK(sent("{}") == "{}");
}

TEST_CASE("send: an undefined variable alone is an empty message", "[script][messages]") {
    CHECK(sent("'{{ nothing }}'") == "");
    CHECK(sent("'a {{ nothing }}'") == "a undefined");
}

TEST_CASE("send: capture and match await the next message", "[script][messages]") {
    Flow flow;
    flow.into.answer_timeout_ns = 3 * kSecond;
    const auto exchange = compile_send(
        test::yaml_of("{payload: hi, capture: {json: $.id, as: id}, match: {json: $.ok, value: true}}"),
        nullptr, "send", flow.into);
    REQUIRE(exchange.ok());
    REQUIRE(exchange->await.has_value());
    const plan::AwaitPlan& await = flow.into.scenario.awaits[*exchange->await];
    CHECK(await.captures.size() == 1);
    CHECK(await.matches.size() == 1);
    CHECK(await.expect.empty());
    CHECK(await.timeout_ns == 3 * kSecond);
    CHECK(await.label == 0);
}

TEST_CASE("send: a payload may be left out, and wait never has one", "[script][messages]") {
    Flow flow;
    const auto silent =
        compile_send(test::yaml_of("{capture: {json: $.id, as: id}}"), nullptr, "send", flow.into);
    REQUIRE(silent.ok());
    CHECK_FALSE(silent->send.has_value());
    CHECK(silent->await.has_value());
    const auto wait =
        compile_wait(test::yaml_of("{match: {regexp: a, value: a}}"), nullptr, "wait", flow.into);
    REQUIRE(wait.ok());
    CHECK_FALSE(wait->send.has_value());
    CHECK(wait->await.has_value());
}

TEST_CASE("send: wsblast says what is expected, for how long, and its label", "[script][messages]") {
    Flow flow;
    const auto inside = compile_send(
        test::yaml_of(
            "{payload: hi, wsblast: {expect: {json: $.type, value: pong}, timeout: 500ms, label: ping}}"),
        nullptr, "send", flow.into);
    REQUIRE(inside.ok());
    const plan::AwaitPlan& await = flow.into.scenario.awaits[*inside->await];
    CHECK(await.expect.size() == 1);
    CHECK(await.timeout_ns == 500 * kMillisecond);
    CHECK(flow.into.scenario.labels[await.label] == "ping");
    CHECK(flow.into.scenario.sends[*inside->send].label == await.label);

    const Node beside = test::yaml_of("{expect: {json: $.type, value: pong}}");
    const auto outside = compile_send(test::yaml_of("{type: ping}"), &beside, "send", flow.into);
    REQUIRE(outside.ok());
    CHECK(outside->await.has_value());
    const auto of_object =
        compile_send(test::yaml_of("{type: ping, wsblast: {expect: {json: $.type, value: pong}}}"), nullptr,
                     "send", flow.into);
    REQUIRE(of_object.ok());
    CHECK(of_object->await.has_value());
    CHECK(flow.into.scenario.sends[*of_object->send].text.text() == R"({"type":"ping"})");
}

TEST_CASE("send: binary payloads", "[script][messages]") {
    Flow flow;
    const auto exchange =
        compile_send(test::yaml_of("{wsblast: {base64: AP8=}}"), nullptr, "send", flow.into);
    REQUIRE(exchange.ok());
    const plan::SendPlan& send = flow.into.scenario.sends[*exchange->send];
    CHECK(send.opcode == proto::Opcode::binary);
    CHECK(send.text.text() == std::string("\0\xff", 2));
}

TEST_CASE("send and wait: faults", "[script][messages]") {
    CHECK(contains(send_fault("~"), "a.yml:1: send: must be a text or an object"));
    CHECK(contains(send_fault("'{{ a'"), "send: the hole"));
    CHECK(contains(send_fault("{a: {b: '{{ a'}}"), "send.a.b: the hole"));
    CHECK(contains(send_fault("{payload: ~, match: {json: $.a, value: 1}}"), "send.payload: must be"));
    CHECK(contains(send_fault("{wsblast: {label: x}}"), "sends nothing and awaits nothing"));
    CHECK(contains(send_fault("{payload: a, wsblast: 5}"), "send.wsblast: must be a map"));
    CHECK(contains(send_fault("{payload: a, wsblast: {hex: '00'}}"), "one message has one payload"));
    CHECK(contains(send_fault("{payload: a, wsblast: {expect: {json: $.a, value: 1}, timeout: 0}}"),
                   "above 0"));
    CHECK(contains(send_fault("{payload: a, wsblast: {expect: {json: $.a, value: 1}, timeout: soon}}"),
                   "send.wsblast.timeout"));
    CHECK(
        contains(send_fault("{payload: a, wsblast: {label: [1]}}"), "send.wsblast.label: must be a text"));
    CHECK(contains(send_fault('"' + std::string(49'153, 'x') + '"'), "larger than a message may be"));
    CHECK(contains(wait_fault("5"), "a.yml:1: wait: must be a map"));
    CHECK(contains(wait_fault("{}"), "awaits nothing"));
    CHECK(contains(wait_fault("{wsblast: {label: x}}"), "awaits nothing"));
}

}  // namespace wsblast::script
