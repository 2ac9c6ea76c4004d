#include "plan/answer_key.hpp"

#include <catch2/catch.hpp>

#include "tests/plan/plan_fixture.hpp"

using namespace wsblast;
using namespace wsblast::plan;
using ReadKind = AnswerKey::ReadKind;

namespace {

AnswerKey by_seq(std::string_view text) {
    auto key = AnswerKey::sequence(parsed(text));
    REQUIRE(key.ok());
    return std::move(*key);
}

AnswerKey by_field(std::string_view text, const FieldPointers& pointers) {
    auto key = AnswerKey::field(parsed(text), pointers);
    REQUIRE(key.ok());
    return std::move(*key);
}

std::string field_fault(std::string_view text, const std::string& pointer) {
    const auto key = AnswerKey::field(parsed(text), {pointer, pointer});
    REQUIRE_FALSE(key.ok());
    return key.error().what;
}

// The number that an answer is read to carry, 0 for none.
std::uint64_t number_in(const AnswerKey& key, std::string_view answer) {
    json::FieldReader reader;
    const auto read = key.read(as_bytes(answer), reader);
    CHECK(read.kind != ReadKind::value);
    return read.kind == ReadKind::number ? read.number : 0;
}

}  // namespace

TEST_CASE("answer key: the number is found in what comes back, whoever wrote it", "[plan][answer_key]") {
    const AnswerKey key = by_seq(R"({"type":"order","id":{{$seq}},"n":1})");
    CHECK(number_in(key, R"({"type":"order","id":42,"n":1})") == 42);
    CHECK(number_in(key, R"({"id": 42, "type": "order"})") == 42);
    CHECK(number_in(key, R"({"data":{"id":"42"}})") == 42);
    CHECK(number_in(key, R"({"type":"push"})") == 0);
    CHECK(number_in(key, R"({"id":null})") == 0);
    CHECK(number_in(key, "") == 0);
}

TEST_CASE("answer key: a number in a string, behind a word, or first in the text", "[plan][answer_key]") {
    CHECK(number_in(by_seq(R"({"id":"{{$seq}}"})"), R"({"id": "7"})") == 7);
    CHECK(number_in(by_seq("message {{$seq}} of many"), "echo: message 12 of many") == 12);
    CHECK(number_in(by_seq("{{$seq}};x"), "9;x") == 9);
    CHECK(number_in(by_seq("{{$seq}};x"), "x;9") == 0);
}

TEST_CASE("answer key: words that stand in the message before are passed over", "[plan][answer_key]") {
    const AnswerKey key = by_seq(R"({"a":{"id":5},"b":{"id":{{$seq}}}})");
    CHECK(number_in(key, R"({"a":{"id":5},"b":{"id":77}})") == 77);
}

TEST_CASE("answer key: without a number, or a word before it, the remedy is told", "[plan][answer_key]") {
    const auto none = AnswerKey::sequence(parsed(R"({"id":1})"));
    REQUIRE_FALSE(none.ok());
    CHECK_THAT(none.error().what, Catch::Contains("{{$seq}}"));
    CHECK_FALSE(AnswerKey::sequence(parsed("{{$connection}}{{$seq}}")).ok());
}

TEST_CASE("answer key: a field with a number is read as that number", "[plan][answer_key]") {
    const AnswerKey key = by_field(R"({"payload":{"id":"m-{{$seq}}-x"}})", {"/payload/id", "/id"});
    CHECK(number_in(key, R"({"id":"m-31-x"})") == 31);
    CHECK(number_in(key, R"({"id":"m-31"})") == 0);
    CHECK(number_in(key, R"({"id":"m--x"})") == 0);
    CHECK(number_in(key, R"({"payload":{"id":"m-31-x"}})") == 0);
    CHECK(number_in(by_field(R"({"id":{{$seq}}})", {"/id", "/id"}), R"({"id":8})") == 8);
}

TEST_CASE("answer key: any other value is compared with what the message carried", "[plan][answer_key]") {
    const std::string_view text = R"({"id":"{{$uuid}}","who":{"n":{{$connection}}}})";
    const AnswerKey key = by_field(text, {"/id", "/ref"});
    const std::string sent = parsed(text).to_string({3, 9, 0});
    const std::string uuid = sent.substr(7, 36);
    json::FieldReader reader;
    const std::string answer = R"({"ref":")" + uuid + "\"}";
    const auto read = key.read(as_bytes(answer), reader);
    REQUIRE(read.kind == ReadKind::value);
    CHECK(key.carries({3, 9, 0}, read.value));
    CHECK_FALSE(key.carries({3, 10, 0}, read.value));
    CHECK_FALSE(key.carries({4, 9, 0}, read.value));
    const AnswerKey constant = by_field(R"({"room":"lobby","x":1})", {"/room", "/room"});
    CHECK(constant.carries({1, 1, 0}, "lobby"));
    CHECK_FALSE(constant.carries({1, 1, 0}, "attic"));
}

TEST_CASE("answer key: a field that is not there, or cannot be told again, is refused",
          "[plan][answer_key]") {
    CHECK_THAT(field_fault("no JSON {{$seq}}", "/id"), Catch::Contains("no JSON"));
    CHECK_THAT(field_fault(R"({"id":{{$seq}}})", "/name"), Catch::Contains("/name"));
    CHECK_THAT(field_fault(R"({"id":{"n":{{$seq}}}})", "/id"), Catch::Contains("/id"));
    CHECK_THAT(field_fault(R"({"id":{{$timestamp}}})", "/id"), Catch::Contains("{{$timestamp}}"));
}

TEST_CASE("stamp reader: it tells who sent which message", "[plan][answer_key]") {
    const MessageText text = parsed(R"({"connection":{{$connection}},"seq":{{$seq}},"t":{{$timestamp}}})");
    const auto reader = StampReader::make(text, 4);
    REQUIRE(reader.ok());
    const auto stamp = reader->read(as_bytes(R"({"data":{"seq": 17, "connection": 3}})"));
    REQUIRE(stamp);
    CHECK(stamp->connection == 3);
    CHECK(stamp->number == 17);
    CHECK_FALSE(reader->read(as_bytes(R"({"connection":4,"seq":1})")));  // there are four: 0 to 3
    CHECK_FALSE(reader->read(as_bytes(R"({"connection":1,"seq":0})")));
    CHECK_FALSE(reader->read(as_bytes(R"({"seq":1})")));
    const auto alone = StampReader::make(parsed(R"({"seq":{{$seq}}})"), 1);
    REQUIRE(alone.ok());
    CHECK(alone->read(as_bytes(R"({"seq":5})"))->connection == 0);
    CHECK_FALSE(StampReader::make(parsed(R"({"seq":{{$seq}}})"), 2).ok());
}
