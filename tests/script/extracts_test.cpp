#include "script/extracts.hpp"

#include <catch2/catch.hpp>

#include "tests/script/flow_fixture.hpp"

namespace wsblast::script {

namespace {

using test::contains;
using test::Flow;

std::string capture_fault(std::string_view yaml) {
    Flow flow;
    const auto captures = compile_captures(test::yaml_of(yaml), "capture", flow.into);
    INFO(yaml);
    REQUIRE_FALSE(captures.ok());
    return captures.error().what;
}

std::string match_fault(std::string_view yaml) {
    Flow flow;
    const auto matches = compile_matches(test::yaml_of(yaml), "match", flow.into);
    INFO(yaml);
    REQUIRE_FALSE(matches.ok());
    return matches.error().what;
}

plan::Match match_of(Flow& flow, std::string_view yaml) {
    auto matches = compile_matches(test::yaml_of(yaml), "match", flow.into);
    if (!matches) FAIL(matches.error().what);
    return std::move(matches->front());
}

}  // namespace

TEST_CASE("captures: one or a list, each into a variable of the user's own", "[script][extracts]") {
    Flow flow;
    const auto captures = compile_captures(
        test::yaml_of("- {json: $.id, as: id, strict: false, multiple: false}\n"
                      "- {regexp: '(?<year>\\d+)-(\\d+)', as: host, group: year, flags: i}\n"
                      "- {regexp: '(a)(b)', as: second, group: 2}"),
        "capture", flow.into);
    REQUIRE(captures.ok());
    REQUIRE(captures->size() == 3);
    const plan::Capture& first = captures->at(0);
    CHECK(first.extract.kind == plan::ExtractKind::json);
    CHECK(first.extract.path != nullptr);
    CHECK_FALSE(first.extract.one_of_several);
    CHECK(first.strictness == plan::Strictness::lax);
    CHECK(flow.into.slots[first.slot].name == "id");
    CHECK(flow.into.slots[first.slot].use == plan::SlotUse::written);
    const plan::Capture& second = captures->at(1);
    CHECK(second.extract.kind == plan::ExtractKind::regexp);
    CHECK(second.extract.group == 1);
    CHECK(second.strictness == plan::Strictness::strict);
    CHECK(second.slot == *flow.into.slots.find("host"));
    CHECK(captures->at(2).extract.group == 2);
    CHECK(captures->at(2).extract.text == "(a)(b)");
}

TEST_CASE("captures: config says whether they are strict where they do not", "[script][extracts]") {
    Flow flow;
    flow.into.captures = plan::Strictness::lax;
    const auto captures = compile_captures(
        test::yaml_of("[{json: $.a, as: a}, {json: $.a, as: a, strict: true}]"), "capture", flow.into);
    REQUIRE(captures.ok());
    CHECK(captures->at(0).strictness == plan::Strictness::lax);
    CHECK(captures->at(1).strictness == plan::Strictness::strict);
}

TEST_CASE("matches: a value keeps its type, and may have holes", "[script][extracts]") {
    Flow flow;
    CHECK(match_of(flow, "{json: $.n, value: 5}").fixed->view() == Value::of_number(5));
    CHECK(match_of(flow, "{json: $.n, value: '5'}").fixed->view() == Value::of_text("5"));
    CHECK(match_of(flow, "{json: $.n, value: true}").fixed->view() == Value::of_boolean(1));
    CHECK(match_of(flow, "{json: $.n, value: null}").fixed->view() == Value::of_null());
    CHECK(match_of(flow, "{json: $.n, value: ''}").fixed->view() == Value::of_text(""));
    const plan::Match holes = match_of(flow, "{regexp: a, value: '{{ host }}'}");
    CHECK_FALSE(holes.fixed.has_value());
    CHECK(holes.value.one_value());
}

TEST_CASE("captures and matches: faults", "[script][extracts]") {
    CHECK(contains(capture_fault("5"), "a.yml:1: capture: must be a map"));
    CHECK(contains(capture_fault("[]"), "is an empty list"));
    CHECK(contains(capture_fault("{jsn: $.a, as: a}"), "json or regexp is missing; did you mean json?"));
    CHECK(contains(capture_fault("{json: $.a}"), "as, the variable that is captured, is missing"));
    CHECK(contains(capture_fault("{json: $.a, as: ''}"), "capture.as: is empty"));
    CHECK(contains(capture_fault("{json: $.a, regexp: a, as: a}"), "both json and regexp"));
    CHECK(contains(capture_fault("{json: '$.a[', as: a}"), "capture.json: the JSONPath '$.a['"));
    CHECK(contains(capture_fault("- {json: $.a, as: a}\n- {regexp: '(a', as: a}"),
                   "a.yml:2: capture[1].regexp: the regular expression '(a'"));
    CHECK(contains(capture_fault("{regexp: a, flags: q, as: a}"), "no flags"));
    CHECK(contains(capture_fault("{regexp: '(a)', group: 2, as: a}"), "0 to 1"));
    CHECK(contains(capture_fault("{regexp: '(a)', group: b, as: a}"), "no group 'b'"));
    CHECK(contains(capture_fault("{json: $.a, as: a, strict: maybe}"), "capture.strict"));
    CHECK(contains(capture_fault("{xpath: //a, as: a}"),
                   "capture.xpath: does not work on WebSocket messages"));
    CHECK(contains(capture_fault("{header: a, as: a}"), "json or regexp do"));
    CHECK(contains(match_fault("{json: $.a}"), "value, what has to be found, is missing"));
    CHECK(contains(match_fault("{json: $.a, value: [1]}"), "match.value: must be a text, a number"));
    CHECK(contains(match_fault("{json: $.a, value: '{{ a'}"), "match.value: the hole"));
}

TEST_CASE("captures: keys without a meaning are told", "[script][extracts]") {
    Flow flow;
    const auto captures =
        compile_captures(test::yaml_of("{json: $.a, as: a, stric: false}"), "capture", flow.into);
    REQUIRE(captures.ok());
    REQUIRE(flow.into.warnings.size() == 1);
    CHECK(contains(flow.into.warnings[0], "did you mean strict?"));
}

}  // namespace wsblast::script
