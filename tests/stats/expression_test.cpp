#include "stats/expression.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::stats;

namespace {

const std::map<std::string, double> kValues{{"vusers.created", 20},
                                            {"vusers.completed", 18},
                                            {"errors.Connection timeout", 2},
                                            {"vusers.created_by_name.my-flow", 7},
                                            {"a", 10},
                                            {"b", 4},
                                            {"a-b", 3},
                                            {"websocket.response_time.p99", 12.5}};

double value_of(std::string_view text) {
    const auto expression = Expression::parse(text);
    INFO(text);
    REQUIRE(expression.ok());
    const auto value = expression->evaluate(kValues);
    REQUIRE(value.ok());
    return *value;
}

std::string parse_error(std::string_view text) {
    const auto expression = Expression::parse(text);
    INFO(text);
    REQUIRE(!expression.ok());
    return expression.error().what;
}

}  // namespace

TEST_CASE("expression: arithmetic by its precedence", "[stats][expression]") {
    const auto [text, value] = GENERATE(table<std::string, double>({{"1 + 2 * 3", 7},
                                                                    {"(1 + 2) * 3", 9},
                                                                    {"7 - 2 - 1", 4},
                                                                    {"8 / 4 / 2", 1},
                                                                    {"7 % 4", 3},
                                                                    {"2 ^ 3 ^ 2", 512},
                                                                    {"2 * 3 ^ 2", 18},
                                                                    {"-2 + 3", 1},
                                                                    {"3 - -2", 5},
                                                                    {"1.5e1", 15},
                                                                    {".5 + .25", 0.75},
                                                                    {"1+1", 2}}));
    CHECK(value_of(text) == Approx(value));
}

TEST_CASE("expression: comparisons and logic are 1 or 0", "[stats][expression]") {
    const auto [text, value] = GENERATE(table<std::string, double>({{"1 < 2", 1},
                                                                    {"2 < 2", 0},
                                                                    {"2 <= 2", 1},
                                                                    {"3 > 2", 1},
                                                                    {"2 >= 3", 0},
                                                                    {"2 == 2", 1},
                                                                    {"2 != 2", 0},
                                                                    {"1 < 2 and 2 < 1", 0},
                                                                    {"1 < 2 or 2 < 1", 1},
                                                                    {"not 0", 1},
                                                                    {"not (1 < 2)", 0},
                                                                    {"0 or 1 and 0", 0},
                                                                    {"2 in (1, 2)", 1},
                                                                    {"3 in (1, 2)", 0},
                                                                    {"3 not in (1, 2)", 1},
                                                                    {"2 not in (1, 2)", 0},
                                                                    {"5 and 7", 1},
                                                                    {"1 < 2 ? 10 : 20", 10},
                                                                    {"0 ? 1 : 0 ? 2 : 3", 3},
                                                                    {"0 / 0 and 1", 0}}));
    CHECK(value_of(text) == value);
}

TEST_CASE("expression: functions", "[stats][expression]") {
    const auto [text, value] = GENERATE(table<std::string, double>({{"abs(-3)", 3},
                                                                    {"ceil(1.2)", 2},
                                                                    {"floor(1.8)", 1},
                                                                    {"log(1)", 0},
                                                                    {"max(1, 5, 3)", 5},
                                                                    {"min(4, 2)", 2},
                                                                    {"round(2.5)", 3},
                                                                    {"sqrt(16)", 4},
                                                                    {"max(min(9, 4), 1)", 4},
                                                                    {"random() < 1", 1}}));
    CHECK(value_of(text) == value);
}

TEST_CASE("expression: names are those that were measured, with their dashes and blanks",
          "[stats][expression]") {
    CHECK(value_of("vusers.created - vusers.completed") == 2);
    CHECK(value_of("vusers.created-vusers.completed") == 2);
    CHECK(value_of("((vusers.created - vusers.completed)/vusers.created * 100) <= 10") == 1);
    CHECK(value_of("errors.Connection timeout < 3") == 1);
    CHECK(value_of("'errors.Connection timeout' + 1") == 3);
    CHECK(value_of("2 * vusers.created_by_name.my-flow") == 14);
    CHECK(value_of("a-b") == 3);
    CHECK(value_of("a - b") == 6);
    CHECK(value_of("b-a") == -6);
    CHECK(value_of("websocket.response_time.p99 < 50 and a == 10") == 1);
}

TEST_CASE("expression: what was not counted is 0, what was not measured is an error",
          "[stats][expression]") {
    CHECK(value_of("errors.some other error == 0") == 1);
    CHECK(value_of("errors.not-there + vusers.skipped") == 0);
    CHECK(value_of("websocket.connect_time.count") == 0);
    const auto expression = Expression::parse("websocket.connect_time.p99 < 5");
    REQUIRE(expression.ok());
    const auto value = expression->evaluate(kValues);
    REQUIRE(!value.ok());
    CHECK(value.error().what ==
          "'websocket.connect_time.p99 < 5': nothing was measured by the name websocket.connect_time.p99");
    REQUIRE(Expression::parse("unknown").ok());
    CHECK(!Expression::parse("unknown")->evaluate(kValues).ok());
}

TEST_CASE("expression: what is no expression is refused, with its place", "[stats][expression]") {
    CHECK(parse_error("1 +") == "'1 +': it ends too early");
    CHECK(parse_error("") == "'': it ends too early");
    CHECK(parse_error("a < < b") == "'a < < b': '<' at column 5 is not understood");
    CHECK(parse_error("(a < b") == "'(a < b': it ends too early");
    CHECK(parse_error("a < b)") == "'a < b)': ')' at column 6 is not understood");
    CHECK(parse_error("a = 1") == "'a = 1': '=' at column 3 is not understood");
    CHECK(parse_error("a not 1") == "'a not 1': '1' at column 7 is not understood");
    CHECK(parse_error("1 2") == "'1 2': '2' at column 3 is not understood");
    CHECK(parse_error("a < \"text\"") == "'a < \"text\"': '\"' at column 5 is not understood");
    CHECK(parse_error("sine(1)").find("there is no function sine()") != std::string::npos);
    CHECK(parse_error("abs(1, 2)").find("there is no function abs() of so many numbers") !=
          std::string::npos);
    CHECK(parse_error(std::string(5000, '(')).find("nested too deeply") != std::string::npos);
    CHECK(parse_error(std::string(5000, '-') + "1").find("nested too deeply") != std::string::npos);
}
