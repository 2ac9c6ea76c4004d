#include "app/help.hpp"

#include <vector>

#include "app/option_table.hpp"
#include "app/run_reader.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

constexpr std::size_t kColumnsMax = 100;

constexpr std::string_view kUsage =
    "wsblast: a WebSocket load generator\n\n"
    "usage: wsblast [COMMAND] [options]\n";

constexpr std::string_view kNotation =
    "\nDurations need a unit (us, ms, s, m, h) except 0; counts take k and M, as in 50k.\n";

constexpr std::string_view kEnvironment =
    "\nenvironment: WS_URL, CONNECTIONS and MESSAGES set the options of these names; an option beats its\n"
    "environment variable, which beats a preset.\n";

constexpr std::string_view kExitStatuses =
    "\nexit status:\n"
    "  0    the run was made and no check failed\n"
    "  1    the run was made and its verdict (--fail-on) or an --slo failed\n"
    "  2    bad usage or bad input; no connection was opened\n"
    "  3    the run could not be made, or a result file could not be written\n"
    "  4    the run was made, but the generator itself was the bottleneck (--allow-saturated)\n"
    "  130  interrupted; what was measured until then is reported\n";

constexpr std::string_view kDoctorStatuses =
    "\nexit status:\n"
    "  0    no limit fails; what was asked for is done\n"
    "  1    a limit fails: so many connections are not possible, or not with these settings\n"
    "  2    bad usage\n"
    "  3    the target cannot be found, a file not be written, or a setting not be made\n";

constexpr std::string_view kCapacityStatuses =
    "\nexit status:\n"
    "  0    as many as --max asks for were held; without --max: a limit, or a million, was found\n"
    "  1    fewer than --max; or what was held was lost, did not answer, or did not come back from a "
    "storm\n"
    "  2    bad usage or bad input; no connection was opened\n"
    "  3    no connection could be opened, or a result file could not be written\n"
    "  4    the limit was this process itself (--allow-saturated)\n"
    "  130  interrupted; what was found until then is reported\n";

constexpr std::string_view kSaturateStatuses =
    "\nexit status:\n"
    "  0    the knee was found, or all loads up to --to pass\n"
    "  1    no load passes, or the budget was spent before a knee was found\n"
    "  2    bad usage or bad input; no connection was opened\n"
    "  3    nothing could be measured, or a result file could not be written\n"
    "  4    the generator itself was the bottleneck (--allow-saturated)\n"
    "  130  interrupted; what was measured until then is reported\n";

constexpr std::string_view kScriptStatuses =
    "\nexit status:\n"
    "  0    the run was made and no check failed\n"
    "  1    the run was made, and `ensure` or an --slo failed\n"
    "  2    bad usage, or the script is wrong; no connection was opened\n"
    "  3    no connection succeeded, the run could not be made, or a result file not be written\n"
    "  4    the generator itself was the bottleneck (--allow-saturated)\n"
    "  130  interrupted; what was measured until then is reported\n";

constexpr std::string_view kScriptEnvironment =
    "\nenvironment: ARTILLERY_DISABLE_ENSURE, whatever its value, leaves `ensure` out.\n";

constexpr std::string_view kValidateStatuses =
    "\nexit status:\n"
    "  0    the script is sound\n"
    "  2    bad usage, or the script is wrong\n";

template <class Options>
std::string list(std::span<const OptionEntry<Options>> table) {
    std::string lines;
    for (const OptionEntry<Options>& option : table) {
        const std::string left = text::format("--{} {}", option.name, option.value);
        const std::string line = text::format("  {:<24} {}", left, option.meaning);
        const bool fits = line.size() + option.otherwise.size() < kColumnsMax;
        lines += line + (fits ? " " : text::format("\n  {:<24} ", ""));
        lines += text::format("[{}]\n", option.otherwise);
    }
    return lines;
}

std::string command_list() {
    std::string lines = "\ncommands:\n";
    std::string later;
    for (const CommandEntry& entry : kCommands) {
        if (entry.state == CommandState::available) {
            lines += text::format("  {:<10} {}\n", entry.name, entry.does);
        } else {
            later += (later.empty() ? "" : ", ") + std::string(entry.name);
        }
    }
    return lines + "  not there yet: " + later + "\n";
}

std::string saturate_help() {
    const std::vector<RunOption> of_run = run_options_named(saturate_run_options());
    return "\noptions of saturate [default]:\n" + list(saturate_options()) +
           list(std::span<const RunOption>(of_run)) + std::string(kNotation) +
           std::string(kSaturateStatuses);
}

std::string script_help() {
    const std::vector<RunOption> of_run = run_options_named(script_run_options());
    return "\noptions of script [default]:\n" + list(script_options()) +
           list(std::span<const RunOption>(of_run)) + std::string(kNotation) +
           std::string(kScriptEnvironment) + std::string(kScriptStatuses);
}

std::string validate_help() {
    const std::vector<RunOption> of_run = run_options_named(validate_run_options());
    return "\noptions of validate [default]:\n" + list(validate_options()) +
           list(std::span<const RunOption>(of_run)) + std::string(kNotation) +
           std::string(kValidateStatuses);
}

std::string run_option_list() {
    return "\noptions of run [default]:\n" + list(run_options());
}

std::string doctor_help() {
    const std::vector<RunOption> of_run = run_options_named(doctor_run_options());
    return "\noptions of doctor [default]:\n" + list(std::span<const RunOption>(of_run)) +
           list(doctor_options()) + std::string(kNotation) + std::string(kDoctorStatuses);
}

std::string capacity_help() {
    const std::vector<RunOption> of_run = run_options_named(capacity_run_options());
    return "\noptions of capacity [default]:\n" + list(capacity_options()) +
           list(std::span<const RunOption>(of_run)) + std::string(kNotation) +
           std::string(kCapacityStatuses);
}

}  // namespace

std::string version_text() {
    return "wsblast " WSBLAST_VERSION "\n";
}

std::string program_help() {
    std::string help(kUsage);
    help += "       wsblast COMMAND --help\n       wsblast --version\n";
    help += command_list() + run_option_list();
    help += kNotation;
    help += kEnvironment;
    help += kExitStatuses;
    return help;
}

std::string command_help(Command command) {
    const CommandEntry& entry = entry_of(command);
    if (entry.state == CommandState::not_yet) return not_yet_text(entry) + "\n";
    std::string help =
        text::format("usage: wsblast {}{} [options]\n\n{}: {}\n", entry.name,
                     command == Command::script || command == Command::validate ? " FILE..." : "",
                     entry.name, entry.does);
    if (command == Command::serve) {
        help += "\noptions of serve [default]:\n" + list(serve_options());
        return help += kNotation;
    }
    if (command == Command::doctor) return help + doctor_help();
    if (command == Command::capacity) return help + capacity_help();
    if (command == Command::saturate) return help + saturate_help();
    if (command == Command::script) return help + script_help();
    if (command == Command::validate) return help + validate_help();
    help += run_option_list();
    help += kNotation;
    help += kEnvironment;
    return help += kExitStatuses;
}

std::string not_yet_text(const CommandEntry& entry) {
    return text::format(
        "wsblast {} is not there yet ({});\nwhat is there: run, quick, medium, heavy, serve, doctor, "
        "capacity, saturate, script, validate",
        entry.name, entry.does);
}

}  // namespace wsblast::app
