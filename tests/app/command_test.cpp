#include "app/command.hpp"

#include <catch2/catch.hpp>

namespace wsblast::app {

TEST_CASE("command: every command is found by its name and has its own entry", "[app][command]") {
    for (const CommandEntry& entry : kCommands) {
        const Result<Command> command = parse_command(entry.name);
        REQUIRE(command.ok());
        CHECK(*command == entry.command);
        CHECK(entry_of(entry.command).name == entry.name);
        CHECK_FALSE(entry.does.empty());
    }
}

TEST_CASE("command: an unknown one is named, the nearest suggested, the allowed listed", "[app][command]") {
    const Result<Command> command = parse_command("qiuck");
    REQUIRE_FALSE(command.ok());
    CHECK(command.error().fault == Fault::usage);
    CHECK(command.error().what ==
          "unknown command 'qiuck' (did you mean 'quick'?); the commands are run, quick, medium, heavy, "
          "serve, doctor, script, validate, capacity, saturate");
    CHECK_FALSE(parse_command("").ok());
    CHECK_FALSE(parse_command("Run").ok());
}

TEST_CASE("command: nothing is suggested where nothing is near", "[app][command]") {
    constexpr std::array<std::string_view, 3> kNames{"--connections", "--messages", "--url"};
    CHECK(nearest("--conections", kNames) == "--connections");
    CHECK(nearest("--mesages", kNames) == "--messages");
    CHECK(nearest("--utl", kNames) == "--url");
    CHECK(nearest("--conn", kNames) == "--connections");
    CHECK(nearest("--frobnicate", kNames).empty());
    CHECK(nearest("", kNames).empty());
    CHECK(suggestion("--frobnicate", kNames).empty());
}

}  // namespace wsblast::app
