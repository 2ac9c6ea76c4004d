#include "script/errors.hpp"

#include <array>
#include <cmath>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::script;

namespace {

const Place kErrorPlace{std::make_shared<const std::string>("s.yml"), 3};
constexpr std::array<std::string_view, 4> kWords{"send", "think", "loop", "function"};

}  // namespace

TEST_CASE("script errors: file, line, key, what", "[script][errors]") {
    CHECK(error_at(kErrorPlace, "config.phases", "is wrong").what == "s.yml:3: config.phases: is wrong");
    CHECK(error_at(kErrorPlace, {}, "is wrong").what == "s.yml:3: is wrong");
    CHECK(error_at({}, "a", "is wrong").what == "a: is wrong");
    CHECK(error_at(kErrorPlace, {}, "x").fault == Fault::usage);
    CHECK(key_path("config", "tls") == "config.tls");
    CHECK(key_path("", "tls") == "tls");
    CHECK(item_path("flow", 2) == "flow[2]");
    CHECK(any_of(kWords) == "send, think, loop or function");
}

TEST_CASE("script errors: a word that is near is proposed, one that is not is not", "[script][errors]") {
    CHECK(nearest("sned", kWords) == "send");
    CHECK(nearest("Think", kWords) == "think");
    CHECK(nearest("functoin", kWords) == "function");
    CHECK(nearest("thinks", kWords) == "think");
    CHECK(nearest("banana", kWords).empty());
    CHECK(nearest("", kWords).empty());
    CHECK(nearest(std::string(100'000, 'x'), kWords).empty());
    CHECK(did_you_mean("lop", kWords) == "; did you mean loop?");
    CHECK(did_you_mean("banana", kWords).empty());
}

TEST_CASE("script errors: values of a wrong type are told with what they are", "[script][errors]") {
    CHECK(text_of(Node::of_number(5, kErrorPlace), "k").error().what ==
          "s.yml:3: k: must be a text, and is a number (5)");
    CHECK(number_of(Node::of_list(kErrorPlace), "k").error().what ==
          "s.yml:3: k: must be a number, and is a list");
    CHECK(number_of(Node::of_number(std::nan(""), kErrorPlace), "k").error().what ==
          "s.yml:3: k: must be a finite number, and is not");
    CHECK(
        count_of(Node::of_number(-1, kErrorPlace), "k").error().what.find("a whole number of 0 or more") !=
        std::string::npos);
    CHECK_FALSE(count_of(Node::of_number(1.5, kErrorPlace), "k"));
    CHECK_FALSE(count_of(Node::of_number(1e300, kErrorPlace), "k"));
    CHECK(count_of(Node::of_text("12", kErrorPlace), "k").value() == 12);
    CHECK(boolean_of(Node::of_text("true", kErrorPlace), "k").value());
    CHECK_FALSE(boolean_of(Node::of_text("yes", kErrorPlace), "k"));
    CHECK(scalar_of(Node::of_number(0.5, kErrorPlace), "k").value() == "0.5");
    CHECK_FALSE(scalar_of(Node::of_null(kErrorPlace), "k"));
}

TEST_CASE("script errors: unknown keys are warnings", "[script][errors]") {
    Node map = Node::of_map(kErrorPlace);
    map.at("sned", kErrorPlace);
    map.at("send", kErrorPlace);
    std::vector<std::string> warnings;
    warn_of_others(map, "flow[0]", {kWords, "is not known"}, warnings);
    CHECK(warnings == std::vector<std::string>{"s.yml:3: flow[0].sned: is not known; did you mean send?"});
}
