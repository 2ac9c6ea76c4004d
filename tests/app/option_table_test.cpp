#include "app/option_table.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "app/help.hpp"

namespace wsblast::app {

namespace {

constexpr std::size_t kColumnsMax = 108;

template <class Options>
void check_table(std::span<const OptionEntry<Options>> table, const std::string& help) {
    std::set<std::string_view> names;
    for (const OptionEntry<Options>& entry : table) {
        INFO(entry.name);
        CHECK(names.insert(entry.name).second);
        CHECK(find_option(table, entry.name) == &entry);
        CHECK((entry.arity == Arity::flag) == entry.value.empty());
        CHECK_FALSE(entry.otherwise.empty());
        CHECK(help.find("--" + std::string(entry.name) + " ") != std::string::npos);
        CHECK(help.find("[" + std::string(entry.otherwise) + "]") != std::string::npos);
    }
    CHECK(find_option(table, "no-such-option") == nullptr);
}

// The longest line of a text.
std::size_t columns_of(std::string_view text) {
    std::size_t longest = 0;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size());
        longest = std::max(longest, length);
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return longest;
}

}  // namespace

TEST_CASE("option table: what --quiet leaves out is told by each command", "[app][options]") {
    const auto line = [](Command command) {
        const std::string help = command_help(command);
        const std::size_t at = help.find("--quiet ");
        return help.substr(at, help.find('\n', at) - at);
    };
    CHECK(line(Command::run).find("no progress") != std::string::npos);
    CHECK(line(Command::script).find("checks and warnings only: no summary") != std::string::npos);
}

TEST_CASE("option table: names are unique, and --help shows each with its default", "[app][options]") {
    check_table(run_options(), command_help(Command::run));
    check_table(serve_options(), command_help(Command::serve));
    check_table(run_options(), program_help());
    check_table(script_options(), command_help(Command::script));
    check_table(validate_options(), command_help(Command::validate));
}

TEST_CASE("option table: every option of the first set is there", "[app][options]") {
    for (const char* name : {"url",
                             "cores",
                             "connections",
                             "messages",
                             "duration",
                             "interval",
                             "rate",
                             "pipeline",
                             "connect-rate",
                             "hold",
                             "message",
                             "message-file",
                             "size",
                             "setup",
                             "match",
                             "connect-timeout",
                             "answer-timeout",
                             "source-ip",
                             "source-ports",
                             "header",
                             "subprotocol",
                             "seed",
                             "json",
                             "quiet",
                             "no-color",
                             "with-target",
                             "allow-saturated",
                             "fail-on"}) {
        INFO(name);
        CHECK(find_option(run_options(), name) != nullptr);
    }
}

TEST_CASE("help: every command has one, and no line is wider than a terminal of 108", "[app][help]") {
    for (const CommandEntry& entry : kCommands) {
        INFO(entry.name);
        CHECK(command_help(entry.command).find(entry.name) != std::string::npos);
        CHECK(columns_of(command_help(entry.command)) <= kColumnsMax);
        CHECK(program_help().find(entry.name) != std::string::npos);
    }
    CHECK(columns_of(program_help()) <= kColumnsMax);
    CHECK(version_text().starts_with("wsblast "));
}

}  // namespace wsblast::app
