#include "script/settings.hpp"

#include <catch2/catch.hpp>

#include "tests/script/config_tree.hpp"
#include "tests/support/test_folder.hpp"

using namespace wsblast;

namespace {

struct ReadSettings {
    test::TestFolder folder;
    script::FlowContext context;
    std::string error;

    explicit ReadSettings(const std::string& config) {
        folder.write("p.js", "");
        const std::string name = folder.path("s.yml");
        const auto read = script::read_settings(test::tree_of(config, name), name, context);
        if (!read) error = folder.without_folder(read.error().what);
        for (std::string& warning : context.warnings) warning = folder.without_folder(warning);
    }
};

}  // namespace

TEST_CASE("settings: target, engine, processor and defaults", "[script][settings]") {
    const ReadSettings made(
        "config: {target: 'ws://a', engine: ws, processor: ./p.js, defaults: {think: {jitter: '20%'}, "
        "strictCapture: false}}");
    CHECK(made.error.empty());
    CHECK(made.context.warnings.empty());
    CHECK(made.context.target == "ws://a");
    CHECK(made.context.engine == "ws");
    CHECK(made.context.scenario.processor == made.folder.path("p.js"));
    CHECK(made.context.jitter.share == 0.2);
    CHECK(made.context.captures == plan::Strictness::lax);
    CHECK(
        ReadSettings("config: {target: x, defaults: {think: {jitter: 500}}}").context.jitter.absolute_ns ==
        500 * kMillisecond);
}

TEST_CASE("settings: each fault names its key", "[script][settings]") {
    CHECK(ReadSettings("config: {}")
              .error.find("s.yml:1: config.target: is missing: the URL of the server") == 0);
    CHECK(ReadSettings("config: {target: ~}").error.find("config.target: is missing") != std::string::npos);
    CHECK(ReadSettings("config: {target: 5}").error.find("config.target: must be a text") !=
          std::string::npos);
    CHECK(ReadSettings("config: {target: ''}").error.find("config.target: must be a URL") !=
          std::string::npos);
    CHECK(ReadSettings("config: {target: x, engine: []}").error.find("config.engine") != std::string::npos);
    CHECK(ReadSettings("config: {target: x, processor: q.js}").error ==
          "s.yml:1: config.processor: there is no file 'q.js'");
    CHECK(ReadSettings("config: {target: x, processor: p.ts}").error.find("TypeScript") !=
          std::string::npos);
    CHECK(ReadSettings("config: {target: x, processor: {}}").error.find("must be a text") !=
          std::string::npos);
    CHECK(ReadSettings("config: {target: x, defaults: 5}").error.find("config.defaults") !=
          std::string::npos);
    for (const char* jitter : {"'120%'", "-1", "fast", "[]", "'%'"}) {
        const std::string text = jitter;
        INFO(text);
        CHECK(ReadSettings("config: {target: x, defaults: {think: {jitter: " + text + "}}}")
                  .error.find("config.defaults.think.jitter: must be 0% to 100%") != std::string::npos);
    }
    CHECK(ReadSettings("config: {target: x, defaults: {strictCapture: 5}}").error.find("strictCapture") !=
          std::string::npos);
}

TEST_CASE("settings: keys without a meaning here are told, slips with what was meant",
          "[script][settings]") {
    const ReadSettings made(
        "config: {target: x, http: {}, fases: [], phase: [], plugins: {expect: {}, ensure: {}}, wsblast: "
        "{slow: "
        "1}}\nscenario: []\nx-anchors: 1");
    CHECK(made.context.warnings ==
          std::vector<std::string>{"s.yml:2: scenario: is not known here; did you mean scenarios?",
                                   "s.yml:1: config.fases: is not known here; did you mean phases?",
                                   "s.yml:1: config.phase: is not known here; did you mean phases?",
                                   "s.yml:1: config.http: has no meaning for WebSocket scenarios",
                                   "s.yml:1: config.wsblast.slow: is not known here; did you mean slo?",
                                   "s.yml:1: config.plugins.expect: this plugin does nothing here"});
}

TEST_CASE("settings: slo are the checks of --slo", "[script][settings]") {
    const auto read = [](const char* config) {
        const auto tree = yaml::read(config, std::make_shared<const std::string>("s.yml"));
        return script::read_slos(*tree);
    };
    CHECK(read("{}")->empty());
    CHECK(read("wsblast: {slo: ['p99<50ms']}")->at(0).text == "p99<50ms");
    CHECK(read("wsblast: {slo: 5}").error().what.find("s.yml:1: config.wsblast.slo: must be a list") == 0);
    CHECK(read("wsblast: {slo: [5]}").error().what.find("config.wsblast.slo[0]: must be a text") !=
          std::string::npos);
    CHECK(read("wsblast: {slo: ['fast']}").error().what.find("s.yml:1: config.wsblast.slo[0]: ") == 0);
}
