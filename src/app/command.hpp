// The commands by name, and the nearest name to one that does not exist.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wsblast::app {

enum class Command : std::uint8_t {
    run,
    quick,
    medium,
    heavy,
    serve,
    doctor,
    script,
    validate,
    capacity,
    saturate,  // there
    report,
    merge,
    compare,  // named only
};

// What the command line needs to know of a command before its options are read.
enum class CommandState : std::uint8_t { available, not_yet };

struct CommandEntry {
    Command command;
    std::string_view name;
    CommandState state;
    std::string_view does;
};

inline constexpr std::array<CommandEntry, 13> kCommands{{
    {Command::run, "run", CommandState::available, "blast one workload; the command when none is given"},
    {Command::quick, "quick", CommandState::available, "run with 100 connections, 10 messages each"},
    {Command::medium, "medium", CommandState::available, "run with 500 connections, 20 messages each"},
    {Command::heavy, "heavy", CommandState::available, "run with 1000 connections, 50 messages each"},
    {Command::serve, "serve", CommandState::available, "the built-in target"},
    {Command::doctor, "doctor", CommandState::available, "say what this machine can take"},
    {Command::script, "script", CommandState::available, "run a scenario file (Artillery's format)"},
    {Command::validate, "validate", CommandState::available,
     "check a scenario file and this machine, make no load"},
    {Command::capacity, "capacity", CommandState::available,
     "find how many connections can be held, and whose limit comes first"},
    {Command::saturate, "saturate", CommandState::available, "find the load that a target can take"},
    {Command::report, "report", CommandState::not_yet, "print a result again"},
    {Command::merge, "merge", CommandState::not_yet, "add results up"},
    {Command::compare, "compare", CommandState::not_yet, "compare results"},
}};

[[nodiscard]] const CommandEntry& entry_of(Command command);

// Usage error that suggests the nearest and lists those that there are.
[[nodiscard]] Result<Command> parse_command(std::string_view name);

// The candidate with the fewest edits from `name`; empty when none is near enough to be meant.
[[nodiscard]] std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

// " (did you mean 'quick'?)", or nothing.
[[nodiscard]] std::string suggestion(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace wsblast::app
