#include "yaml/scalar.hpp"

#include <cmath>

#include <catch2/catch.hpp>

using namespace wsblast;

TEST_CASE("plain scalar: numbers in all the spellings of js-yaml 3", "[yaml]") {
    CHECK(yaml::parse_number("12") == 12.0);
    CHECK(yaml::parse_number("-12") == -12.0);
    CHECK(yaml::parse_number("+1.5") == 1.5);
    CHECK(yaml::parse_number("0x1F") == 31.0);
    CHECK(yaml::parse_number("0b101") == 5.0);
    CHECK(yaml::parse_number("017") == 15.0);
    CHECK(yaml::parse_number("1_000") == 1000.0);
    CHECK(yaml::parse_number("1:30") == 90.0);
    CHECK(yaml::parse_number("1:00:01") == 3601.0);
    CHECK(yaml::parse_number(".5") == 0.5);
    CHECK(yaml::parse_number("1.5e3") == 1500.0);
    CHECK(std::isinf(yaml::parse_number("-.inf").value()));
    CHECK(std::isnan(yaml::parse_number(".nan").value()));
    CHECK(std::isinf(yaml::parse_number("1e999").value()));
}

TEST_CASE("plain scalar: what only looks like a number is a text", "[yaml]") {
    for (const char* text : {"",    "-",   "+",     "08", "0x", "0b2", "1:60", "1:2:", "_1",    "1_",
                             "inf", "nan", "1.2.3", "5s", "1e", "--1", ".",    "e5",   "1:300", "0xg"}) {
        INFO(text);
        CHECK_FALSE(yaml::parse_number(text));
    }
}

TEST_CASE("plain scalar: nothing, true and false; yes and no are texts", "[yaml]") {
    for (const char* text : {"", "~", "null", "NULL"}) CHECK(yaml::plain_scalar(text, {}).is_null());
    CHECK(yaml::plain_scalar("True", {}).as_boolean() == true);
    CHECK(yaml::plain_scalar("false", {}).as_boolean() == false);
    CHECK(yaml::plain_scalar("yes", {}).as_text() == "yes");
    CHECK(yaml::plain_scalar("2022-01-01", {}).as_text() == "2022-01-01");
    CHECK(yaml::plain_scalar("007", {}).as_number() == 7.0);
    CHECK(yaml::plain_scalar("007", {}).text == "007");
}
