#include "app/options.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "app/command.hpp"
#include "app/fault_values.hpp"
#include "app/help.hpp"
#include "app/option_parser.hpp"
#include "app/option_table.hpp"
#include "app/script_words.hpp"
#include "app/tls_values.hpp"
#include "base/limits.hpp"
#include "search/saturate.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

Result<plan::RunOptions> parse_run(const std::vector<std::string>& words, Command command,
                                   const Environment& environment) {
    std::vector<OptionName> allowed;
    add_names(run_options(), allowed);
    const Result<std::vector<Given>> given = split_options(words, allowed, command);
    if (!given) return given.error();
    return read_run({*given, allowed}, command, environment);
}

Result<plan::ServeOptions> parse_serve(const std::vector<std::string>& words) {
    Result<std::vector<Given>> given = read_options(words, serve_options(), Command::serve);
    if (!given) return given.error();
    plan::ServeOptions options;
    if (is_given(*given, "host")) options.hosts.clear();
    const Result<void> applied = apply(options, *given, serve_options());
    if (!applied) return applied.error();
    const Result<void> possible = check_shares(options.faults);
    if (!possible) return possible.error();
    const Result<void> secure = complete_tls(options.tls);
    if (!secure) return secure.error();
    const bool has_servers = is_given(*given, "servers");
    const Result<void> queued = check_service(options, has_servers ? Servers::given : Servers::as_always);
    if (!queued) return queued.error();
    return options;
}

// What is to be done is one thing.
Result<plan::DoctorOptions> parse_doctor(const std::vector<std::string>& words,
                                         const Environment& environment) {
    constexpr std::array<std::string_view, 3> kActions{"--fix", "--apply", "--undo"};
    const auto asked = std::count_if(kActions.begin(), kActions.end(), [&](std::string_view action) {
        return std::find(words.begin(), words.end(), action) != words.end();
    });
    if (asked > 1) return usage_error("--fix, --apply and --undo exclude each other; give one of them");
    return read_search(
        words, SearchTable<plan::DoctorOptions>{Command::doctor, doctor_options(), doctor_run_options()},
        environment);
}

// What only makes sense together, and what would take for ever.
Result<plan::CapacityOptions> parse_capacity(const std::vector<std::string>& words,
                                             const Environment& environment) {
    Result<plan::CapacityOptions> options = read_search(
        words,
        SearchTable<plan::CapacityOptions>{Command::capacity, capacity_options(), capacity_run_options()},
        environment);
    if (!options) return options.error();
    const std::uint64_t most = options->connections_max.value_or(limits::kCapacityMax);
    if (options->churn_per_s > 0 && options->hold_ns == 0)
        return usage_error("--churn goes on while connections are held: give a --hold");
    if (options->reconnect.kind != plan::Reconnect::immediate && !options->storm_share)
        return usage_error("--reconnect is how a --storm comes back: give one");
    if (options->run.match == plan::MatchRule::none && options->sample > 0)
        return usage_error("--match none awaits no answers: give --sample 0");
    if (options->step > 0 && most / options->step > limits::kPlateausMax) {
        return usage_error(text::format("--step {} makes more than {} plateaus up to {}: take longer ones",
                                        options->step, limits::kPlateausMax, with_thousands(most)));
    }
    return options;
}

Result<plan::SaturateOptions> parse_saturate(const std::vector<std::string>& words,
                                             const Environment& environment) {
    auto options = read_search(
        words,
        SearchTable<plan::SaturateOptions>{Command::saturate, saturate_options(), saturate_run_options()},
        environment);
    if (!options) return options.error();
    if (const auto sound = search::check_options(*options); !sound) return sound.error();
    return options;
}

// Files may stand anywhere among the options.
Result<ScriptCommandOptions> read_script(const std::vector<std::string>& words,
                                         const SearchTable<ScriptCommandOptions>& table) {
    std::vector<OptionName> allowed;
    add_names(table.own, allowed);
    const std::vector<RunOption> of_run = run_options_named(table.of_run);
    add_names(std::span<const RunOption>(of_run), allowed);
    const auto split = split_script_words(words, allowed, table.command);
    if (!split) return split.error();
    // What a run takes from the environment, a scenario file says itself.
    auto options = read_search(split->options, table, Environment{});
    if (!options) return options.error();
    script::ScriptOptions& file = options->file;
    file.file = split->files.front();
    file.more_files.insert(file.more_files.begin(), split->files.begin() + 1, split->files.end());
    if (!options->output_path.empty() && options->output_path == options->run.json_path)
        return usage_error("--output and --json name the same file; give each its own");
    return options;
}

Result<Invocation> parse_script(const std::vector<std::string>& words) {
    auto options = read_script(words, {Command::script, script_options(), script_run_options()});
    if (!options) return options.error();
    return Invocation(std::move(options).value());
}

Result<Invocation> parse_validate(const std::vector<std::string>& words) {
    auto options = read_script(words, {Command::validate, validate_options(), validate_run_options()});
    if (!options) return options.error();
    return Invocation(ValidateCommandOptions{std::move(options).value()});
}

// One kind of options as what the command line may ask for.
template <class Options>
Result<Invocation> invoke(Result<Options> options) {
    if (!options) return options.error();
    return Invocation(std::move(options).value());
}

}  // namespace

Result<Invocation> parse_command_line(std::span<const char* const> arguments,
                                      const Environment& environment) {
    std::vector<std::string> words(arguments.begin(), arguments.end());
    const auto asks = [&](std::string_view name) {
        return std::find(words.begin(), words.end(), name) != words.end();
    };
    const bool has_command = !words.empty() && !words.front().starts_with("-");
    if (!has_command && asks("--version")) return Invocation(PrintText{version_text()});
    if (!has_command && asks("--help")) return Invocation(PrintText{program_help()});

    Command command = Command::run;
    if (has_command) {
        const Result<Command> named = parse_command(words.front());
        if (!named) return named.error();
        command = *named;
        words.erase(words.begin());
    }
    if (asks("--help")) return Invocation(PrintText{command_help(command)});
    const CommandEntry& entry = entry_of(command);
    if (entry.state == CommandState::not_yet) return usage_error(not_yet_text(entry));
    if (command == Command::serve) return invoke(parse_serve(words));
    if (command == Command::doctor) return invoke(parse_doctor(words, environment));
    if (command == Command::capacity) return invoke(parse_capacity(words, environment));
    if (command == Command::saturate) return invoke(parse_saturate(words, environment));
    if (command == Command::script) return parse_script(words);
    if (command == Command::validate) return parse_validate(words);
    return invoke(parse_run(words, command, environment));
}

}  // namespace wsblast::app
