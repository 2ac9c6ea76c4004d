#include "script/sources.hpp"

#include <catch2/catch.hpp>

#include "tests/support/test_folder.hpp"

using namespace wsblast;

namespace {

struct ReadSources {
    test::TestFolder folder;
    script::ScriptOptions options;

    explicit ReadSources(const std::string& script) { options.file = folder.write("s.yml", script); }
    // As JSON, or the error.
    [[nodiscard]] std::string read() const {
        const auto sources = script::read_sources(options, 1);
        return folder.without_folder(sources ? to_json(sources->root) : sources.error().what);
    }
};

}  // namespace

TEST_CASE("sources: script, further files and -c are merged in that order", "[script][sources]") {
    ReadSources made("config: {target: a, x: 1}\n");
    made.options.more_files = {made.folder.write("b.json", R"({"config": {"target": "b", "y": 2}})")};
    made.options.config_file = made.folder.write("c.yml", "config: {target: c}\nscenarios: []\n");
    CHECK(made.read() == R"({"config":{"target":"c","x":1,"y":2},"scenarios":[]})");
}

TEST_CASE("sources: environment, -t, --overrides, -v, then the holes", "[script][sources]") {
    ReadSources made(
        "config:\n  target: '{{ $environment }}-{{ n }}'\n  variables: {n: 1, m: {a: 1}}\n  phases: [1, 2, "
        "3]\n"
        "  environments: {staging: {ws: {timeout: 5}, phases: [9]}, other: {}}\n");
    made.options.environment = "staging";
    made.options.variables_json = R"({"n": 7, "m": 5})";
    CHECK(made.read() == R"({"config":{"target":"staging-7","variables":{"n":7,"m":5},"phases":[9,2,3],)"
                         R"("ws":{"timeout":5}}})");
    made.options.target = "ws://t";
    made.options.overrides_json = R"({"config": {"phases": [4]}})";
    CHECK(made.read() == R"({"config":{"target":"ws://t","variables":{"n":7,"m":5},"phases":[4],)"
                         R"("ws":{"timeout":5}}})");
}

TEST_CASE("sources: without config there is an empty one", "[script][sources]") {
    CHECK(ReadSources("scenarios: []").read() == R"({"scenarios":[],"config":{}})");
    CHECK(ReadSources("config: ~").read() == R"({"config":{}})");
}

TEST_CASE("sources: what is wrong is told where it is", "[script][sources]") {
    ReadSources made("config: {environments: {staging: {}, local: ~, bad: 5}}");
    made.options.environment = "stagin";
    CHECK(made.read() ==
          "-e: the environment 'stagin' is not known; config.environments has staging, local, bad");
    made.options.environment = "local";
    CHECK(made.read() == R"({"config":{}})");
    made.options.environment = "bad";
    CHECK(made.read() == "s.yml:1: config.environments.bad: must be a map of keys, and is a number (5)");
    ReadSources none("config: {}");
    none.options.environment = "x";
    CHECK(none.read() == "-e: the environment 'x' is not known; there is none in config.environments");
    CHECK(ReadSources("config: {environments: [1]}").read().find("s.yml:1: config.environments: must be") ==
          0);
    CHECK(ReadSources("config: 5").read() == "s.yml:1: config: must be a map of keys, and is a number (5)");
}

TEST_CASE("sources: options that are no JSON object, and files that are not there", "[script][sources]") {
    ReadSources made("config: {variables: [1]}");
    made.options.overrides_json = "[1]";
    CHECK(made.read() == "--overrides: must be a JSON object, {...}, and is a list");
    made.options.overrides_json = R"({"config": 5})";
    CHECK(made.read() == "--overrides: config: must be a map of keys, and is a number (5)");
    made.options.overrides_json.clear();
    made.options.variables_json = "{";
    CHECK(made.read().find("-v: this is not JSON") == 0);
    made.options.variables_json = R"({"a": 1})";
    CHECK(made.read() == "s.yml:1: config.variables: must be a map of names, and is a list");
    made.options.variables_json.clear();
    made.options.config_file = made.folder.path("none.yml");
    CHECK(made.read() == "'none.yml' cannot be read: No such file or directory");
    made.options.config_file.clear();
    made.options.dotenv_file = made.folder.path("none.env");
    CHECK(made.read() == "'none.env' cannot be read: No such file or directory");
}
