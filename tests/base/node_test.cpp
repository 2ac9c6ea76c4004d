#include "base/node.hpp"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

using namespace wsblast;

namespace {

const Place kPlace{std::make_shared<const std::string>("script.yml"), 12};

}  // namespace

TEST_CASE("place: a file and a line, or an option alone", "[base][node]") {
    CHECK(kPlace.text() == "script.yml:12");
    CHECK(Place{kPlace.file, 0}.text() == "script.yml");
    CHECK(Place{}.text().empty());
}

TEST_CASE("node: members are found by key, made, and erased", "[base][node]") {
    Node map = Node::of_map(kPlace);
    CHECK(map.find("a") == nullptr);
    map.at("a", kPlace) = Node::of_number(5, kPlace);
    map.at("b", kPlace);
    REQUIRE(map.find("a") != nullptr);
    CHECK(map.find("a")->as_number() == 5.0);
    CHECK(map.at("a", {}).as_number() == 5.0);
    REQUIRE(map.find("b") != nullptr);
    CHECK(map.find("b")->is_null());
    CHECK(map.find_member("b")->place.line == 12);
    CHECK(map.erase("a"));
    CHECK_FALSE(map.erase("a"));
    CHECK(map.members.size() == 1);
    CHECK(Node::of_text("x", kPlace).find("a") == nullptr);
}

TEST_CASE("node: a value is read only as what it is", "[base][node]") {
    CHECK(Node::of_text("x", kPlace).as_text() == "x");
    CHECK_FALSE(Node::of_text("5", kPlace).as_number());
    CHECK_FALSE(Node::of_number(5, kPlace).as_text());
    CHECK(Node::of_boolean(1, kPlace).as_boolean() == true);
    CHECK_FALSE(Node::of_number(1, kPlace).as_boolean());
    CHECK_FALSE(Node::of_null(kPlace).as_text());
}

TEST_CASE("node: numbers may be texts, but never NaN or infinite", "[base][node]") {
    CHECK(Node::of_text("0.5", kPlace).as_numeric() == 0.5);
    CHECK(Node::of_number(7, kPlace).as_numeric() == 7.0);
    for (const char* text : {"", "5s", "nan", "inf", " 5", "5 ", "1e999"}) {
        INFO(text);
        CHECK_FALSE(Node::of_text(text, kPlace).as_numeric());
    }
    CHECK_FALSE(Node::of_number(std::nan(""), kPlace).as_numeric());
    CHECK_FALSE(Node::of_number(std::numeric_limits<double>::infinity(), kPlace).as_numeric());
    CHECK_FALSE(Node::of_boolean(1, kPlace).as_numeric());
}

TEST_CASE("number text: as JavaScript writes it", "[base][node]") {
    CHECK(to_number_text(0) == "0");
    CHECK(to_number_text(-0.0) == "0");
    CHECK(to_number_text(5) == "5");
    CHECK(to_number_text(0.1) == "0.1");
    CHECK(to_number_text(-2.5) == "-2.5");
    CHECK(to_number_text(1e20) == "100000000000000000000");
    CHECK(to_number_text(1e21) == "1e+21");
    CHECK(to_number_text(1e-6) == "0.000001");
    CHECK(to_number_text(1e-7) == "1e-7");
    CHECK(to_number_text(1.5e300) == "1.5e+300");
    CHECK(to_number_text(std::nan("")) == "null");
}

TEST_CASE("json: compact, in the order of the document, escaped", "[base][node]") {
    Node map = Node::of_map(kPlace);
    map.at("z", kPlace) = Node::of_text("a\"b\\c\n\x01", kPlace);
    Node& list = map.at("a", kPlace);
    list = Node::of_list(kPlace);
    list.items = {Node::of_null(kPlace), Node::of_boolean(1, kPlace), Node::of_number(1.5, kPlace)};
    CHECK(to_json(map) == R"({"z":"a\"b\\c\n\u0001","a":[null,true,1.5]})");
    CHECK(to_json(Node::of_map(kPlace)) == "{}");
    CHECK(to_json(Node::of_list(kPlace)) == "[]");
}
