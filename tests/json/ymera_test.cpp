#include "json/ymera.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "base/prng.hpp"

using namespace wsblast;
using json::AnswerType;
using json::RequestType;
using json::YmeraAnswer;
using json::YmeraReader;
using json::YmeraRequest;

namespace {

constexpr std::string_view kResponse =
    R"({"type":"agent_response","from":"agent_456","to":"user_123","payload":{"status":"processed",)"
    R"("action":"execute","data":{"test":true}},"timestamp":1234567890})";
constexpr std::string_view kRequest =
    R"({"type":"agent_message","from":"user_123","to":"agent_456",)"
    R"("payload":{"action":"execute","timestamp":1234567890,"data":{"test":true}}})";

YmeraAnswer answer_of(std::string_view text) {
    YmeraReader reader;
    return reader.read_answer(as_bytes(text));
}

YmeraRequest request_of(std::string_view text) {
    YmeraReader reader;
    return reader.read_request(as_bytes(text));
}

// The same JSON in bytes that no known shape has.
std::string spaced(std::string_view text) {
    return " " + std::string(text);
}

bool same(const YmeraRequest& a, const YmeraRequest& b) {
    return a.type == b.type && a.channel == b.channel && a.from == b.from && a.to == b.to &&
           a.action == b.action && a.timestamp == b.timestamp && a.data == b.data;
}

std::string nested(std::size_t depth) {
    return R"({"type":"ping","deep":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

}  // namespace

TEST_CASE("ymera: every answer of the protocol is known by its type", "[json][ymera]") {
    CHECK(answer_of(R"({"type":"pong"})").type == AnswerType::pong);
    CHECK(answer_of(R"({"type":"subscribed","channel":"agents"})").type == AnswerType::subscribed);
    CHECK(answer_of(R"({"type":"unsubscribed","channel":"agents"})").type == AnswerType::unsubscribed);
    CHECK(answer_of(R"({"type":"disconnect_ack"})").type == AnswerType::disconnect_ack);
    CHECK(answer_of(R"({"type":"error","message":"bad"})").type == AnswerType::error);
    CHECK(answer_of(R"({"type":"message","data":{"type":"pong"}})").type == AnswerType::message);
    CHECK(answer_of(R"({"type":"news"})").type == AnswerType::other);
    const YmeraAnswer response = answer_of(kResponse);
    CHECK(response.type == AnswerType::agent_response);
    CHECK(response.timestamp == 1234567890u);
}

TEST_CASE("ymera: a known shape and its parsed spelling are the same message", "[json][ymera]") {
    for (std::string_view text :
         {std::string_view(R"({"type":"pong"})"),
          std::string_view(R"({"type":"subscribed","channel":"a"})"), kResponse,
          std::string_view(
              R"({"type":"agent_response","from":"a","to":"b","payload":{"status":"processed",)"
              R"("action":"status","data":{"test":true}}})")}) {
        INFO(text);
        const YmeraAnswer parsed = answer_of(spaced(text));
        CHECK(answer_of(text).type == parsed.type);
        CHECK(answer_of(text).timestamp == parsed.timestamp);
    }
    for (std::string_view text :
         {std::string_view(R"({"type":"ping"})"),
          std::string_view(R"({"type":"subscribe","channel":"agents"})"), kRequest}) {
        INFO(text);
        CHECK(request_of(text).type != RequestType::invalid);
        const std::string other = spaced(text);
        CHECK(same(request_of(text), request_of(other)));
    }
}

TEST_CASE("ymera: a changed byte is read as the parser reads it, never by the shape", "[json][ymera]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Prng random(seed);
    YmeraReader reader;
    for (int round = 0; round < 20'000; ++round) {
        std::string answer(kResponse);
        std::string request(kRequest);
        answer[random.next_below(answer.size())] = static_cast<char>(random.next());
        request[random.next_below(request.size())] = static_cast<char>(random.next());
        INFO(answer << '\n' << request);
        const std::string answer_parsed = spaced(answer);
        const std::string request_parsed = spaced(request);
        const YmeraAnswer first = reader.read_answer(as_bytes(answer));
        const YmeraAnswer second = reader.read_answer(as_bytes(answer_parsed));
        REQUIRE(first.type == second.type);
        REQUIRE(first.timestamp == second.timestamp);
        REQUIRE(
            same(reader.read_request(as_bytes(request)), reader.read_request(as_bytes(request_parsed))));
    }
}

TEST_CASE("ymera: an answer as Python's json.dumps and in any order of keys", "[json][ymera]") {
    CHECK(answer_of(R"({"type": "pong"})").type == AnswerType::pong);
    const YmeraAnswer python =
        answer_of(R"({"type": "agent_response", "from": "agent_1", "to": "user_1", "payload": {"status": )"
                  R"("processed", "action": "execute", "data": {"test": true}}, "timestamp": 17})");
    CHECK(python.type == AnswerType::agent_response);
    CHECK(python.timestamp == 17u);
    const YmeraAnswer shuffled =
        answer_of("{\n\t\"timestamp\" : 18 ,\r\n \"x\": [1, {}], \"type\":\"agent_response\"}\n");
    CHECK(shuffled.type == AnswerType::agent_response);
    CHECK(shuffled.timestamp == 18u);
    CHECK(answer_of(R"({"t\u0079pe":"po\u006eg"})").type == AnswerType::pong);
}

TEST_CASE("ymera: a timestamp is a whole number, or belongs to no message of ours", "[json][ymera]") {
    const auto stamp = [](const std::string& value) {
        return answer_of(R"({"type":"agent_response","timestamp":)" + value + "}").timestamp;
    };
    CHECK(stamp("0") == 0u);
    CHECK(stamp("7") == 7u);
    CHECK(stamp("7.0") == 7u);
    CHECK(stamp("1e3") == 1000u);
    CHECK(stamp("9007199254740991") == json::kForeignTimestamp - 1);
    CHECK(stamp("null") == std::nullopt);
    CHECK(answer_of(R"({"type":"agent_response"})").timestamp == std::nullopt);
    for (const char* value : {"-1", "7.5", "1e300", "9007199254740992", "18446744073709551615", "\"7\"",
                              "true", "[7]", "-0.5", "9007199254740993.0"}) {
        INFO(value);
        CHECK(stamp(value) == json::kForeignTimestamp);
    }
}

TEST_CASE("ymera: the first of two equal keys counts", "[json][ymera]") {
    CHECK(answer_of(R"({"type":"pong","type":"error"})").type == AnswerType::pong);
    CHECK(answer_of(R"({"type":"agent_response","timestamp":1,"timestamp":2})").timestamp == 1u);
    const YmeraRequest request =
        request_of(R"({"type":"agent_message","from":1,"from":2,"payload":{"action":"a","action":"b"},)"
                   R"("payload":{"data":3}})");
    CHECK(request.from == "1");
    CHECK(request.action == "\"a\"");
    CHECK(request.data.empty());
}

TEST_CASE("ymera: what is no JSON object with a type is other, and invalid as a request", "[json][ymera]") {
    const std::string broken_utf8 = "{\"type\":\"ping\",\"x\":\"\xff\"}";
    const std::string huge = R"({"type":"ping","x":)" + std::string(40, '9') + "}";
    const std::string oversized = "{\"type\":\"ping\"" + std::string(limits::kAssembledBytesMax, ' ') + "}";
    for (std::string_view text :
         {std::string_view(""), std::string_view(" "), std::string_view("pong"), std::string_view("{"),
          std::string_view("[]"), std::string_view("\"ping\""), std::string_view("null"),
          std::string_view("{}"), std::string_view(R"({"type":"ping"}})"),
          std::string_view(R"({"type":"ping",})"), std::string_view(R"({'type':'ping'})"),
          std::string_view(R"({"type":5})"), std::string_view(R"({"type":null})"),
          std::string_view(R"({"typ":"ping"})"), std::string_view(R"({"type":"ping"} {"type":"ping"})"),
          std::string_view(broken_utf8), std::string_view(huge), std::string_view(oversized)}) {
        INFO(text.substr(0, 80));
        CHECK(request_of(text).type == RequestType::invalid);
        CHECK(answer_of(text).type == AnswerType::other);
        CHECK(answer_of(text).timestamp == std::nullopt);
    }
}

TEST_CASE("ymera: a request gives its values as raw JSON text", "[json][ymera]") {
    const YmeraRequest request = request_of(kRequest);
    CHECK(request.type == RequestType::agent_message);
    CHECK(request.from == "\"user_123\"");
    CHECK(request.to == "\"agent_456\"");
    CHECK(request.action == "\"execute\"");
    CHECK(request.timestamp == "1234567890");
    CHECK(request.data == R"({"test":true})");
    CHECK(request_of(R"({"type":"subscribe","channel":"metrics"})").channel == "\"metrics\"");
    CHECK(request_of(R"({"type": "unsubscribe", "channel": "agents"})").type == RequestType::unsubscribe);
    CHECK(request_of(R"({"type": "unsubscribe", "channel": "agents"})").channel == "\"agents\"");
    CHECK(request_of(R"({"type":"disconnect"})").type == RequestType::disconnect);
    CHECK(request_of(R"({"type":"greet","from":"me"})").type == RequestType::unknown);
}

TEST_CASE("ymera: raw values keep their escapes, their spaces and what is nested in them",
          "[json][ymera]") {
    const std::string text =
        "{ \"payload\" : { \"data\" : { \"a\" : [ 1, \"]}\\\\\\\"\", { } ], \"\xc3\xa4\":null } , "
        "\"timestamp\" :\t-1.5e3 ,\n"
        "\"action\": [ ] } , \"to\" : {\"id\":5}, \"fr\\u006fm\":\"a\\\"b\\u00e4\" , "
        "\"channel\":true,\"type\":\"agent_message\" }";
    const YmeraRequest request = request_of(text);
    CHECK(request.type == RequestType::agent_message);
    CHECK(request.data == "{ \"a\" : [ 1, \"]}\\\\\\\"\", { } ], \"\xc3\xa4\":null }");
    CHECK(request.timestamp == "-1.5e3");
    CHECK(request.action == "[ ]");
    CHECK(request.to == R"({"id":5})");
    CHECK(request.from == R"("a\"b\u00e4")");
    CHECK(request.channel == "true");
}

TEST_CASE("ymera: a payload that is no object has nothing in it", "[json][ymera]") {
    const YmeraRequest request =
        request_of(R"({"type":"agent_message","payload":[{"action":"x"}],"to":"b"})");
    CHECK(request.type == RequestType::agent_message);
    CHECK(request.action.empty());
    CHECK(request.from.empty());
    CHECK(request.to == "\"b\"");
}

TEST_CASE("ymera: nesting is bounded, size grows when it must", "[json][ymera]") {
    CHECK(request_of(nested(1'000)).type == RequestType::ping);
    CHECK(request_of(nested(2'000)).type == RequestType::invalid);
    YmeraReader reader;
    for (std::size_t size :
         {std::size_t{10}, 100 * kKiB, std::size_t{10}, limits::kAssembledBytesMax - 100}) {
        const std::string text =
            R"({"x":")" + std::string(size, 'x') + R"(","type": "pong","timestamp":3})";
        const YmeraAnswer answer = reader.read_answer(as_bytes(text));
        CHECK(answer.type == AnswerType::pong);
        CHECK(answer.timestamp == 3u);
    }
    YmeraReader moved(std::move(reader));
    CHECK(moved.read_answer(as_bytes(spaced(kResponse))).timestamp == 1234567890u);
}
