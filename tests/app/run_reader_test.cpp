#include "app/run_reader.hpp"

#include <array>

#include <catch2/catch.hpp>

#include "app/option_setters.hpp"
#include "app/option_values.hpp"
#include "app/options.hpp"
#include "tests/support/tls_ends.hpp"

namespace wsblast::app {

namespace {

using Catch::Contains;

// A command with an option of its own.
struct Search {
    plan::RunOptions run;
    std::uint64_t steps = 3;
};

constexpr std::array<OptionEntry<Search>, 1> kOwn{
    {{"steps", "N", "3", "steps of the search", Arity::once,
      [](Search& o, const std::string& v) { return store(parse_count(v), o.steps); }}}};
constexpr std::array<std::string_view, 2> kOfRun{"url", "connections"};

Result<Search> read_options(const std::vector<std::string>& words, const Environment& environment = {}) {
    return read_search<Search>(words, {Command::saturate, kOwn, kOfRun}, environment);
}

}  // namespace

TEST_CASE("run reader: a command reads its own options and some of run", "[app][run_reader]") {
    const auto options = read_options({"--steps", "5", "--connections", "2k"});
    REQUIRE(options.ok());
    CHECK(options->steps == 5);
    CHECK(options->run.connections == 2000);
    CHECK(options->run.command == "saturate");
    REQUIRE(options->run.settings.size() == 2);
    CHECK(options->run.settings[0].name == "connections");
    CHECK(options->run.settings[1].name == "steps");
}

TEST_CASE("run reader: what a command does not take is unknown to it", "[app][run_reader]") {
    const auto options = read_options({"--rate", "5"});
    REQUIRE_FALSE(options.ok());
    CHECK(options.error().fault == Fault::usage);
    CHECK(options.error().what.find("unknown option '--rate'") != std::string::npos);
}

TEST_CASE("run reader: the environment sets only what a command takes", "[app][run_reader]") {
    Environment environment;
    environment.connections = "7";
    environment.messages = "9";
    environment.ws_url = "ws://127.0.0.1:9/";
    const auto options = read_options({}, environment);
    REQUIRE(options.ok());
    CHECK(options->run.connections == 7);
    CHECK(options->run.messages == 10U);
    CHECK(options->run.urls == std::vector<std::string>{"ws://127.0.0.1:9/"});
    const auto bad = read_options({}, {.ws_url = {}, .connections = "many", .messages = {}});
    REQUIRE_FALSE(bad.ok());
    CHECK(bad.error().what.find("$CONNECTIONS") != std::string::npos);
}

TEST_CASE("run reader: what would do nothing is refused", "[app][run_reader]") {
    const auto fault_of = [](const std::vector<const char*>& arguments) {
        const auto invocation = parse_command_line(arguments, {});
        REQUIRE_FALSE(invocation.ok());
        CHECK(invocation.error().fault == Fault::usage);
        return invocation.error().what;
    };
    CHECK_THAT(fault_of({"--pong-timeout", "1s"}), Contains("does nothing without --ping-interval"));
    CHECK_THAT(fault_of({"--allow-downgrade"}), Contains("does nothing without --follow-redirects"));
    for (const char* const option : {"--tls-ca", "--tls-server-name", "--tls-ciphers"})
        CHECK_THAT(fault_of({"--url", "wss://a/", option, ""}),
                   Contains(option) && Contains("it is empty"));
    const test::TextFile csv("user,token\nann,1\n");
    const std::string path = csv.path();
    CHECK_THAT(fault_of({"--header-csv", path.c_str(), "--header", "A: b"}),
               Contains("{{user}}, {{token}}"));
    CHECK_THAT(fault_of({"--header-csv", path.c_str(), "--header", "A: {{User}}"}),
               Contains("these are user, token"));
    CHECK_THAT(fault_of({"--header-csv", path.c_str(), "--header", "A: {{user}} {{token"}),
               Contains("--header A: its '{{' is not closed"));
    CHECK_THAT(fault_of({"--header", "X: {{nope}}"}),
               Contains("--header X: {{nope}}") && Contains("--header-csv FILE"));
    CHECK_THAT(fault_of({"--cookie", "a={{ user name }}"}),
               Contains("--cookie: {{ user name }}") && Contains("--header-csv FILE"));
    const std::vector<const char*> text{"--url", "ws://a/", "--header", "X: {{}} {{\"a\":{}}} {{x"};
    CHECK(parse_command_line(text, {}).ok());
    CHECK_THAT(fault_of({"--header-csv", path.c_str(), "--cookie", "a={{token}"}),
               Contains("--cookie: its '{{' is not closed"));
    CHECK_THAT(fault_of({"--url", "wss://a/", "--tls-insecure", "--tls-ca", path.c_str()}),
               Contains("--tls-insecure and --tls-ca exclude each other"));
}

}  // namespace wsblast::app
