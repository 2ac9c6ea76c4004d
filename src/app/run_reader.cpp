#include "app/run_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "app/option_table.hpp"
#include "app/option_values.hpp"
#include "app/tls_values.hpp"
#include "plan/program.hpp"
#include "plan/request_headers.hpp"
#include "proto/upgrade.hpp"
#include "proto/url.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

// Options that exclude each other on one command line; the first of a pair silences the environment's
// second.
constexpr std::array<std::array<std::string_view, 2>, 14> kExclusive{{{"duration", "messages"},
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
                                                                      {"size", "message-file"},
                                                                      {"auth", "bearer-file"},
                                                                      {"tls-insecure", "tls-ca"}}};

// Options that do nothing without another one.
constexpr std::array<std::array<std::string_view, 2>, 2> kNeeds{
    {{"pong-timeout", "ping-interval"}, {"allow-downgrade", "follow-redirects"}}};

struct Preset {
    Command command;
    const char* connections;
    const char* messages;
};
constexpr std::array<Preset, 3> kPresets{
    {{Command::quick, "100", "10"}, {Command::medium, "500", "20"}, {Command::heavy, "1000", "50"}}};

Result<void> check_company(const std::vector<Given>& given) {
    for (const auto& [one, other] : kExclusive) {
        if (is_given(given, one) && is_given(given, other)) {
            return usage_error(
                text::format("--{} and --{} exclude each other; give one of them", one, other));
        }
    }
    for (const auto& [one, other] : kNeeds) {
        if (is_given(given, one) && !is_given(given, other))
            return usage_error(
                text::format("--{} does nothing without --{}; give both, or none", one, other));
    }
    return {};
}

// What the environment and the preset set where no option does, the weakest first.
std::vector<Given> weaker_settings(Command command, const Environment& environment, const RunWords& words) {
    std::vector<Given> given;
    const std::vector<Given>& options = words.given;
    const auto add = [&](std::string_view name, const std::string& value, plan::Origin origin) {
        const bool taken = std::any_of(words.allowed.begin(), words.allowed.end(),
                                       [=](const OptionName& option) { return option.name == name; });
        if (!taken) return;
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
            const std::string value = entry.shown == nullptr ? one.value : entry.shown(one.value);
            settings.push_back({one.name, entry.arity == Arity::flag ? "on" : value, one.origin});
        }
    }
    return settings;
}

bool has_column(const std::string& text, const plan::ValueTable& values) {
    const auto stands_in = [&text](const std::string& column) {
        return text.find("{{" + column + "}}") != std::string::npos;
    };
    return std::any_of(values.columns().begin(), values.columns().end(), stands_in);
}

// A hole that begins and does not end would be sent as it is written.
bool is_left_open(const std::string& text) {
    const std::size_t open = text.rfind("{{");
    return open != std::string::npos && text.find("}}", open) == std::string::npos;
}

// The first "{{column}}" of a value; empty: there is none.
std::string hole_of(const std::string& text) {
    static constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.$ ";
    for (std::size_t at = text.find("{{"); at != std::string::npos; at = text.find("{{", at + 1)) {
        const std::size_t end = text.find_first_not_of(kLetters, at + 2);
        const bool is_closed = end != std::string::npos && text.compare(end, 2, "}}") == 0;
        if (is_closed && end > at + 2) return text.substr(at, end + 2 - at);
    }
    return "";
}

// Without a file of values a hole would be sent as it is written.
Result<void> check_no_holes(const plan::RunOptions& options) {
    constexpr const char* kRemedy = " stands for a column of a file, and there is no --header-csv FILE";
    for (const plan::Header& header : options.headers) {
        if (const std::string hole = hole_of(header.value); !hole.empty())
            return usage_error("--header " + header.name + ": " + hole + kRemedy);
    }
    for (const std::string& cookie : options.access.cookies) {
        if (const std::string hole = hole_of(cookie); !hole.empty())
            return usage_error("--cookie: " + hole + kRemedy);
    }
    return {};
}

// Values that no header has would be read for nothing.
Result<void> check_values(const plan::RunOptions& options) {
    const plan::AccessOptions& access = options.access;
    if (!access.values) return check_no_holes(options);
    for (const plan::Header& header : options.headers) {
        if (is_left_open(header.value))
            return usage_error("--header " + header.name + ": its '{{' is not closed; write {{column}}");
    }
    if (std::any_of(access.cookies.begin(), access.cookies.end(), is_left_open))
        return usage_error("--cookie: its '{{' is not closed; write {{column}}");
    const auto in_header = [&](const plan::Header& header) {
        return has_column(header.value, *access.values);
    };
    const auto in_cookie = [&](const std::string& cookie) { return has_column(cookie, *access.values); };
    if (std::any_of(options.headers.begin(), options.headers.end(), in_header) ||
        std::any_of(access.cookies.begin(), access.cookies.end(), in_cookie))
        return {};
    std::string known;
    for (const std::string& column : access.values->columns())
        known += (known.empty() ? "{{" : ", {{") + column + "}}";
    return usage_error("--header-csv does nothing: no --header and no --cookie has one of " + known);
}

// What may stand in a header is the upgrade's own to know.
Result<void> check_headers(const plan::RunOptions& options) {
    auto upgrade = plan::upgrade_options(options);
    if (!upgrade) return upgrade.error();
    upgrade->host = "localhost";
    const Result<proto::UpgradeRequest> request = proto::UpgradeRequest::build(*upgrade);
    if (request) return check_values(options);
    return usage_error("--header, --subprotocol, --cookie: " + request.error().what);
}

// The ways there are to a target.
Result<void> check_ways(const plan::RunOptions& options) {
    if (!options.access.proxy && !options.access.connect_to) return {};
    const std::string_view option = options.access.proxy ? "--proxy" : "--connect-to";
    for (const std::string& text : options.urls) {
        const auto url = proto::parse_url(text);
        if (!url || url->socket_path.empty()) continue;
        return usage_error(
            text::format("{} leads to no Unix socket on this machine, as a ws+unix: URL names", option));
    }
    return {};
}

// A ramp without a time of its own takes the run's; what only a rate has needs one.
Result<void> complete_rate(plan::RunOptions& options) {
    const bool sets_its_own_rate = options.command == entry_of(Command::saturate).name;
    if (options.arrivals == plan::Arrivals::poisson && options.pacing != plan::Pacing::rate &&
        !sets_its_own_rate) {
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
    const Result<void> reachable = check_ways(options);
    if (!reachable) return reachable;
    const Result<void> secure = check_tls(options);
    if (!secure) return secure;
    if (options.slo_policy == plan::SloPolicy::abort && options.slos.empty())
        return usage_error("--abort-on-slo needs an --slo to fail");
    // What only shows in the program that they compile to is told before a file is emptied for the result.
    const auto program = plan::compile(options, options.seed.value_or(0));
    if (!program) return program.error();
    return check_files(options);
}

std::optional<std::string> read_variable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

}  // namespace

std::vector<RunOption> run_options_named(std::span<const std::string_view> names) {
    std::vector<RunOption> entries;
    for (const RunOption& entry : run_options()) {
        if (std::find(names.begin(), names.end(), entry.name) != names.end()) entries.push_back(entry);
    }
    return entries;
}

Environment read_environment() {
    return {read_variable("WS_URL"), read_variable("CONNECTIONS"), read_variable("MESSAGES")};
}

Result<plan::RunOptions> read_run(const RunWords& words, Command command, const Environment& environment) {
    const Result<void> compatible = check_company(words.given);
    if (!compatible) return compatible.error();
    std::vector<Given> all = weaker_settings(command, environment, words);
    all.insert(all.end(), words.given.begin(), words.given.end());
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

}  // namespace wsblast::app
