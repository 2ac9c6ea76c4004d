#include "script/variables.hpp"

#include <catch2/catch.hpp>

#include "tests/script/config_tree.hpp"

using namespace wsblast;
using plan::SlotKind;
using test::tree_of;

TEST_CASE("variables: scalars and objects are constants, lists a choice for each user",
          "[script][variables]") {
    script::FlowContext context;
    REQUIRE(script::read_variables(tree_of("variables: {n: 5, t: '5', b: true, o: {x: [1]}, l: [a, 2], "
                                           "none: ~, empty: []}"),
                                   context));
    const auto slot = [&](const char* name) {
        return context.scenario.slots[context.slots.find(name).value()];
    };
    CHECK(slot("n").kind == SlotKind::constant);
    CHECK(slot("n").values[0].view() == Value::of_number(5));
    CHECK(slot("t").values[0].view() == Value::of_text("5"));
    CHECK(slot("b").values[0].view() == Value::of_boolean(1));
    CHECK(slot("o").values[0].view() == Value::of_json(R"({"x":[1]})"));
    CHECK(slot("none").values[0].view() == Value::of_null());
    CHECK(slot("l").kind == SlotKind::choice);
    REQUIRE(slot("l").values.size() == 2);
    CHECK(slot("l").values[0].view() == Value::of_text("a"));
    CHECK(slot("l").values[1].view() == Value::of_number(2));
    CHECK(slot("empty").kind == SlotKind::stored);
}

TEST_CASE("variables: they must be a map", "[script][variables]") {
    script::FlowContext context;
    CHECK(script::read_variables(tree_of("{}"), context).ok());
    CHECK(script::read_variables(tree_of("variables: ~"), context).ok());
    CHECK(script::read_variables(tree_of("variables: [1]"), context).error().what ==
          "s.yml:1: config.variables: must be a map of names, and is a list");
}
