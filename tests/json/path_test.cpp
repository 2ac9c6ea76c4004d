#include "json/path.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "base/limits.hpp"

using namespace wsblast;
using json::Path;
using json::PathReader;

namespace {

constexpr std::string_view kStore =
    R"({"type":"store","open":true,"none":null,"books":[{"id":1,"price":8.5,"title":"A \"b\""},)"
    R"({"id":2,"price":12,"tags":["x","y"]},{"id":3,"price":9,"title":"C"}],)"
    R"("owner":{"id":42,"a b":{"0":"zero"},"it's":1},"length":7})";

// All hits as JSON; "-" where there is none.
std::string found(std::string_view path, std::string_view message = kStore) {
    const auto compiled = Path::parse(path);
    INFO(path);
    REQUIRE(compiled.ok());
    PathReader reader;
    REQUIRE(reader.read(as_bytes(message)));
    if (reader.find(*compiled) == 0) return "-";
    return std::string(reader.all_hits().text);
}

std::string refused(std::string_view path) {
    const auto compiled = Path::parse(path);
    INFO(path);
    REQUIRE_FALSE(compiled.ok());
    CHECK(compiled.error().fault == Fault::usage);
    return compiled.error().what;
}

}  // namespace

TEST_CASE("a path leads to members and items") {
    CHECK(found("$.type") == R"(["store"])");
    CHECK(found("type") == R"(["store"])");
    CHECK(found("owner.id") == "[42]");
    CHECK(found("$['owner']['a b']") == R"([{"0":"zero"}])");
    CHECK(found(R"($["owner"]['it\'s'])") == "[1]");
    CHECK(found("$.owner['a b'].0") == R"(["zero"])");
    CHECK(found("$.books[0].title") == R"(["A \"b\""])");
    CHECK(found("$.books.1.tags[1]") == R"(["y"])");
    CHECK(found("$.books[-1].id") == "[3]");
    CHECK(found("$.books[(@.length-1)].id") == "[3]");
    CHECK(found("$.books[(@.length - 3)].id") == "[1]");
    CHECK(found("$.books.length") == "[3]");
    CHECK(found("$.length") == "[7]");
    CHECK(found("$.none") == "[null]");
    CHECK(found("$[1]", "[1,2,3]") == "[2]");
    CHECK(found("$", "[1,2]") == "[[1,2]]");
}

TEST_CASE("what is not there is not found") {
    CHECK(found("$.books[3]") == "-");
    CHECK(found("$.books[-4]") == "-");
    CHECK(found("$.nothing.at.all") == "-");
    CHECK(found("$.type.length") == "-");
    CHECK(found("$.open[0]") == "-");
    CHECK(found("$.books.length.x") == "-");
}

TEST_CASE("unions, slices and wildcards") {
    CHECK(found("$.books[0,2].id") == "[1,3]");
    CHECK(found("$['type','open']") == R"(["store",true])");
    CHECK(found("$.books[1:].id") == "[2,3]");
    CHECK(found("$.books[-2:].id") == "[2,3]");
    CHECK(found("$.books[:2].id") == "[1,2]");
    CHECK(found("$.books[::2].id") == "[1,3]");
    CHECK(found("$.books[1:9]['id']") == "[2,3]");
    CHECK(found("$.books[*].price") == "[8.5,12,9]");
    CHECK(found("$.owner.*", R"({"owner":{"a":1,"b":[2]}})") == "[1,[2]]");
}

TEST_CASE("descendants come in the order of the document") {
    CHECK(found("$..id") == "[1,2,3,42]");
    CHECK(found("$..tags[0]") == R"(["x"])");
    CHECK(found("$..*", R"({"a":{"b":1}})") == R"([{"b":1},1])");
    CHECK(found("$..[0]", "[[1,2],[3]]") == "[[1,2],1,3]");
}

TEST_CASE("filters compare as JavaScript does") {
    CHECK(found("$.books[?(@.price > 8.5)].id") == "[2,3]");
    CHECK(found("$.books[?(@.price >= 9 && @.title)].id") == "[3]");
    CHECK(found("$.books[?(@.title == 'C' || @.tags)].id") == "[2,3]");
    CHECK(found("$.books[?(!@.tags)].id") == "[1,3]");
    CHECK(found("$.books[?(@.tags.length == 2)].id") == "[2]");
    CHECK(found("$.books[?(@['tags'][0] === \"x\")].id") == "[2]");
    CHECK(found("$.books[?(@.id == '2')].id") == "[2]");
    CHECK(found("$.books[?(@.id === '2')].id") == "-");
    CHECK(found("$.books[?(@.id !== '2')].id") == "[1,2,3]");
    CHECK(found("$.books[?((@.id == 1 || @.id == 2) && !(@.price < 9))].id") == "[2]");
    CHECK(found("$[?(@ > 1)]", "[1,2,3]") == "[2,3]");
    CHECK(found("$[?(@ == null)]", "[0,null,false]") == "[null]");
    CHECK(found("$[?(@ < 'b')]", R"(["a","b"])") == R"(["a"])");
}

TEST_CASE("the elements of an array, however many there are") {
    PathReader reader;
    const auto few = reader.elements(R"([1, "two", {"n": [3]}, null, true])");
    REQUIRE(few.size() == 5);
    CHECK(few[0].view() == Value::of_number(1));
    CHECK(few[1].view() == Value::of_text("two"));
    CHECK(few[2].view() == Value::of_json(R"({"n":[3]})"));
    CHECK(few[3].view() == Value::of_null());
    CHECK(reader.elements("{}").empty());
    CHECK(reader.elements("[1").empty());
    CHECK(reader.elements("").empty());
    constexpr std::size_t kMany = 3 * limits::kPathHitsMax;
    std::string many = "[0";
    for (std::size_t i = 1; i < kMany; ++i) many += "," + std::to_string(i);
    const auto all = reader.elements(many + "]");
    REQUIRE(all.size() == kMany);
    CHECK(all.back().view() == Value::of_number(static_cast<double>(kMany - 1)));
}

TEST_CASE("what is found can be read again, whole numbers above 64 bits too") {
    PathReader reader;
    const std::string message =
        R"({"big":2400000016034e7,"low":-2400000016034e7,"huge":1e21,"small":18446744073709551615})";
    REQUIRE(reader.read(as_bytes(message)));
    REQUIRE(reader.find(*Path::parse("$")) == 1);
    const std::string again(reader.hit(0).text);
    CHECK(reader.get(again, {"big"}) == Value::of_number(2.400000016034e19));
    CHECK(reader.get(again, {"low"}) == Value::of_number(-2.400000016034e19));
    CHECK(reader.get(again, {"huge"}) == Value::of_number(1e21));
    CHECK(reader.get(again, {"small"}) == Value::of_number(18446744073709551615.0));
    REQUIRE(reader.find(*Path::parse("$.big")) == 1);
    CHECK(reader.get(reader.all_hits().text, {"0"}) == Value::of_number(2.400000016034e19));
}

TEST_CASE("hits keep their types, and all of them live together") {
    PathReader reader;
    REQUIRE(reader.read(as_bytes(kStore)));
    const auto path = Path::parse("$.*");
    REQUIRE(path.ok());
    REQUIRE(reader.find(*path) == 6);
    const Value type = reader.hit(0);
    const Value books = reader.hit(3);
    const Value owner = reader.hit(4);
    CHECK(type == Value::of_text("store"));
    CHECK(reader.hit(1) == Value::of_boolean(1));
    CHECK(reader.hit(2) == Value::of_null());
    CHECK(books.type == ValueType::json);
    CHECK(books.text.starts_with(R"([{"id":1,"price":8.5,"title":"A \"b\""},)"));
    CHECK(owner == Value::of_json(R"({"id":42,"a b":{"0":"zero"},"it's":1})"));
    CHECK(reader.hit(5) == Value::of_number(7));
}

TEST_CASE("numbers are JavaScript's") {
    CHECK(found("$.*", R"([1.0,1e21,0.1,-0,12345678901234567890,1e-7])") ==
          "[1,1e+21,0.1,0,12345678901234567000,1e-7]");
}

TEST_CASE("only objects and arrays are read") {
    PathReader reader;
    const auto path = Path::parse("$");
    REQUIRE(path.ok());
    for (const std::string_view message : {"5", "\"text\"", "null", "", "{", "[1,]", "ping"}) {
        CHECK_FALSE(reader.read(as_bytes(message)));
        CHECK(reader.find(*path) == 0);
    }
}

TEST_CASE("a lodash path leads into stored JSON, and leaves the message alone") {
    PathReader reader;
    REQUIRE(reader.read(as_bytes(R"({"a":1})")));
    CHECK(reader.get(kStore, {"books", "1", "tags", "0"}) == Value::of_text("x"));
    CHECK(reader.get(kStore, {"books", "length"}) == Value::of_number(3));
    CHECK(reader.get(kStore, {"owner", "a b"}) == Value::of_json(R"({"0":"zero"})"));
    CHECK(reader.get(kStore, {"books", "-1"}) == Value{});
    CHECK(reader.get(kStore, {"owner", "x"}) == Value{});
    CHECK(reader.get("nonsense", {"x"}) == Value{});
    const auto path = Path::parse("$.a");
    REQUIRE(path.ok());
    REQUIRE(reader.find(*path) == 1);
    CHECK(reader.hit(0) == Value::of_number(1));
}

TEST_CASE("work is bounded where a message is made for it") {
    std::string deep;
    for (int i = 0; i < 500; ++i) deep += R"({"a":)";
    deep += "1" + std::string(500, '}');
    PathReader reader;
    REQUIRE(reader.read(as_bytes(deep)));
    const auto path = Path::parse("$..a..a..a..a..a");
    REQUIRE(path.ok());
    CHECK(reader.find(*path) == 4096);
}

TEST_CASE("a bad path is refused, with the place") {
    CHECK(refused("").find("is empty") != std::string::npos);
    CHECK(refused("$.").find("has no name at byte 2") != std::string::npos);
    CHECK(refused("$a").find("where . or [ has to stand") != std::string::npos);
    CHECK(refused("$.a[").find("at byte 4") != std::string::npos);
    CHECK(refused("$.a[1").find("has no ]") != std::string::npos);
    CHECK(refused("$['a").find("without its end") != std::string::npos);
    CHECK(refused("$[1:2:3:4]").find("more than three") != std::string::npos);
    CHECK(refused("$[a:]").find("no whole number") != std::string::npos);
    CHECK(refused("$[::0]").find("below 1") != std::string::npos);
    CHECK(refused("$.a^").find("not supported") != std::string::npos);
    CHECK(refused("$.a.~").find("not supported") != std::string::npos);
    CHECK(refused("$[?(@.a > )]").find("not understood") != std::string::npos);
    CHECK(refused("$[?(@.a.match(/x/))]").find("calls a function") != std::string::npos);
    CHECK(refused("$[?(@.a == 1]").find("has no )") != std::string::npos);
    CHECK(refused("$[?@.a]").find("has no (") != std::string::npos);
    CHECK(refused("$[?(" + std::string(1000, '(') + ")]").find("too many brackets") != std::string::npos);
    CHECK(refused("$[?(" + std::string(1000, '!') + "@)]").find("too many brackets") != std::string::npos);
    CHECK(refused("x y(").find("$.list[?(@.n > 3)]") != std::string::npos);
}
