#include "script/merge.hpp"

#include <catch2/catch.hpp>

#include "json/tree.hpp"

using namespace wsblast;

namespace {

std::string merged(const char* into, const char* from, script::Lists lists = script::Lists::merged) {
    const auto file = std::make_shared<const std::string>("f");
    Node base = json::read_tree(into, file).value();
    script::merge(base, json::read_tree(from, file).value(), lists);
    return to_json(base);
}

}  // namespace

TEST_CASE("merge: maps key by key, scalars are replaced", "[script][merge]") {
    CHECK(merged(R"({"a":{"x":1,"y":2},"b":3})", R"({"a":{"y":5,"z":6},"c":7})") ==
          R"({"a":{"x":1,"y":5,"z":6},"b":3,"c":7})");
    CHECK(merged(R"({"a":1})", R"({"a":null})") == R"({"a":null})");
    CHECK(merged(R"({"a":{"x":1}})", R"({"a":5})") == R"({"a":5})");
    CHECK(merged(R"({"a":[1]})", R"({"a":{"x":1}})") == R"({"a":{"x":1}})");
}

TEST_CASE("merge: lists item by item, as lodash does; --overrides replaces them", "[script][merge]") {
    CHECK(merged(R"({"a":[{"x":1},{"y":2},3]})", R"({"a":[{"z":9},5]})") == R"({"a":[{"x":1,"z":9},5,3]})");
    CHECK(merged(R"({"a":[1]})", R"({"a":[2,3]})") == R"({"a":[2,3]})");
    CHECK(merged(R"({"b":{"a":[1,2,3]}})", R"({"b":{"a":[9]}})", script::Lists::replaced) ==
          R"({"b":{"a":[9]}})");
}
