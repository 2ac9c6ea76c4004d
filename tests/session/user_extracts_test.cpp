#include "session/user_extracts.hpp"

#include <optional>
#include <set>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::session;
using plan::Strictness;

namespace {

// A user with the variables a, b, c, all stored.
struct Reading {
    explicit Reading(std::uint64_t seed = 1) {
        for (const char* name : {"a", "b", "c"}) scenario.slots.push_back({.name = name});
        variables.emplace(scenario, nullptr);
        texts.emplace(*variables, seed);
        extracts.emplace(*variables, *texts, seed);
    }
    [[nodiscard]] UserRef user() { return {0, state}; }
    // The message lives until the next one.
    Reading& read(std::string text) {
        message = std::move(text);
        extracts->begin(as_bytes(message));
        return *this;
    }
    [[nodiscard]] bool matches(const plan::Match& match) { return extracts->all_match(user(), {match}); }
    [[nodiscard]] bool captures(const plan::Capture& capture) {
        return extracts->capture_all(user(), {capture});
    }
    [[nodiscard]] Value get(plan::SlotId slot) { return variables->get(user(), slot); }

    plan::Scenario scenario;
    UserState state{};
    std::string message;
    std::optional<UserVariables> variables;
    std::optional<UserTexts> texts;
    std::optional<UserExtracts> extracts;
};

plan::Extract at_path(std::string_view path, bool one_of_several = true) {
    plan::Extract extract;
    extract.path = std::make_shared<const json::Path>(*json::Path::parse(path));
    extract.one_of_several = one_of_several;
    return extract;
}
plan::Extract by_pattern(std::string_view pattern, std::uint32_t group = 0, std::string_view flags = "") {
    plan::Extract extract{.kind = plan::ExtractKind::regexp, .group = group};
    extract.pattern = std::make_shared<const regexp::Pattern>(*regexp::Pattern::compile(pattern, flags));
    return extract;
}
plan::Match is(plan::Extract extract, const Value& value) {
    return {.extract = std::move(extract), .fixed = OwnedValue(value)};
}
plan::Capture into_a(plan::Extract extract, Strictness strictness = Strictness::strict) {
    return {.extract = std::move(extract), .slot = 0, .strictness = strictness};
}

}  // namespace

TEST_CASE("user_extracts: a match is of the same value and the same type", "[session][user_extracts]") {
    Reading world;
    world.read(R"({"n": 3, "s": "3", "t": true, "z": null, "o": {"x": [1, 2]}})");
    CHECK(world.matches(is(at_path("$.n"), Value::of_number(3))));
    CHECK_FALSE(world.matches(is(at_path("$.n"), Value::of_text("3"))));
    CHECK(world.matches(is(at_path("$.s"), Value::of_text("3"))));
    CHECK_FALSE(world.matches(is(at_path("$.s"), Value::of_number(3))));
    CHECK(world.matches(is(at_path("$.t"), Value::of_boolean(1))));
    CHECK(world.matches(is(at_path("$.z"), Value::of_null())));
    CHECK(world.matches(is(at_path("$.o"), Value::of_json(R"({"x":[1,2]})"))));
    CHECK_FALSE(world.matches(is(at_path("$.none"), Value::of_null())));
}

TEST_CASE("user_extracts: a match may be of a variable, which the look-up does not spoil",
          "[session][user_extracts]") {
    Reading world;
    REQUIRE(world.variables->set(world.user(), 1, Value::of_text("lobby")));
    plan::Match match{.extract = at_path("$.room")};
    match.value.parts.push_back({.kind = plan::PartKind::variable, .slot = 1});
    CHECK(world.read(R"({"room": "lobby"})").matches(match));
    CHECK_FALSE(world.read(R"({"room": "other"})").matches(match));
    match.value.parts[0].literal = "the ";
    CHECK(world.read(R"({"room": "the lobby"})").matches(match));
}

TEST_CASE("user_extracts: all have to match, but for lax ones", "[session][user_extracts]") {
    Reading world;
    world.read(R"({"a": 1, "b": 2})");
    const plan::Match right = is(at_path("$.a"), Value::of_number(1));
    plan::Match wrong = is(at_path("$.b"), Value::of_number(1));
    CHECK(world.extracts->all_match(world.user(), {}));
    CHECK(world.extracts->all_match(world.user(), {right, right}));
    CHECK_FALSE(world.extracts->all_match(world.user(), {right, wrong}));
    wrong.strictness = Strictness::lax;
    CHECK(world.extracts->all_match(world.user(), {right, wrong}));
}

TEST_CASE("user_extracts: JSONPath in what is no JSON finds an empty text", "[session][user_extracts]") {
    Reading world;
    CHECK(world.read("hello").matches(is(at_path("$.a"), Value::of_text(""))));
    CHECK_FALSE(world.captures(into_a(at_path("$.a"))));
    CHECK(world.captures(into_a(at_path("$.a"), Strictness::lax)));
    CHECK(world.get(0) == Value::of_text(""));
    CHECK(world.read(R"({"a": 1})").matches(is(at_path("$.a"), Value::of_number(1))));
}

TEST_CASE("user_extracts: a capture keeps its type in its variable", "[session][user_extracts]") {
    Reading world;
    world.read(R"({"n": 1.5, "s": "text", "o": {"k": [1, "two"]}, "empty": "", "no": false})");
    REQUIRE(world.captures(into_a(at_path("$.n"))));
    CHECK(world.get(0) == Value::of_number(1.5));
    REQUIRE(world.captures(into_a(at_path("$.s"))));
    CHECK(world.get(0) == Value::of_text("text"));
    REQUIRE(world.captures(into_a(at_path("$.o"))));
    CHECK(world.get(0) == Value::of_json(R"({"k":[1,"two"]})"));
    REQUIRE(world.captures(into_a(at_path("$.no"))));
    CHECK(world.get(0) == Value::of_boolean(0));
}

TEST_CASE("user_extracts: a strict capture of nothing fails, and what came before it stays",
          "[session][user_extracts]") {
    Reading world;
    world.read(R"({"id": 7, "empty": ""})");
    plan::Capture second = into_a(at_path("$.none"));
    second.slot = 1;
    CHECK_FALSE(world.extracts->capture_all(world.user(), {into_a(at_path("$.id")), second}));
    CHECK(world.get(0) == Value::of_number(7));
    CHECK_FALSE(world.captures(into_a(at_path("$.empty"))));
    CHECK(world.captures(into_a(at_path("$.none"), Strictness::lax)));
    CHECK(world.get(0).type == ValueType::undefined);
}

TEST_CASE("user_extracts: of several hits one is drawn, each of them some day, or all are a list",
          "[session][user_extracts]") {
    const std::string list = R"({"ids": [1, 2, 3]})";
    Reading world;
    std::set<double> drawn;
    for (int i = 0; i < 100; ++i) {
        REQUIRE(world.read(list).captures(into_a(at_path("$.ids[*]"))));
        drawn.insert(world.get(0).number);
    }
    CHECK(drawn == std::set<double>{1, 2, 3});
    REQUIRE(world.captures(into_a(at_path("$.ids[*]", false))));
    CHECK(world.get(0) == Value::of_json("[1,2,3]"));
    REQUIRE(world.captures(into_a(at_path("$.ids[1]", false))));
    CHECK(world.get(0) == Value::of_number(2));
}

TEST_CASE("user_extracts: the same seed draws the same", "[session][user_extracts]") {
    const auto draws = [](std::uint64_t seed) {
        Reading world(seed);
        std::string all;
        for (int i = 0; i < 30; ++i) {
            REQUIRE(world.read(R"([1, 2, 3, 4])").captures(into_a(at_path("$[*]"))));
            all += std::to_string(static_cast<int>(world.get(0).number));
        }
        return all;
    };
    CHECK(draws(1) == draws(1));
    CHECK(draws(1) != draws(2));
}

TEST_CASE("user_extracts: a regular expression sees the message as JSON.stringify writes it",
          "[session][user_extracts]") {
    Reading world;
    world.read("{ \"id\" :\n 17 }");
    REQUIRE(world.captures(into_a(by_pattern("\"id\":(\\d+)", 1))));
    CHECK(world.get(0) == Value::of_text("17"));
    CHECK(world.matches(is(by_pattern("^.*$"), Value::of_text(R"({"id":17})"))));
    world.read("Plain  TEXT id=5");
    REQUIRE(world.captures(into_a(by_pattern("text id=\\d", 0, "i"))));
    CHECK(world.get(0) == Value::of_text("TEXT id=5"));
    CHECK_FALSE(world.captures(into_a(by_pattern("nothing"))));
}

TEST_CASE("user_extracts: each message is read anew", "[session][user_extracts]") {
    Reading world;
    CHECK(world.read(R"({"a": 1})").matches(is(by_pattern("\\d"), Value::of_text("1"))));
    CHECK(world.read(R"({"a": 2})").matches(is(by_pattern("\\d"), Value::of_text("2"))));
    CHECK(world.matches(is(at_path("$.a"), Value::of_number(2))));
    CHECK(world.read("3").matches(is(by_pattern("\\d"), Value::of_text("3"))));
}
