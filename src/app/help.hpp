// What --help and --version print.
#pragma once

#include <string>
#include <string_view>

#include "app/command.hpp"

namespace wsblast::app {

// "wsblast 0.1.0".
[[nodiscard]] std::string version_text();

// The commands, the options of `run` with their defaults, the environment, the exit statuses.
[[nodiscard]] std::string program_help();

// One command: its options with their defaults.
[[nodiscard]] std::string command_help(Command command);

// Why a command that is only named cannot be used.
[[nodiscard]] std::string not_yet_text(const CommandEntry& entry);

}  // namespace wsblast::app
