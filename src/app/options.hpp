// The command line and the environment, read into plain data. Nothing is connected, looked up or started.
// The main thread.
#pragma once

#include <span>
#include <string>
#include <variant>

#include "app/run_reader.hpp"
#include "app/script_options.hpp"
#include "base/result.hpp"
#include "plan/capacity_options.hpp"
#include "plan/doctor_options.hpp"
#include "plan/run_options.hpp"
#include "plan/saturate_options.hpp"
#include "plan/serve_options.hpp"

namespace wsblast::app {

// --help and --version: text for standard output, and that is all.
struct PrintText {
    std::string text;
};

using Invocation =
    std::variant<plan::RunOptions, plan::ServeOptions, plan::DoctorOptions, plan::CapacityOptions,
                 plan::SaturateOptions, ScriptCommandOptions, ValidateCommandOptions, PrintText>;

// `arguments` without the program's name. Usage error: an unknown command or option, a bad value, options
// that exclude each other, a command that is not there yet; each names the thing and says what is allowed.
// Environment error: the path of --json cannot be written.
[[nodiscard]] Result<Invocation> parse_command_line(std::span<const char* const> arguments,
                                                    const Environment& environment);

}  // namespace wsblast::app
