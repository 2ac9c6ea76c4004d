// The command line and the environment, read into plain data. Nothing is connected, looked up or started.
//
// What counts: option over environment over preset over default. The main thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>

#include "base/result.hpp"
#include "plan/run_options.hpp"
#include "plan/serve_options.hpp"

namespace wsblast::app {

// The environment variables that count; an empty one counts as not set.
struct Environment {
    std::optional<std::string> ws_url;       // $WS_URL
    std::optional<std::string> connections;  // $CONNECTIONS
    std::optional<std::string> messages;     // $MESSAGES
};

[[nodiscard]] Environment read_environment();

// --help and --version: text for standard output, and that is all.
struct PrintText {
    std::string text;
};

using Invocation = std::variant<plan::RunOptions, plan::ServeOptions, PrintText>;

// `arguments` without the program's name. Usage error: an unknown command or option, a bad value, options
// that exclude each other, a command that is not there yet; each names the thing and says what is allowed.
// Environment error: the path of --json cannot be written.
[[nodiscard]] Result<Invocation> parse_command_line(std::span<const char* const> arguments,
                                                    const Environment& environment);

}  // namespace wsblast::app
