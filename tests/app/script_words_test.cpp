#include "app/script_words.hpp"

#include <array>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::app;

namespace {

constexpr std::array<OptionName, 5> kAllowed{{{"target", Arity::once},
                                              {"insecure", Arity::flag},
                                              {"input", Arity::repeated},
                                              {"seed", Arity::once},
                                              {"variables", Arity::once}}};

ScriptWords split(const std::vector<std::string>& words) {
    const auto split = split_script_words(words, kAllowed, Command::script);
    REQUIRE(split.ok());
    return *split;
}

std::string refused(const std::vector<std::string>& words) {
    const auto split = split_script_words(words, kAllowed, Command::script);
    REQUIRE(!split.ok());
    return split.error().what;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("script words: files may stand anywhere", "[app][script_words]") {
    CHECK(split({"a.yml"}).files == Words{"a.yml"});
    CHECK(split({"--seed", "7", "a.yml", "-k", "b.yml"}).files == Words{"a.yml", "b.yml"});
    CHECK(split({"-k", "--", "-a.yml", "--b"}).files == Words{"-a.yml", "--b"});
}

TEST_CASE("script words: one letter is the option's short name", "[app][script_words]") {
    const ScriptWords words = split({"-t", "ws://h", "-k", "-i", "x", "-i", "y", "a.yml"});
    CHECK(words.options == Words{"--target=ws://h", "--insecure", "--input=x", "--input=y"});
    CHECK(words.files == Words{"a.yml"});
}

TEST_CASE("script words: a value may begin with a dash, or hold an equals sign", "[app][script_words]") {
    CHECK(split({"a.yml", "--variables", "-1", "--target=ws://h?a=b"}).options ==
          Words{"--variables=-1", "--target=ws://h?a=b"});
}

TEST_CASE("script words: no file, or a letter that is none, is refused", "[app][script_words]") {
    CHECK(refused({}) == "script needs a scenario file, as in: wsblast script FILE.yml");
    CHECK(refused({"--seed", "7"}).starts_with("script needs a scenario file"));
    CHECK(refused({"-x", "a.yml"}) ==
          "unknown option '-x'; those of one letter are -t -i -v -k, 'wsblast script --help' "
          "lists all");
    // -e is one of Artillery's, and not one of this table.
    CHECK(refused({"-e", "a.yml"}).starts_with("unknown option '-e'"));
}

TEST_CASE("script words: an option without its value is left for the option's own error",
          "[app][script_words]") {
    CHECK(split({"a.yml", "--seed"}).options == Words{"--seed"});
    CHECK(split({"a.yml", "--none"}).options == Words{"--none"});
}

TEST_CASE("script words: a target is shown with a star for what differs from user to user",
          "[app][script_words]") {
    CHECK(shown_target("ws://host:8000/{{0}}") == "ws://host:8000/*");
    CHECK(shown_target("wss://host/a{{0}}/b/{{1}}") == "wss://host/a*/b/*");
    const std::vector<plan::ScenarioTarget> targets{
        {.url = "ws://a/{{0}}"}, {.url = "ws://b/"}, {.url = "ws://a/{{1}}", .headers = {{"X", "y"}}}};
    CHECK(shown_targets(targets) == std::vector<std::string>{"ws://a/*", "ws://b/"});
    CHECK(fill_holes("ws://host/{{0}}?id={{1}}", "x") == "ws://host/x?id=x");
    CHECK(fill_holes("ws://host/{{0", "x") == "ws://host/{{0");
}
