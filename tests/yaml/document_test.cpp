#include "yaml/document.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"

using namespace wsblast;

namespace {

Result<Node> read(std::string_view text) {
    return yaml::read(text, std::make_shared<const std::string>("s.yml"));
}

std::string refusal(std::string_view text) {
    const auto tree = read(text);
    if (tree) return "accepted: " + to_json(*tree);
    CHECK(tree.error().fault == Fault::usage);
    return tree.error().what;
}

}  // namespace

TEST_CASE("yaml: maps, lists and scalars, each with its line", "[yaml]") {
    const auto tree =
        read("config:\n  target: ws://a\n  phases:\n    - duration: 5\n      name: 'x'\nlast: ~\n");
    REQUIRE(tree);
    CHECK(to_json(*tree) ==
          R"({"config":{"target":"ws://a","phases":[{"duration":5,"name":"x"}]},"last":null})");
    const Node& phases = *tree->find("config")->find("phases");
    CHECK(tree->find("config")->find_member("phases")->place.text() == "s.yml:3");
    CHECK(phases.items[0].find("name")->place.text() == "s.yml:5");
    CHECK(tree->find("last")->place.line == 6);
}

TEST_CASE("yaml: quotes and !!str make texts", "[yaml]") {
    CHECK(to_json(*read("- 5\n- '5'\n- \"5\"\n- !!str 5\n- |\n  5\n")) == R"([5,"5","5","5","5\n"])");
    CHECK(refusal("a: !custom 5").find("s.yml:1: the tag") == 0);
}

TEST_CASE("yaml: an alias is a copy of its anchor", "[yaml]") {
    CHECK(to_json(*read("a: &x {n: 1}\nb: *x\n")) == R"({"a":{"n":1},"b":{"n":1}})");
    CHECK(read("a: &x {n: 1}\nb: *x\n")->find("b")->find("n")->place.line == 1);
}

TEST_CASE("yaml: << merges maps in; the map's own keys win, then the first map's", "[yaml]") {
    CHECK(to_json(*read("a: &a {n: 1, m: 1}\nb: &b {m: 2, k: 2}\nc: {<<: [*a, *b], n: 9}")) ==
          R"({"a":{"n":1,"m":1},"b":{"m":2,"k":2},"c":{"n":9,"m":1,"k":2}})");
    CHECK(refusal("a: {<<: 5}") == "s.yml:1: <<: must be a map, or a list of maps");
    CHECK(refusal("a: {<<: [5]}") == "s.yml:1: <<: must be a map, or a list of maps");
}

TEST_CASE("yaml: an empty text is nothing", "[yaml]") {
    CHECK(read("")->is_null());
    CHECK(read("# a comment\n")->is_null());
}

TEST_CASE("yaml: faults are told with their line", "[yaml]") {
    CHECK(refusal("a: 1\nb: [1, 2\n").find("s.yml:3: this is not YAML: ") == 0);
    CHECK(refusal("a: 1\na: 2\n") == "s.yml:2: a: this key stands here twice");
    CHECK(refusal("? [1]\n: 2\n") == "s.yml:1: a key must be a text, and is a list");
    CHECK(refusal("a: 1\n---\nb: 2\n") == "s.yml: there are several documents (---), and only one may be");
    CHECK(refusal("a: *x\n").find("s.yml:1: this is not YAML: ") == 0);
    CHECK(refusal("\ta: 1\n").find("this is not YAML") != std::string::npos);
    CHECK(refusal("a: &x [*x]\n") == "s.yml:1: an alias within its own anchor has no end");
}

TEST_CASE("yaml: aliases that blow up are refused, by values, bytes and depth", "[yaml]") {
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; ++i) {
        const std::string name = "*a" + std::to_string(i - 1);
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + name;
        for (int k = 0; k < 9; ++k) laughs += ", " + name;
        laughs += "]\n";
    }
    CHECK(refusal(laughs).find("more than 250000 values, aliases expanded") != std::string::npos);

    std::string long_text = "a: &a " + std::string(1 * kMiB, 'x') + "\nb: [*a";
    for (int i = 0; i < 20; ++i) long_text += ", *a";
    CHECK(refusal(long_text + "]\n") == "s.yml:2: more than 16 MiB of text, aliases expanded");

    const std::string deep(40, '[');
    const std::string end(40, ']');
    CHECK(refusal("a: &a " + deep + end + "\nb: " + deep + "*a" + end + "\n") ==
          "s.yml:2: lists and maps stand more than 64 deep");
    CHECK(refusal(std::string(65, '[') + std::string(65, ']')) ==
          "s.yml:1: lists and maps stand more than 64 deep");
    CHECK(read(std::string(64, '[') + std::string(64, ']')));
}
