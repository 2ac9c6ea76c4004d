#include "app/options.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include <boost/program_options.hpp>

#include "app/command.hpp"
#include "app/fault_values.hpp"
#include "app/help.hpp"
#include "app/option_table.hpp"
#include "app/option_values.hpp"
#include "proto/upgrade.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

namespace po = boost::program_options;

// One option as it was written: "--connections 50k" or $CONNECTIONS.
struct Given {
    std::string name;
    std::string value;
    plan::Origin origin = plan::Origin::option;
};

// Options that exclude each other on one command line; the first of a pair silences the environment's
// second.
constexpr std::array<std::array<std::string_view, 2>, 12> kExclusive{{{"duration", "messages"},
                                                                      {"rate", "interval"},
                                                                      {"rate-per-connection", "interval"},
                                                                      {"ramp-rate", "interval"},
                                                                      {"rate", "rate-per-connection"},
                                                                      {"rate", "ramp-rate"},
                                                                      {"ramp-rate", "rate-per-connection"},
                                                                      {"match", "match-field"},
                                                                      {"with-target", "url"},
                                                                      {"message", "message-file"},
                                                                      {"size", "message"},
                                                                      {"size", "message-file"}}};

struct Preset {
    Command command;
    const char* connections;
    const char* messages;
};
constexpr std::array<Preset, 3> kPresets{
    {{Command::quick, "100", "10"}, {Command::medium, "500", "20"}, {Command::heavy, "1000", "50"}}};

bool is_given(const std::vector<Given>& given, std::string_view name) {
    return std::any_of(given.begin(), given.end(), [=](const Given& one) { return one.name == name; });
}

template <class Options>
Error unknown_option(const std::string& written, std::span<const OptionEntry<Options>> table,
                     Command command) {
    std::vector<std::string> names;
    for (const OptionEntry<Options>& entry : table) names.push_back("--" + std::string(entry.name));
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    const std::string name = written.substr(0, written.find('='));
    return usage_error(text::format("unknown option '{}'{}; 'wsblast {} --help' lists what is allowed",
                                    name, suggestion(name, candidates), entry_of(command).name));
}

template <class Options>
po::options_description describe(std::span<const OptionEntry<Options>> table) {
    po::options_description description;
    for (const OptionEntry<Options>& entry : table) {
        const std::string name(entry.name);
        if (entry.arity == Arity::flag) {
            description.add_options()(name.c_str(), "");
        } else {
            description.add_options()(name.c_str(), po::value<std::string>(), "");
        }
    }
    return description;
}

// What Boost's parser found, in order. Boost throws; nothing leaves this function but a Result.
template <class Options>
Result<std::vector<Given>> split_options(const std::vector<std::string>& words,
                                         std::span<const OptionEntry<Options>> table, Command command) {
    constexpr int kLongOptionsOnly = po::command_line_style::allow_long |
                                     po::command_line_style::long_allow_adjacent |
                                     po::command_line_style::long_allow_next;
    std::vector<Given> given;
    try {
        const po::options_description description = describe(table);
        const po::parsed_options parsed =
            po::command_line_parser(words).options(description).style(kLongOptionsOnly).run();
        for (const auto& option : parsed.options) {
            if (option.position_key >= 0) {
                const std::string& word = option.value.front();
                if (word.starts_with("-")) return unknown_option(word, table, command);
                return usage_error(text::format(
                    "unexpected argument '{}'; options begin with --, as in --connections 100", word));
            }
            given.push_back({option.string_key, option.value.empty() ? "" : option.value.front()});
        }
    } catch (const po::unknown_option& error) {
        return unknown_option(error.get_option_name(), table, command);
    } catch (const po::error& error) {
        return usage_error(text::format("{}; 'wsblast {} --help' lists the options and their values",
                                        error.what(), entry_of(command).name));
    }
    return given;
}

template <class Options>
Result<void> check_repetition(const std::vector<Given>& given,
                              std::span<const OptionEntry<Options>> table) {
    for (const Given& one : given) {
        const auto times = std::count_if(given.begin(), given.end(),
                                         [&](const Given& other) { return other.name == one.name; });
        if (times > 1 && find_option(table, one.name)->arity == Arity::once) {
            return usage_error(
                text::format("--{} is given {} times; it may be given once", one.name, times));
        }
    }
    return {};
}

Result<void> check_exclusion(const std::vector<Given>& given) {
    for (const auto& [one, other] : kExclusive) {
        if (is_given(given, one) && is_given(given, other)) {
            return usage_error(
                text::format("--{} and --{} exclude each other; give one of them", one, other));
        }
    }
    return {};
}

// What the environment and the preset set where no option does, the weakest first.
std::vector<Given> weaker_settings(Command command, const Environment& environment,
                                   const std::vector<Given>& options) {
    std::vector<Given> given;
    const auto add = [&](std::string_view name, const std::string& value, plan::Origin origin) {
        const bool silenced = std::any_of(kExclusive.begin(), kExclusive.end(), [&](const auto& pair) {
            return pair[1] == name && is_given(options, pair[0]);
        });
        if (silenced || is_given(options, name)) return;
        std::erase_if(given, [=](const Given& weaker) { return weaker.name == name; });
        given.push_back({std::string(name), value, origin});
    };
    for (const Preset& preset : kPresets) {
        if (preset.command != command) continue;
        add("connections", preset.connections, plan::Origin::preset);
        add("messages", preset.messages, plan::Origin::preset);
    }
    if (environment.ws_url) add("url", *environment.ws_url, plan::Origin::environment);
    if (environment.connections) add("connections", *environment.connections, plan::Origin::environment);
    if (environment.messages) add("messages", *environment.messages, plan::Origin::environment);
    return given;
}

std::string name_of(const Given& given) {
    if (given.origin != plan::Origin::environment) return "--" + given.name;
    return given.name == "url" ? "$WS_URL" : given.name == "connections" ? "$CONNECTIONS" : "$MESSAGES";
}

template <class Options>
Result<void> apply(Options& options, const std::vector<Given>& given,
                   std::span<const OptionEntry<Options>> table) {
    for (const Given& one : given) {
        const Result<void> set = find_option(table, one.name)->set(options, one.value);
        if (!set) return Error{set.error().fault, name_of(one) + ": " + set.error().what};
    }
    return {};
}

// "100" of "$CONNECTIONS, else 100".
std::string_view default_value(std::string_view otherwise) {
    constexpr std::string_view kElse = "else ";
    const std::size_t at = otherwise.find(kElse);
    return at == std::string_view::npos ? otherwise : otherwise.substr(at + kElse.size());
}

// Everything that is not the default, in the order of --help.
std::vector<plan::Setting> settings_of(const std::vector<Given>& given) {
    std::vector<plan::Setting> settings;
    for (const RunOption& entry : run_options()) {
        for (const Given& one : given) {
            if (one.name != entry.name || one.value == default_value(entry.otherwise)) continue;
            settings.push_back({one.name, entry.arity == Arity::flag ? "on" : one.value, one.origin});
        }
    }
    return settings;
}

// What may stand in a header is the upgrade's own to know.
Result<void> check_headers(const plan::RunOptions& options) {
    proto::UpgradeOptions upgrade{.host = "localhost", .subprotocols = options.subprotocols};
    for (const plan::Header& header : options.headers) {
        upgrade.headers.push_back(header.name + ": " + header.value);
    }
    const Result<proto::UpgradeRequest> request = proto::UpgradeRequest::build(upgrade);
    if (request) return {};
    return usage_error("--header, --subprotocol: " + request.error().what);
}

// A ramp without a time of its own takes the run's; what only a rate has needs one.
Result<void> complete_rate(plan::RunOptions& options) {
    if (options.arrivals == plan::Arrivals::poisson && options.pacing != plan::Pacing::rate) {
        return usage_error("--arrivals poisson needs --rate, --rate-per-connection or --ramp-rate");
    }
    if (!options.rate.constant() && options.rate.to_per_s == 0 && !options.duration_ns) {
        return usage_error("--ramp-rate to 0 comes to no further message: give it a --duration");
    }
    if (options.rate.constant() || options.rate.ramp_ns != 0) return {};
    if (!options.duration_ns) {
        return usage_error("--ramp-rate needs --duration, or a time of its own as in 100..5k@30s");
    }
    options.rate.ramp_ns = options.warmup_ns + *options.duration_ns;
    return {};
}

// Two results in one file would be none.
Result<void> check_files(const plan::RunOptions& options) {
    const std::array<std::pair<std::string_view, const std::string*>, 3> files{
        {{"json", &options.json_path},
         {"timeseries", &options.timeseries_path},
         {"hlog", &options.hlog_path}}};
    for (std::size_t i = 0; i < files.size(); ++i) {
        for (std::size_t j = i + 1; j < files.size(); ++j) {
            if (files[i].second->empty() || *files[i].second != *files[j].second) continue;
            return usage_error(text::format("--{} and --{} name the same file '{}'; give each its own",
                                            files[i].first, files[j].first, *files[i].second));
        }
    }
    if (options.json_path.empty() || options.json_path == "-") return {};
    const Result<void> writable = check_result_path(options.json_path);
    if (!writable) return Error{writable.error().fault, "--json: " + writable.error().what};
    return {};
}

// What only shows when all options are there.
Result<void> complete(plan::RunOptions& options) {
    if (options.target == plan::TargetChoice::urls && options.urls.empty()) {
        options.urls.push_back("ws://localhost:8000" + std::string(options.default_path()));
    }
    if (options.duration_ns) options.messages.reset();
    const Result<void> paced = complete_rate(options);
    if (!paced) return paced.error();
    if (options.match == plan::MatchRule::ymera && options.message_kind == plan::MessageKind::padding) {
        return usage_error(
            "--match ymera needs a YMERA message, and --size sends padding; use --match fifo");
    }
    const Result<void> sound = check_headers(options);
    if (!sound) return sound;
    if (options.slo_policy == plan::SloPolicy::abort && options.slos.empty())
        return usage_error("--abort-on-slo needs an --slo to fail");
    return check_files(options);
}

template <class Options>
Result<std::vector<Given>> read_options(const std::vector<std::string>& words,
                                        std::span<const OptionEntry<Options>> table, Command command) {
    Result<std::vector<Given>> given = split_options(words, table, command);
    if (!given) return given.error();
    const Result<void> once = check_repetition(*given, table);
    if (!once) return once.error();
    return given;
}

Result<plan::RunOptions> parse_run(const std::vector<std::string>& words, Command command,
                                   const Environment& environment) {
    Result<std::vector<Given>> given = read_options(words, run_options(), command);
    if (!given) return given.error();
    const Result<void> compatible = check_exclusion(*given);
    if (!compatible) return compatible.error();

    std::vector<Given> all = weaker_settings(command, environment, *given);
    all.insert(all.end(), given->begin(), given->end());
    plan::RunOptions options;
    options.command = entry_of(command).name;
    options.urls.clear();
    const Result<void> applied = apply(options, all, run_options());
    if (!applied) return applied.error();
    const Result<void> completed = complete(options);
    if (!completed) return completed.error();
    options.settings = settings_of(all);
    return options;
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
    return options;
}

// One kind of options as what the command line may ask for.
template <class Options>
Result<Invocation> invoke(Result<Options> options) {
    if (!options) return options.error();
    return Invocation(std::move(options).value());
}

std::optional<std::string> read_variable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

}  // namespace

Environment read_environment() {
    return {read_variable("WS_URL"), read_variable("CONNECTIONS"), read_variable("MESSAGES")};
}

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
    return invoke(parse_run(words, command, environment));
}

}  // namespace wsblast::app
