#include "plan/message_text.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "tests/plan/plan_fixture.hpp"

using namespace wsblast;
using namespace wsblast::plan;

namespace {

std::string fault(std::string_view text) {
    const auto result = MessageText::parse(text, kTextSeed);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().fault == Fault::usage);
    return result.error().what;
}

bool is_alphanumeric(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0;
}

// "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx", y one of 8, 9, a and b (RFC 9562 5.4). <regex> takes g++ a
// minute.
bool is_random_uuid(std::string_view text) {
    constexpr std::string_view kForm = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
    if (text.size() != kForm.size()) return false;
    for (std::size_t i = 0; i < kForm.size(); ++i) {
        const std::string_view allowed = kForm[i] == 'x'   ? "0123456789abcdef"
                                         : kForm[i] == 'y' ? "89ab"
                                                           : kForm.substr(i, 1);
        if (allowed.find(text[i]) == std::string_view::npos) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("message text: what has no holes stays as it is", "[plan][message_text]") {
    for (const char* text : {"", "plain", R"({"a":{"b":{}}})", "{{name}} {{ }} {$seq} {{", "}}"}) {
        CHECK(parsed(text).constant());
        CHECK(parsed(text).to_string({3, 4, 5}) == text);
    }
}

TEST_CASE("message text: numbers stand where their holes are", "[plan][message_text]") {
    const MessageText text = parsed(R"({"c":{{$connection}},"s":{{ $seq }},"t":{{$timestamp}}})");
    CHECK(text.to_string({12, 345, 1'764'000'000'123}) == R"({"c":12,"s":345,"t":1764000000123})");
    CHECK(text.to_string({0, 1, 1'764'000'000'123}) == R"({"c":0,"s":1,"t":1764000000123})");
    CHECK(text.has(HoleKind::seq));
    CHECK_FALSE(text.has(HoleKind::uuid));
}

TEST_CASE("message text: the size is that of what is written, for every message", "[plan][message_text]") {
    const MessageText text = parsed(
        "{{$seq}}{{$connection}}-{{$randomNumber(0,100000)}}-{{$randomString(5)}}-{{$uuid}}{{$timestamp}}");
    Prng random(1);
    for (int i = 0; i < 2000; ++i) {
        const MessageId id{static_cast<std::uint32_t>(random.next_below(100'000)),
                           random.next() >> random.next_below(64),
                           1'764'000'000'000 + random.next_below(1000)};
        std::string out(text.size_max() + 8, '#');
        auto* begin = reinterpret_cast<std::uint8_t*>(out.data());
        const auto written = static_cast<std::size_t>(text.write(begin, id) - begin);
        REQUIRE(written == text.size(id));
        REQUIRE(written <= text.size_max());
        REQUIRE(out.substr(written) == std::string(out.size() - written, '#'));
    }
}

TEST_CASE("message text: random values keep their bounds and depend on the message",
          "[plan][message_text]") {
    const MessageText text = parsed("{{$randomNumber(10,12)}}");
    std::set<std::string> seen;
    for (std::uint64_t number = 1; number <= 200; ++number) seen.insert(text.to_string({0, number, 0}));
    CHECK(seen == std::set<std::string>{"10", "11", "12"});
    const MessageText words = parsed("{{$randomString(24)}}");
    const std::string word = words.to_string({0, 1, 0});
    CHECK(word.size() == 24);
    CHECK(std::all_of(word.begin(), word.end(), is_alphanumeric));
    CHECK(words.to_string({0, 1, 0}) == words.to_string({0, 1, 99}));
    CHECK(words.to_string({0, 1, 0}) != words.to_string({0, 2, 0}));
    CHECK(words.to_string({0, 1, 0}) != words.to_string({1, 1, 0}));
    const MessageText two = parsed("{{$randomString(9)}} {{$randomString(9)}}");
    const std::string pair = two.to_string({0, 1, 0});
    CHECK(pair.substr(0, 9) != pair.substr(10));
}

TEST_CASE("message text: a UUID is one of version 4, and no two are the same", "[plan][message_text]") {
    const MessageText text = parsed("{{$uuid}}");
    std::set<std::string> seen;
    for (std::uint32_t connection = 0; connection < 20; ++connection) {
        for (std::uint64_t number = 1; number <= 100; ++number) {
            const std::string uuid = text.to_string({connection, number, 0});
            REQUIRE(is_random_uuid(uuid));
            seen.insert(uuid);
        }
    }
    CHECK(seen.size() == 2000);
}

TEST_CASE("message text: an unknown hole is named with its place and what is allowed",
          "[plan][message_text]") {
    const std::string unknown = fault(R"({"id":{{$id}}})");
    CHECK_THAT(unknown, Catch::Contains("{{$id}}") && Catch::Contains("byte 6") && Catch::Contains("$seq"));
    CHECK_THAT(fault("{{$seq"), Catch::Contains("}}"));
    CHECK_THAT(fault("{{$seq(1)}}"), Catch::Contains("0 whole numbers"));
    CHECK_THAT(fault("{{$randomNumber(1)}}"), Catch::Contains("2 whole numbers"));
    CHECK_THAT(fault("{{$randomNumber(1,x)}}"), Catch::Contains("2 whole numbers"));
    CHECK_THAT(fault("{{$randomNumber(5,1)}}"), Catch::Contains("no range"));
    CHECK_THAT(fault("{{$randomString(0)}}"), Catch::Contains("1 to 4096"));
    CHECK_THAT(fault("{{$randomString(9999)}}"), Catch::Contains("1 to 4096"));
    CHECK_THAT(fault("{{$randomString(9}}"), Catch::Contains(")"));
}

TEST_CASE("message text: no text brings the parser down", "[plan][message_text]") {
    constexpr std::string_view kParts[] = {"{{", "}}", "$seq", "$uuid", "$randomNumber(",
                                           "1",  ",",  ")",    " ",     "x"};
    Prng random(42);
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (std::uint64_t parts = random.next_below(12); parts > 0; --parts)
            text += kParts[random.next_below(std::size(kParts))];
        const auto result = MessageText::parse(text, kTextSeed);
        if (result.ok() && result->constant()) REQUIRE(result->to_string({}) == text);
    }
}
