#include "target/ymera_reply.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "base/limits.hpp"

namespace wsblast::target {

namespace {

std::string reply_to(const std::string& message) {
    json::YmeraReader reader;
    const json::YmeraRequest request = reader.read_request(as_bytes(message));
    std::string reply(reply_size(request, message), '?');
    write_reply(reinterpret_cast<std::uint8_t*>(reply.data()), request, message);
    return reply;
}

TEST_CASE("ymera reply: the keys stand in the order of the table", "[target][ymera_reply]") {
    CHECK(reply_to(R"({"type":"ping"})") == R"({"type":"pong"})");
    CHECK(reply_to(R"({"type":"subscribe","channel":"agents"})") ==
          R"({"type":"subscribed","channel":"agents"})");
    CHECK(reply_to(R"({"type":"unsubscribe","channel":"agents"})") ==
          R"({"type":"unsubscribed","channel":"agents"})");
    CHECK(reply_to(R"({"type":"disconnect"})") == R"({"type":"disconnect_ack"})");
    CHECK(reply_to(R"({"type":"agent_message","from":"user_123","to":"agent_456","payload":)"
                   R"({"action":"execute","timestamp":1234567890,"data":{"test":true}}})") ==
          R"({"type":"agent_response","from":"agent_456","to":"user_123","payload":)"
          R"({"status":"processed","action":"execute","data":{"test":true}},"timestamp":1234567890})");
}

TEST_CASE("ymera reply: values are pasted as they were written", "[target][ymera_reply]") {
    CHECK(reply_to(
              R"({"to":"a\"b", "payload": {"data": [1, {"x": null}], "action":"\u00fc", "timestamp": 1e3},)"
              R"( "type": "agent_message", "from": "ü"})") ==
          R"({"type":"agent_response","from":"a\"b","to":"ü","payload":)"
          R"({"status":"processed","action":"\u00fc","data":[1, {"x": null}]},"timestamp":1e3})");
}

TEST_CASE("ymera reply: what a request lacks is left out", "[target][ymera_reply]") {
    CHECK(reply_to(R"({"type":"subscribe"})") == R"({"type":"subscribed"})");
    CHECK(reply_to(R"({"type":"agent_message"})") ==
          R"({"type":"agent_response","payload":{"status":"processed"}})");
    CHECK(reply_to(R"({"type":"agent_message","to":"x","payload":{"timestamp":0}})") ==
          R"({"type":"agent_response","from":"x","payload":{"status":"processed"},"timestamp":0})");
}

TEST_CASE("ymera reply: an unknown type comes back as it was, what has none is an error",
          "[target][ymera_reply]") {
    const std::string error = R"({"type":"error","message":"not a text message of JSON with a type"})";
    CHECK(reply_to(R"({ "type": "novelty" })") == R"({"type":"message","data":{ "type": "novelty" }})");
    CHECK(reply_to("{}") == error);
    CHECK(reply_to("[1]") == error);
    CHECK(reply_to("") == error);
}

TEST_CASE("ymera reply: the generator recognises each answer", "[target][ymera_reply]") {
    json::YmeraReader reader;
    const auto type_of = [&](const std::string& message) {
        return reader.read_answer(as_bytes(reply_to(message))).type;
    };
    CHECK(type_of(R"({"type":"ping"})") == json::AnswerType::pong);
    CHECK(type_of(R"({"type":"subscribe","channel":"agents"})") == json::AnswerType::subscribed);
    CHECK(type_of(R"({"type":"unsubscribe","channel":"agents"})") == json::AnswerType::unsubscribed);
    CHECK(type_of(R"({"type":"disconnect"})") == json::AnswerType::disconnect_ack);
    CHECK(type_of(R"({"type":"agent_message"})") == json::AnswerType::agent_response);
    CHECK(type_of(R"({"type":"?"})") == json::AnswerType::message);
    CHECK(type_of("?") == json::AnswerType::error);
}

}  // namespace

}  // namespace wsblast::target
