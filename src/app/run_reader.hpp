// The options of `run` from words, environment and presets: for `run` itself, and for the commands that
// make runs of their own. The main thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/command.hpp"
#include "app/option_parser.hpp"
#include "app/option_table.hpp"
#include "base/result.hpp"
#include "plan/run_options.hpp"

namespace wsblast::app {

// The environment variables that count; an empty one counts as not set.
struct Environment {
    std::optional<std::string> ws_url;       // $WS_URL
    std::optional<std::string> connections;  // $CONNECTIONS
    std::optional<std::string> messages;     // $MESSAGES
};

[[nodiscard]] Environment read_environment();

// What was written, and what may be: a command need not take all that `run` does.
struct RunWords {
    const std::vector<Given>& given;
    std::span<const OptionName> allowed;
};

// What counts: option over environment over preset over default. Names that are no option of `run` are
// passed over. Usage error: a bad value, options that exclude each other. Environment error: the path of
// --json cannot be written.
[[nodiscard]] Result<plan::RunOptions> read_run(const RunWords& words, Command command,
                                                const Environment& environment);

// A command that has options of its own besides some of `run`. `Options` has a member `run`.
template <class Options>
struct SearchTable {
    Command command;
    std::span<const OptionEntry<Options>> own;
    std::span<const std::string_view> of_run;  // names
};

// The entries of `run` that a command takes, in the order of --help.
[[nodiscard]] std::vector<RunOption> run_options_named(std::span<const std::string_view> names);

// Reads both kinds of options. Errors as above.
template <class Options>
[[nodiscard]] Result<Options> read_search(const std::vector<std::string>& words,
                                          const SearchTable<Options>& table,
                                          const Environment& environment) {
    std::vector<OptionName> allowed;
    add_names(table.own, allowed);
    const std::vector<RunOption> of_run = run_options_named(table.of_run);
    add_names(std::span<const RunOption>(of_run), allowed);
    const Result<std::vector<Given>> given = split_options(words, allowed, table.command);
    if (!given) return given.error();
    Options options;
    const Result<plan::RunOptions> run = read_run({*given, allowed}, table.command, environment);
    if (!run) return run.error();
    options.run = *run;
    const Result<void> applied = apply(options, *given, table.own);
    if (!applied) return applied.error();
    // An own option may have the name of one of run's.
    std::erase_if(options.run.settings, [&table](const plan::Setting& setting) {
        return find_option(table.own, setting.name) != nullptr;
    });
    for (const Given& one : *given) {
        if (const OptionEntry<Options>* entry = find_option(table.own, one.name)) {
            const bool flag = entry->arity == Arity::flag;
            options.run.settings.push_back({one.name, flag ? "on" : one.value, one.origin});
        }
    }
    return options;
}

}  // namespace wsblast::app
