#include "session/user_texts.hpp"

#include <catch2/catch.hpp>

#include "session/user_variables.hpp"

using namespace wsblast;
using namespace wsblast::session;
using plan::PartForm;
using plan::PartKind;
using plan::TextPart;

namespace {

// A user with the variables a, b, ..., all stored.
struct World {
    explicit World(std::size_t variables_count) {
        for (std::size_t i = 0; i < variables_count; ++i)
            scenario.slots.push_back({.name = std::string(1, static_cast<char>('a' + i))});
        variables.emplace(scenario, nullptr);
        texts.emplace(*variables, 1);
    }
    [[nodiscard]] UserRef user() { return {0, state}; }
    void set(plan::SlotId slot, const Value& value) { REQUIRE(variables->set(user(), slot, value)); }
    [[nodiscard]] std::string write(const plan::UserText& text) {
        return std::string(texts->write(user(), text));
    }

    plan::Scenario scenario;
    UserState state{};
    std::optional<UserVariables> variables;
    std::optional<UserTexts> texts;
};

TextPart hole(std::string literal, plan::SlotId slot, PartForm form) {
    return {.literal = std::move(literal), .kind = PartKind::variable, .form = form, .slot = slot};
}
TextPart words(std::string literal) {
    return {.literal = std::move(literal)};
}

std::string number(double value) {
    std::string text;
    append_number(text, value);
    return text;
}

}  // namespace

TEST_CASE("user_texts: numbers are written as JavaScript writes them", "[session][user_texts]") {
    CHECK(number(0) == "0");
    CHECK(number(1000000) == "1000000");
    CHECK(number(-1.5) == "-1.5");
    CHECK(number(0.1) == "0.1");
    CHECK(number(1e20) == "100000000000000000000");
    CHECK(number(1234567890123) == "1234567890123");
}

TEST_CASE("user_texts: values keep their type where a text is one value", "[session][user_texts]") {
    World world(1);
    plan::UserText text;
    text.parts.push_back(hole("", 0, PartForm::plain));
    world.set(0, Value::of_number(5));
    CHECK(world.texts->value(world.user(), text) == Value::of_number(5));
    world.set(0, Value::of_text("5"));
    CHECK(world.texts->value(world.user(), text) == Value::of_text("5"));
}

TEST_CASE("user_texts: JSON is that of JSON.stringify", "[session][user_texts]") {
    World world(3);
    plan::UserText text;
    text.parts = {words("{"),
                  hole("\"a\":", 0, PartForm::json_member),
                  hole("\"b\":", 1, PartForm::json_member),
                  words(",\"c\":"),
                  hole("", 2, PartForm::json_value),
                  words("}")};
    CHECK(world.write(text) == R"({"c":null})");
    world.set(1, Value::of_text("say \"x\"\n"));
    world.set(2, Value::of_json("[1,2]"));
    CHECK(world.write(text) == R"({"b":"say \"x\"\n","c":[1,2]})");
    world.set(0, Value::of_boolean(1));
    CHECK(world.write(text) == R"({"a":true,"b":"say \"x\"\n","c":[1,2]})");
}

TEST_CASE("user_texts: made-up values are members like others", "[session][user_texts]") {
    World world(1);
    plan::UserText text;
    text.parts = {
        words("{\"c\":1"),
        {.literal = "\"n\":",
         .kind = PartKind::random_number,
         .form = PartForm::json_member,
         .low = 7,
         .high = 7},
        {.literal = "\"s\":", .kind = PartKind::random_string, .form = PartForm::json_member, .low = 0},
        words("}")};
    CHECK(world.write(text) == R"({"c":1,"n":7,"s":""})");
}

TEST_CASE("user_texts: what is not there is the word of its place", "[session][user_texts]") {
    World world(1);
    plan::UserText text;
    text.parts = {hole("to ", 0, PartForm::plain)};
    CHECK(world.write(text) == "to undefined");
    text.undefined_text.clear();
    CHECK(world.write(text) == "to ");
}

TEST_CASE("user_texts: random parts differ by user and pass, and are the same again",
          "[session][user_texts]") {
    World world(0);
    plan::UserText text;
    text.parts.push_back({.literal = "n=", .kind = PartKind::random_number, .low = 1, .high = 1000000});
    const std::string first = world.write(text);
    CHECK(world.write(text) == first);
    world.state.number = 1;
    const std::string other = world.write(text);
    CHECK(other != first);
    world.state.passes[0] = 1;
    CHECK(world.write(text) != other);
}

TEST_CASE("user_texts: what is stored grows and is stored over", "[session][user_texts]") {
    World world(2);
    for (std::size_t size = 1; size < 5000; size *= 3) {
        const std::string text(size, 'x');
        world.set(0, Value::of_text(text));
        world.set(1, Value::of_number(static_cast<double>(size)));
        CHECK(world.variables->get(world.user(), 0).text == text);
        CHECK(world.variables->get(world.user(), 1).number == static_cast<double>(size));
    }
    world.set(1, world.variables->get(world.user(), 0));
    CHECK(world.variables->get(world.user(), 1).text == world.variables->get(world.user(), 0).text);
    world.variables->drop(world.user());
    CHECK(world.variables->get(world.user(), 0).type == ValueType::undefined);
}
