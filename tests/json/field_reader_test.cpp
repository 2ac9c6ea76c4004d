#include "json/field_reader.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "base/limits.hpp"

using namespace wsblast;
using json::FieldReader;

TEST_CASE("field reader: plain values are told as text", "[json][field_reader]") {
    FieldReader reader;
    const auto read = [&](std::string_view json) { return reader.read(as_bytes(json), "/v"); };
    CHECK(read(R"({"v":"text"})") == "text");
    CHECK(read(R"({"v":"a\"b\u00e9"})") == "a\"b\xc3\xa9");
    CHECK(read(R"({"v":""})") == "");
    CHECK(read(R"({ "v" : 42 })") == "42");
    CHECK(read(R"({"v":-7})") == "-7");
    CHECK(read(R"({"v":18446744073709551615})") == "18446744073709551615");
    CHECK(read(R"({"v":1.5})") == "1.5");
    CHECK(read(R"({"v":true})") == "true");
    CHECK(read(R"({"v":null})") == "null");
}

TEST_CASE("field reader: pointers go into objects and arrays", "[json][field_reader]") {
    FieldReader reader;
    const std::string_view json = R"({"a":{"b/c":[{"d":1},{"d":2}]}})";
    CHECK(reader.read(as_bytes(json), "/a/b~1c/1/d") == "2");
    CHECK_FALSE(reader.read(as_bytes(json), "/a/b~1c/2/d"));
    CHECK_FALSE(reader.read(as_bytes(json), "/a"));
    CHECK(reader.read(as_bytes("[5]"), "/0") == "5");
}

TEST_CASE("field reader: what is no JSON, or too large, has no values", "[json][field_reader]") {
    FieldReader reader;
    for (const char* text : {"", "text", "{", R"({"v":1)", "\xff"}) {
        CHECK_FALSE(reader.read(as_bytes(text), "/v"));
    }
    const std::string huge = R"({"v":")" + std::string(limits::kAssembledBytesMax, 'x') + "\"}";
    CHECK_FALSE(reader.read(as_bytes(huge), "/v"));
    const std::string large = R"({"v":")" + std::string(200'000, 'x') + "\"}";
    CHECK(reader.read(as_bytes(large), "/v")->size() == 200'000);
}
