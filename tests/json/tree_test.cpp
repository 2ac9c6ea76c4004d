#include "json/tree.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;

namespace {

Result<Node> read(std::string_view text, json::Lines lines = json::Lines::counted) {
    return json::read_tree(text, std::make_shared<const std::string>("s.json"), lines);
}

std::string refusal(std::string_view text) {
    const auto tree = read(text);
    if (tree) return "accepted: " + to_json(*tree);
    CHECK(tree.error().fault == Fault::usage);
    return tree.error().what;
}

}  // namespace

TEST_CASE("json tree: objects, lists and scalars, each with its line", "[json]") {
    const auto tree =
        read("{\n\"a\": [1, 2.5,\n -1e3],\n\"b\\n\": {\"c\": \"x\\u0041\", \"d\": null,\n\"e\": true}}");
    REQUIRE(tree);
    CHECK(to_json(*tree) == R"({"a":[1,2.5,-1000],"b\n":{"c":"xA","d":null,"e":true}})");
    CHECK(tree->find("a")->place.text() == "s.json:2");
    CHECK(tree->find("a")->items[2].place.line == 3);
    CHECK(tree->find("a")->items[2].text == "-1e3");
    CHECK(tree->find("b\n")->find_member("e")->place.line == 5);
}

TEST_CASE("json tree: whole numbers beyond 2^63, and a byte order mark", "[json]") {
    CHECK(read("\xEF\xBB\xBF[12345678901234567890]")->items[0].as_number() == 12345678901234567890.0);
}

TEST_CASE("json tree: of an option, no lines", "[json]") {
    CHECK(read("{\"a\":\n1}", json::Lines::none)->find("a")->place.text() == "s.json");
}

TEST_CASE("json tree: faults are told with their line", "[json]") {
    for (const char* text :
         {"",           "{",         "{\"a\":1,}", "[1 2]",      "{\"a\" 1}", "[tru]",   "[01]",
          "[nul]",      "{\"a\":1]", "[1]]",       "[\"\x01\"]", "[\"\\x\"]", "{'a':1}", "[1e999]",
          "[\"\xff\"]", "[1]x",      "[-]",        "[1.]",       "{a:1}",     "[NaN]",   "[\"a\nb\"]"}) {
        INFO(text);
        const std::string what = refusal(text);
        CHECK(what.find("s.json:1: ") == 0);
    }
    CHECK(refusal("{\n\"a\": [1,\nx]}").find("s.json:3: this is not JSON") == 0);
    CHECK(refusal("{\"a\": 1,\n\"a\": 2}") == "s.json:2: a: this key stands here twice");
    CHECK(refusal("5") == "s.json:1: must be an object, {...}, or a list, [...]");
    CHECK(refusal(std::string(65, '[') + std::string(65, ']')).find("more than 64 deep") !=
          std::string::npos);
    CHECK(read(std::string(64, '[') + std::string(64, ']')));
}

TEST_CASE("json tree: more values than a person writes are refused", "[json]") {
    std::string text = "[0";
    for (int i = 0; i < 250'000; ++i) text += ",0";
    CHECK(refusal(text + "]").find("more than 250000 values") != std::string::npos);
}
