// The program: reads the command line, and does what it says.
#include <cstdio>
#include <span>
#include <string>
#include <variant>

#include "app/capacity_command.hpp"
#include "app/doctor_command.hpp"
#include "app/exit_status.hpp"
#include "app/options.hpp"
#include "app/run_command.hpp"
#include "app/saturate_command.hpp"
#include "app/script_command.hpp"
#include "app/secrets.hpp"
#include "app/serve_command.hpp"
#include "app/validate_command.hpp"
#include "host/interrupts.hpp"

namespace {

using namespace wsblast;

// One overload for each thing that a command line may ask for.
struct Execute {
    app::ExitStatus operator()(const app::PrintText& print) const {
        std::fputs(print.text.c_str(), stdout);
        return app::ExitStatus::ok;
    }
    app::ExitStatus operator()(const plan::RunOptions& options) const { return app::run_command(options); }
    app::ExitStatus operator()(const plan::ServeOptions& options) const {
        return app::serve_command(options);
    }
    app::ExitStatus operator()(const plan::CapacityOptions& options) const {
        return app::capacity_command(options);
    }
    app::ExitStatus operator()(const plan::DoctorOptions& options) const {
        return app::doctor_command(options);
    }
    app::ExitStatus operator()(const plan::SaturateOptions& options) const {
        return app::saturate_command(options);
    }
    app::ExitStatus operator()(const app::ScriptCommandOptions& options) const {
        return app::script_command(options);
    }
    app::ExitStatus operator()(const app::ValidateCommandOptions& options) const {
        return app::validate_command(options);
    }
};

}  // namespace

int main(int argc, char** argv) {
    host::watch_interrupts();
    const std::span<const char* const> arguments(argv + 1, static_cast<std::size_t>(argc - 1));
    const auto invocation = app::parse_command_line(arguments, app::read_environment());
    app::hide_secrets(std::span(argv + 1, static_cast<std::size_t>(argc - 1)));
    if (!invocation) {
        std::fputs(("wsblast: " + invocation.error().what + "\n").c_str(), stderr);
        return app::to_int(app::status_of(invocation.error().fault));
    }
    return app::to_int(std::visit(Execute{}, *invocation));
}
