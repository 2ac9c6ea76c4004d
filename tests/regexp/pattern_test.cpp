#include "regexp/pattern.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace wsblast;
using regexp::Matcher;
using regexp::Pattern;

namespace {

// The group of the first match; "-" where there is none.
std::string found(std::string_view pattern, std::string_view flags, std::string_view subject,
                  std::uint32_t group = 0) {
    const auto compiled = Pattern::compile(pattern, flags);
    REQUIRE(compiled.ok());
    Matcher matcher;
    const auto part = matcher.find(*compiled, subject, group);
    return part ? std::string(*part) : "-";
}

std::string refused(std::string_view pattern, std::string_view flags) {
    const auto compiled = Pattern::compile(pattern, flags);
    REQUIRE_FALSE(compiled.ok());
    CHECK(compiled.error().fault == Fault::usage);
    return compiled.error().what;
}

}  // namespace

TEST_CASE("the first match is found, or one of its groups") {
    CHECK(found("b+", "", "aabbb abb") == "bbb");
    CHECK(found(R"(id=(\d+);(x)?)", "", "id=42;", 1) == "42");
    CHECK(found(R"(id=(\d+);(x)?)", "", "id=42;", 2) == "-");
    CHECK(found(R"((x)?id=(\d+);)", "", "id=42;", 1) == "-");
    CHECK(found("c", "", "aab") == "-");
    CHECK(found("", "", "") == "");
    CHECK(found("(a)", "", "a", 2) == "-");
}

TEST_CASE("groups have names") {
    const auto pattern = Pattern::compile(R"((?<year>\d{4})-(?<month>\d\d))", "");
    REQUIRE(pattern.ok());
    CHECK(pattern->groups() == 2);
    CHECK(pattern->group("month") == 2u);
    CHECK_FALSE(pattern->group("day").has_value());
    Matcher matcher;
    CHECK(matcher.find(*pattern, "on 2024-07", *pattern->group("month")) == "07");
}

TEST_CASE("flags mean what they mean in JavaScript") {
    CHECK(found("ABC", "", "abc") == "-");
    CHECK(found("ABC", "i", "abc") == "abc");
    CHECK(found("^b$", "", "a\nb") == "-");
    CHECK(found("^b$", "gm", "a\nb") == "b");
    CHECK(found("a.b", "", "a\nb") == "-");
    CHECK(found("a.b", "suy", "a\nb") == "a\nb");
}

TEST_CASE("what JavaScript's syntax means and Perl's does not") {
    CHECK(found("b$", "", "b\n") == "-");
    CHECK(found("[]", "", "]") == "-");
    CHECK(found("[^]", "", "\n") == "\n");
    CHECK(found(R"((?:(x)|y)\1z)", "", "yz") == "yz");
    CHECK(found(R"(\u0041\u{42})", "u", "AB") == "AB");
    CHECK(found(R"(\/a\/)", "", "/a/") == "/a/");
}

TEST_CASE("a character is a character of UTF-8, and bytes that are none match nothing") {
    CHECK(found("^.$", "", "ä") == "ä");
    CHECK(found("a.b", "",
                "a\xff"
                "b") == "-");
    CHECK(found("b", "",
                "a\xff"
                "b") == "b");
}

TEST_CASE("a pattern that needs too many steps finds nothing, soon") {
    CHECK(found("^(a+)+$", "", std::string(64, 'a') + "b") == "-");
    CHECK(found("(x+x+)+y", "", std::string(4096, 'x')) == "-");
}

TEST_CASE("a bad pattern is refused, with the place") {
    CHECK(refused("a(b", "").find("missing closing parenthesis at byte 3") != std::string::npos);
    CHECK(refused("[a", "").find("'[a'") != std::string::npos);
    CHECK(refused("*", "").find("at byte 0") != std::string::npos);
    CHECK(refused("a", "gx").find("g, i, m, s, u and y") != std::string::npos);
    CHECK(refused("a", "ii").find("twice") != std::string::npos);
    CHECK(refused(R"(\C)", "") != "");
    std::string groups;
    for (int i = 0; i < 200; ++i) groups += "(a)";
    CHECK(refused(groups, "").find("200 groups") != std::string::npos);
    CHECK(refused(std::string(70'000, 'a'), "") != "");
}

TEST_CASE("a matcher serves one pattern after the other") {
    const auto digits = Pattern::compile(R"(\d+)", "");
    const auto words = Pattern::compile("[a-z]+", "");
    REQUIRE(digits.ok());
    REQUIRE(words.ok());
    Matcher matcher;
    for (int i = 0; i < 3; ++i) {
        CHECK(matcher.find(*digits, "abc 12", 0) == "12");
        CHECK(matcher.find(*words, "abc 12", 0) == "abc");
    }
}
