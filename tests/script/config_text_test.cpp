#include "script/config_text.hpp"

#include <catch2/catch.hpp>

#include "tests/script/config_tree.hpp"

using namespace wsblast;
using test::tree_of;

namespace {

struct Filled {
    std::string json;
    std::vector<std::string> warnings;
    std::string error;
};

Filled fill(const std::string& yaml) {
    const script::ConfigValues values{{{"HOST", "h1"}, {"PORT", "80"}},
                                      tree_of("{rate: 5, on: true, user: {ids: [7, 8]}, a.b: dotted}"),
                                      42};
    Node config = tree_of(yaml);
    Filled made;
    const auto filled = script::fill_config(config, values, made.warnings);
    made.json = to_json(config);
    if (!filled) made.error = filled.error().what;
    return made;
}

}  // namespace

TEST_CASE("config text: one hole alone keeps its type, within a text it becomes text", "[script][config]") {
    CHECK(fill("{a: '{{ rate }}', b: 'x{{rate}}y', c: '{{{ on }}}', d: '{{ user.ids[1] }}'}").json ==
          R"({"a":5,"b":"x5y","c":true,"d":8})");
    CHECK(fill("a: ['{{ user }}', 'u={{ user }}']").json == R"({"a":[{"ids":[7,8]},"u={\"ids\":[7,8]}"]})");
    CHECK(fill("a: '{{ a.b }}'").json == R"({"a":"dotted"})");
}

TEST_CASE("config text: the environment; what it does not have is told", "[script][config]") {
    CHECK(fill("target: 'ws://{{ $env.HOST }}:{{ $processEnvironment.PORT }}'").json ==
          R"({"target":"ws://h1:80"})");
    const Filled made = fill("{a: '{{ $env.NONE }}', b: 'x {{ $env.NONE }}'}");
    CHECK(made.json == R"({"a":null,"b":"x undefined"})");
    REQUIRE(made.warnings.size() == 2);
    CHECK(made.warnings[0] ==
          "s.yml:1: config.a: the environment variable NONE is not set, and so undefined");
}

TEST_CASE("config text: other names are left to the users' own variables", "[script][config]") {
    CHECK(fill("a: '{{ token }} {{ rate }} {{ user.ids[9] }} {{ x'").json ==
          R"({"a":"{{ token }} 5 {{ user.ids[9] }} {{ x"})");
}

TEST_CASE("config text: functions are called once, by the seed", "[script][config]") {
    const Filled made = fill("a: '{{ $randomNumber(3, 3) }}'\nb: 'n{{ $randomString(4) }}'");
    CHECK(made.json.find(R"({"a":3,"b":"n)") == 0);
    CHECK(made.json.size() == std::string(R"({"a":3,"b":"n1234"})").size());
    CHECK(fill("a: '{{ $randomString() }}'").json == fill("a: '{{ $randomString() }}'").json);
    for (const char* text : {"$randomNumber(5,1)", "$randomNumber(1)", "$randomNumber(a,b)",
                             "$randomString(5000)", "$randomNumbr(1,2)", "f(", ")", "()"}) {
        const Filled bad = fill("a: '{{ " + std::string(text) + " }}'");
        INFO(text << " " << bad.json);
        if (std::string(text).ends_with(')')) CHECK(bad.error.find("s.yml:1: config.a: {{ ") == 0);
    }
    CHECK(fill("a: '{{ $randomNumbr(1,2) }}'").error.find("did you mean $randomNumber?") !=
          std::string::npos);
    CHECK(fill("a: '{{ $randomNumber(0, 18446744073709551615) }}'").error.empty());
}

TEST_CASE("config text: variables cannot make a file without bounds", "[script][config]") {
    Node config = tree_of("a: '" + [] {
        std::string holes;
        for (int i = 0; i < 1000; ++i) holes += "{{ big }}";
        return holes;
    }() + "'");
    script::ConfigValues values;
    values.variables = Node::of_map({});
    values.variables.at("big", {}) = Node::of_text(std::string(100'000, 'x'), {});
    std::vector<std::string> warnings;
    CHECK(script::fill_config(config, values, warnings).error().what ==
          "s.yml:1: config.a: variables make the configuration longer than 16 MiB");
}

TEST_CASE("config text: holes of the environment are found anywhere", "[script][config]") {
    std::set<std::string> holes;
    script::find_environment_holes(
        tree_of("a: ['{{ $env.A }} {{b}}', {c: '{{{ $processEnvironment.B }}}'}]"), holes);
    CHECK(holes == std::set<std::string>{"$env.A", "$processEnvironment.B"});
}
