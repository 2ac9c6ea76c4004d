#include "app/script_options.hpp"

#include <vector>

#include <catch2/catch.hpp>

#include "tests/app/command_line.hpp"

namespace wsblast::app {

TEST_CASE("script options: files are the first one and those merged over it", "[app][script_options]") {
    const auto options = parsed<ScriptCommandOptions>({"script", "a.yml", "b.yml", "-i", "c.yml"});
    CHECK(options.file.file == "a.yml");
    CHECK(options.file.more_files == std::vector<std::string>{"b.yml", "c.yml"});
    CHECK(options.file.load == script::ScriptOptions::Load::phases);
    CHECK(options.output_path.empty());
}

TEST_CASE("script options: each of Artillery's goes to its place", "[app][script_options]") {
    const auto options = parsed<ScriptCommandOptions>(
        {"script",      "-e", "staging",         "-t",   "ws://h", "-c",    "c.yml",    "-v",   "{\"a\":1}",
         "--overrides", "{}", "--scenario-name", "x.*",  "-p",     "p.csv", "--dotenv", ".env", "-k",
         "-s",          "-o", "r.json",          "a.yml"});
    CHECK(options.file.environment == "staging");
    CHECK(options.file.target == "ws://h");
    CHECK(options.file.config_file == "c.yml");
    CHECK(options.file.variables_json == "{\"a\":1}");
    CHECK(options.file.overrides_json == "{}");
    CHECK(options.file.scenario_name == "x.*");
    CHECK(options.file.payload_files == std::vector<std::string>{"p.csv"});
    CHECK(options.file.dotenv_file == ".env");
    CHECK(options.file.certificates == script::ScriptOptions::Certificates::unchecked);
    CHECK(options.file.load == script::ScriptOptions::Load::one_user);
    CHECK(options.output_path == "r.json");
}

TEST_CASE("script options: those of run are read as there", "[app][script_options]") {
    const auto options =
        parsed<ScriptCommandOptions>({"script", "a.yml", "--cores", "2", "--seed", "7", "--source-ip",
                                      "127.0.0.2", "-q", "--slo", "p99<5ms"});
    CHECK(options.run.cores == 2);
    CHECK(options.run.seed == 7U);
    CHECK(options.run.source_addresses.size() == 1);
    CHECK(options.run.progress == plan::ProgressStyle::quiet);
    CHECK(options.run.slos.size() == 1);
    CHECK(options.run.command == "script");
}

TEST_CASE("script options: validate reads the same file", "[app][script_options]") {
    const auto options = parsed<ValidateCommandOptions>({"validate", "-e", "staging", "a.yml"});
    CHECK(options.script.file.file == "a.yml");
    CHECK(options.script.file.environment == "staging");
}

TEST_CASE("script options: one file cannot be two results", "[app][script_options]") {
    const auto refused = parse_command_line(
        Arguments{"script", "a.yml", "-o", "script_options.json", "--json", "script_options.json"}, {});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().what.find("--output and --json name the same file") != std::string::npos);
}

}  // namespace wsblast::app
