#include "base/ascii.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;

TEST_CASE("ascii: characters by their range, those beyond 127 are none", "[base][ascii]") {
    CHECK(is_digit('0'));
    CHECK(is_digit('9'));
    CHECK_FALSE(is_digit('/'));
    CHECK_FALSE(is_digit(':'));
    CHECK(is_visible('!'));
    CHECK(is_visible('~'));
    CHECK_FALSE(is_visible(' '));
    CHECK_FALSE(is_visible('\x7f'));
    CHECK_FALSE(is_visible('\xe4'));
}

TEST_CASE("ascii: only A to Z have a lower case", "[base][ascii]") {
    CHECK(to_lower('A') == 'a');
    CHECK(to_lower('Z') == 'z');
    CHECK(to_lower('@') == '@');
    CHECK(to_lower('[') == '[');
    CHECK(to_lower('\xc4') == '\xc4');
}

TEST_CASE("ascii: blanks are cut off at the ends only", "[base][ascii]") {
    CHECK(trim(" \ta b\r\n") == "a b");
    CHECK(trim("a") == "a");
    CHECK(trim(" \r\n\t").empty());
    CHECK(trim("").empty());
    CHECK(trim(" a\n", " ") == "a\n");
}
