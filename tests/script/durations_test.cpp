#include "script/durations.hpp"

#include <limits>

#include <catch2/catch.hpp>

using namespace wsblast;
using script::parse_script_duration;

TEST_CASE("script duration: a number is seconds, a unit is npm's ms", "[script][durations]") {
    CHECK(parse_script_duration("90") == 90 * kSecond);
    CHECK(parse_script_duration("0") == 0u);
    CHECK(parse_script_duration("1.5") == 1500 * kMillisecond);
    CHECK(parse_script_duration("500ms") == 500 * kMillisecond);
    CHECK(parse_script_duration("30s") == 30 * kSecond);
    CHECK(parse_script_duration("5m") == 5 * kMinute);
    CHECK(parse_script_duration("1.5 hours") == 90 * kMinute);
    CHECK(parse_script_duration("2 Days") == 48 * kHour);
    CHECK(parse_script_duration("1w") == 168 * kHour);
}

TEST_CASE("script duration: everything else is none", "[script][durations]") {
    for (const char* text : {"", "s", "5x", "-1", "-5m", "1e3", "5 ", "inf", "nan", "2y", "5 m s", "0x5"}) {
        INFO(text);
        CHECK_FALSE(parse_script_duration(text));
    }
}

TEST_CASE("script duration: errors name the key, and what is allowed", "[script][durations]") {
    const Place place{std::make_shared<const std::string>("s.yml"), 7};
    CHECK(script::duration_of(Node::of_number(2.5, place), "k").value() == 2500 * kMillisecond);
    CHECK(script::duration_of(Node::of_text("1m", place), "k").value() == kMinute);
    const std::string what = script::duration_of(Node::of_text("soon", place), "think").error().what;
    CHECK(what.find("s.yml:7: think: must be a number of seconds") == 0);
    CHECK(what.find("and is a text ('soon')") != std::string::npos);
    CHECK_FALSE(script::duration_of(Node::of_number(-1, place), "k"));
    CHECK_FALSE(script::duration_of(Node::of_number(std::numeric_limits<double>::quiet_NaN(), place), "k"));
    CHECK_FALSE(script::duration_of(Node::of_number(std::numeric_limits<double>::infinity(), place), "k"));
    CHECK_FALSE(script::duration_of(Node::of_boolean(1, place), "k"));
}
