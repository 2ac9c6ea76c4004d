#include "script/user_text.hpp"

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "tests/script/flow_fixture.hpp"

namespace wsblast::script {

namespace {

using plan::PartKind;
using test::contains;
using test::Flow;
using test::Rendered;
using test::Variables;

const Variables kVariables{{"name", Value::of_text("Ann \"A\"")}, {"n", Value::of_number(4.5)},
                           {"yes", Value::of_boolean(1)},         {"none", Value::of_null()},
                           {"list", Value::of_json("[1,2]")},     {"list/0/id", Value::of_number(7)},
                           {"a b", Value::of_text("blank")},      {"x/y z", Value::of_text("quoted")}};

std::string text_of(std::string_view text) {
    Flow flow;
    const auto parsed = parse_user_text(text, flow.into.slots);
    if (!parsed) return parsed.error().what;
    return Rendered(flow.into, kVariables)(*parsed);
}

std::string json_of(std::string_view yaml) {
    Flow flow;
    const auto parsed = parse_user_json(test::yaml_of(yaml), "send", flow.into.slots);
    if (!parsed) return parsed.error().what;
    return Rendered(flow.into, kVariables)(*parsed);
}

// A value of random shape, and the same with its holes filled in, without members that are undefined.
struct Pair {
    Node written;
    Node filled;
    int undefined = 0;
};

Pair random_pair(Prng& prng, int depth) {
    static const std::vector<Pair> kLeaves{
        {Node::of_text("a\"b\n", {}), Node::of_text("a\"b\n", {})},
        {Node::of_number(1.5, {}), Node::of_number(1.5, {})},
        {Node::of_null({}), Node::of_null({})},
        {Node::of_text("{{ n }}", {}), Node::of_number(4.5, {})},
        {Node::of_text("{{ name }}", {}), Node::of_text("Ann \"A\"", {})},
        {Node::of_text("<{{ name }}{{ u }}>", {}), Node::of_text("<Ann \"A\"undefined>", {})},
        {Node::of_text("{{ none }}", {}), Node::of_null({})},
        {Node::of_text("{{ u }}", {}), Node::of_null({}), 1},
        {Node::of_text("{{ $randomNumber(3,4) }}", {}), Node::of_text("3", {})},
    };
    constexpr std::uint64_t kShapes = 3, kMembersMax = 5;
    const std::uint64_t shape = depth == 0 ? 0 : prng.next_below(kShapes);
    if (shape == 0) return kLeaves[prng.next_below(kLeaves.size())];
    Pair pair{shape == 1 ? Node::of_list({}) : Node::of_map({}),
              shape == 1 ? Node::of_list({}) : Node::of_map({})};
    for (std::uint64_t i = prng.next_below(kMembersMax); i > 0; --i) {
        Pair inner = random_pair(prng, depth - 1);
        const std::string key = "k" + std::to_string(i);
        if (shape == 1) {
            pair.written.items.push_back(inner.written);
            pair.filled.items.push_back(inner.filled);
            continue;
        }
        const bool templated = inner.undefined == 0 && prng.chance(1, 4);
        pair.written.members.push_back({templated ? key + "{{ n }}" : key, {}, inner.written});
        if (inner.undefined == 0)
            pair.filled.members.push_back({templated ? key + "4.5" : key, {}, inner.filled});
    }
    return pair;
}

}  // namespace

TEST_CASE("user_text: holes are filled with variables", "[script][user_text]") {
    CHECK(text_of("plain") == "plain");
    CHECK(text_of("") == "");
    CHECK(text_of("{{ n }}") == "4.5");
    CHECK(text_of("<{{name}}|{{{ n }}}|{{\tyes }}>") == "<Ann \"A\"|4.5|true>");
    CHECK(text_of("{{none}} {{list}} {{unknown}}") == "null [1,2] undefined");
    CHECK(text_of("{{ list[0].id }}{{ list['0'].id }}{{ list.0[\"id\"] }}{{list.0.id}}") == "7777");
    CHECK(text_of("{{ a b }}-{{ x['y z'] }}") == "blank-quoted");
    CHECK(text_of(R"({"a":{"b":{{n}}}})") == R"({"a":{"b":4.5}})");
    CHECK(text_of(R"({"a":{{{n}},"b":1})") == R"({"a":{4.5,"b":1})");
    CHECK(text_of("}} { } {x}") == "}} { } {x}");
}

TEST_CASE("user_text: functions", "[script][user_text]") {
    CHECK(text_of("{{ $randomNumber(3,10) }}") == "3");
    CHECK(text_of("{{$randomNumber( 3 , 3 )}}") == "3");
    CHECK(text_of("{{ $randomString(4) }}") == "rrrr");
    CHECK(text_of("{{ $randomString() }}") == "rrrrrrrrrr");
    CHECK(text_of("{{ $timestamp }}") == "1700000000000");
    Flow flow;
    const auto uuid = parse_user_text("{{ $uuid }}", flow.into.slots);
    REQUIRE(uuid.ok());
    CHECK(flow.into.slots[uuid->parts[0].slot].kind == plan::SlotKind::uuid);
}

TEST_CASE("user_text: a variable with dots in its name is itself", "[script][user_text]") {
    Flow flow;
    const plan::SlotId dotted = flow.into.slots.of("$env.HOME");
    const auto text = parse_user_text("{{ $env.HOME }}{{ $env.PATH }}", flow.into.slots);
    REQUIRE(text.ok());
    CHECK(text->parts[0].slot == dotted);
    CHECK(text->parts[0].path.empty());
    CHECK(flow.into.slots[text->parts[1].slot].name == "$env");
    CHECK(text->parts[1].path == std::vector<std::string>{"PATH"});
}

TEST_CASE("user_text: bad holes are refused", "[script][user_text]") {
    CHECK(contains(text_of("a {{ n"), "at byte 2 has no }} at its end"));
    CHECK(contains(text_of("{{}}"), "is empty"));
    CHECK(contains(text_of("{{ a + b }}"), "more than a name"));
    CHECK(contains(text_of("{{ $randomNumbr(1,2) }}"), "did you mean $randomNumber?"));
    CHECK(contains(text_of("{{ $internetEmail() }}"), "calls a function that there is not"));
    CHECK(contains(text_of("{{ $randomNumber }}"), "has no ( )"));
    CHECK(contains(text_of("{{ $randomNumber(1) }}"), "takes two numbers"));
    CHECK(contains(text_of("{{ $randomNumber(5,2) }}"), "is no range"));
    CHECK(contains(text_of("{{ $randomNumber(1,x) }}"), "takes whole numbers"));
    CHECK(contains(text_of("{{ $randomNumber(1,99999999999999999999) }}"), "takes whole numbers"));
    CHECK(contains(text_of("{{ $randomString(0) }}"), "1 to 4096"));
    CHECK(contains(text_of("{{ $randomString(1,2) }}"), "takes one number"));
    CHECK(contains(text_of("{{ $randomString(8 }}"), "has no )"));
    CHECK(contains(text_of("{{ a..b }}"), "has no name"));
    CHECK(contains(text_of("{{ a. }}"), "has no name"));
    CHECK(contains(text_of("{{ a[0 }}"), "without its ]"));
    CHECK(contains(text_of("{{ a[] }}"), "nothing between"));
    CHECK(contains(text_of("{{ a['b }}"), "without its ]"));
}

TEST_CASE("user_json: an object becomes what JSON.stringify makes of it", "[script][user_text]") {
    CHECK(json_of("{type: ping, n: 1.50, ok: true, no: null, list: [1, x, {}], o: {}}") ==
          R"({"type":"ping","n":1.5,"ok":true,"no":null,"list":[1,"x",{}],"o":{}})");
    CHECK(json_of(
              "{a: \"{{ n }}\", b: \"{{ name }}\", c: \"{{ list }}\", d: \"{{yes}}\", e: \"{{none}}\"}") ==
          R"({"a":4.5,"b":"Ann \"A\"","c":[1,2],"d":true,"e":null})");
    CHECK(json_of("{a: \"x {{ name }}\\n{{ list }}\"}") == R"({"a":"x Ann \"A\"\n[1,2]"})");
    CHECK(json_of("{a: \"{{ $randomNumber(1,2) }}\", t: \"{{ $timestamp }}\"}") ==
          R"({"a":"1","t":1700000000000})");
    CHECK(json_of("[\"{{ n }}\", \"{{ unknown }}\", \"{{unknown}}!\"]") == R"([4.5,null,"undefined!"])");
    CHECK(json_of("{\"k{{ n }}\": 1, \"{{ name }}\": \"{{ n }}\"}") == R"({"k4.5":1,"Ann \"A\"":4.5})");
}

TEST_CASE("user_json: members that are undefined are left out, wherever they stand",
          "[script][user_text]") {
    CHECK(json_of("{a: \"{{ u }}\"}") == "{}");
    CHECK(json_of("{a: \"{{ u }}\", b: 1}") == R"({"b":1})");
    CHECK(json_of("{a: \"{{ u }}\", b: \"b {{ n }}\"}") == R"({"b":"b 4.5"})");
    CHECK(json_of("{a: \"{{ u }}\", b: \"{{ u }}\", c: \"{{ n }}\"}") == R"({"c":4.5})");
    CHECK(json_of("{a: 1, b: \"{{ u }}\"}") == R"({"a":1})");
    CHECK(json_of("{a: 1, b: \"{{ u }}\", c: 2}") == R"({"a":1,"c":2})");
    CHECK(json_of("{a: \"{{ n }}\", b: \"{{ u }}\", c: \"{{ n }}\"}") == R"({"a":4.5,"c":4.5})");
    CHECK(json_of("{a: {b: \"{{ u }}\"}, c: {d: \"{{ u }}\", e: {}}}") == R"({"a":{},"c":{"e":{}}})");
    CHECK(json_of("[{b: \"{{ u }}\"}, {c: \"{{ n }}\"}]") == R"([{},{"c":4.5}])");
}

TEST_CASE("user_json: any object is what JSON.stringify makes of the filled one", "[script][user_text]") {
    constexpr int kTrees = 3'000, kDepth = 4;
    Prng prng(7);
    for (int i = 0; i < kTrees; ++i) {
        const Pair pair = random_pair(prng, kDepth);
        Flow flow;
        const auto text = parse_user_json(pair.written, "send", flow.into.slots);
        REQUIRE(text.ok());
        INFO(to_json(pair.written));
        REQUIRE(Rendered(flow.into, kVariables)(*text) == to_json(pair.filled));
    }
}

TEST_CASE("user_json: an object without holes is one literal", "[script][user_text]") {
    Flow flow;
    const auto text = parse_user_json(test::yaml_of("{a: [1, {b: c}]}"), "send", flow.into.slots);
    REQUIRE(text.ok());
    CHECK(text->constant());
    CHECK(text->text() == R"({"a":[1,{"b":"c"}]})");
}

TEST_CASE("user_json: a fault names its line and key", "[script][user_text]") {
    CHECK(json_of("a: 1\nb:\n  - x\n  - \"{{ n\"").starts_with("a.yml:4: send.b[1]: the hole"));
    CHECK(json_of("a: 1\n\"{{}}\": 2").starts_with("a.yml:2: send.{{}}: the hole"));
}

TEST_CASE("with_constants: what is the same for all users is text", "[script][user_text]") {
    Flow flow;
    const auto text =
        parse_user_text("ws://{{ host }}:{{ port }}/{{ user }}?{{ colour }}", flow.into.slots);
    REQUIRE(text.ok());
    const plan::UserText known = with_constants(*text, flow.into.slots);
    REQUIRE(known.parts.size() == 2);
    CHECK(known.parts[0].literal == "ws://example.com:9000/");
    CHECK(known.parts[1].literal == "?");
}

}  // namespace wsblast::script
