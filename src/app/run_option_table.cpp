// The options of `run` and its presets that say what load it makes and what becomes of the result.
#include <array>
#include <utility>

#include "app/access_values.hpp"
#include "app/option_setters.hpp"
#include "app/option_table.hpp"
#include "app/option_values.hpp"
#include "base/limits.hpp"
#include "proto/secrets.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

using plan::RunOptions;

Result<void> set_interval(RunOptions& options, const std::string& value) {
    const Result<void> stored = store(parse_duration(value), options.interval_ns);
    options.pacing = options.interval_ns == 0 ? plan::Pacing::closed : plan::Pacing::interval;
    return stored;
}

Result<void> set_rate(RunOptions& options, const std::string& value) {
    const Result<double> rate = parse_rate(value);
    if (!rate) return rate.error();
    options.pacing = plan::Pacing::rate;
    options.rate = plan::RateCurve::at(*rate);
    return {};
}

Result<void> set_rate_per_connection(RunOptions& options, const std::string& value) {
    options.rate_scope = plan::RateScope::per_connection;
    return set_rate(options, value);
}

Result<void> set_ramp_rate(RunOptions& options, const std::string& value) {
    options.pacing = plan::Pacing::rate;
    return store(parse_ramp_rate(value), options.rate);
}

Result<void> set_arrivals(RunOptions& options, const std::string& value) {
    using plan::Arrivals;
    constexpr std::array<std::pair<std::string_view, Arrivals>, 2> kNames{
        {{"uniform", Arrivals::uniform}, {"poisson", Arrivals::poisson}}};
    return choose(value, kNames, options.arrivals);
}

Result<void> set_match_field(RunOptions& options, const std::string& value) {
    options.match = plan::MatchRule::field;
    return store(parse_pointers(value), options.match_field);
}

Result<void> set_timestamps(RunOptions& options, const std::string& value) {
    using plan::Timestamps;
    constexpr std::array<std::pair<std::string_view, Timestamps>, 2> kNames{
        {{"user", Timestamps::user}, {"kernel", Timestamps::kernel}}};
    return choose(value, kNames, options.timestamps);
}

Result<void> set_pipeline(RunOptions& options, const std::string& value) {
    const Result<std::uint64_t> places = parse_bounded(value, {1, kAny});
    if (!places) return places.error();
    options.pipeline = static_cast<std::uint32_t>(*places);
    return {};
}

Result<void> set_message(RunOptions& options, const std::string& value) {
    options.message_kind = plan::MessageKind::text;
    return store(parse_message(value), options.message_text);
}

Result<void> set_message_file(RunOptions& options, const std::string& value) {
    options.message_kind = plan::MessageKind::text;
    return store(read_message_file(value), options.message_text);
}

Result<void> set_size(RunOptions& options, const std::string& value) {
    options.message_kind = plan::MessageKind::padding;
    return store(parse_bounded(value, {0, limits::kSentMessageMax}), options.message_size);
}

Result<void> set_match(RunOptions& options, const std::string& value) {
    using plan::MatchRule;
    constexpr std::array<std::pair<std::string_view, MatchRule>, 4> kNames{{{"ymera", MatchRule::ymera},
                                                                            {"seq", MatchRule::seq},
                                                                            {"fifo", MatchRule::fifo},
                                                                            {"none", MatchRule::none}}};
    return choose(value, kNames, options.match);
}

Result<void> set_fail_on(RunOptions& options, const std::string& value) {
    using plan::FailOn;
    constexpr std::array<std::pair<std::string_view, FailOn>, 3> kNames{
        {{"warning", FailOn::warning}, {"critical", FailOn::critical}, {"never", FailOn::never}}};
    return choose(value, kNames, options.fail_on);
}

Result<void> add_header(RunOptions& options, const std::string& value) {
    const Result<plan::Header> header = parse_header(value);
    if (!header) return header.error();
    options.headers.push_back(*header);
    return {};
}

Result<void> add_sources(RunOptions& options, const std::string& value) {
    const Result<std::vector<Endpoint>> sources = parse_sources(value);
    if (!sources) return sources.error();
    options.source_addresses.insert(options.source_addresses.end(), sources->begin(), sources->end());
    return {};
}

Result<void> set_json(RunOptions& options, const std::string& value) {
    if (value.empty()) return usage_error("it needs a path, or - for standard output");
    options.json_path = value;
    return {};
}

Result<void> set_path(const std::string& value, std::string& place) {
    if (value.empty() || value == "-") return usage_error("it needs the path of a file");
    place = value;
    return {};
}

// Every setter below is one line: the value's form, and the place that it goes to.
constexpr RunOption kWorkloadOptions[] = {
    {"url", "URL", "$WS_URL, else ws://localhost:8000/ws", "target; several: connections take them in turn",
     Arity::repeated, [](RunOptions& o, const std::string& v) { return append(parse_target(v), o.urls); },
     [](const std::string& v) { return proto::shown_url(v); }},
    {"cores", "N", "all", "engine threads, one per core, pinned", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(parse_bounded(v, {1, kAny}), o.cores);
     }},
    {"connections", "N", "$CONNECTIONS, else 100", "held open at the same time", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(parse_bounded(v, {1, limits::kConnectionsMax}), o.connections);
     }},
    {"listen", "N", "0", "connections besides, which only receive", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(parse_bounded(v, {0, limits::kConnectionsMax}), o.listeners);
     }},
    {"messages", "M", "$MESSAGES, else 10", "messages per connection", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_count(v), o.messages); }},
    {"duration", "D", "none", "instead of --messages: send for that long", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_positive_duration(v), o.duration_ns); }},
    {"interval", "D", "10ms", "a connection's messages are due D apart; 0: closed loop", Arity::once,
     set_interval},
    {"rate", "R", "none", "instead of --interval: R messages/s over all connections", Arity::once,
     set_rate},
    {"rate-per-connection", "R", "none", "instead of --rate: R messages/s over each connection",
     Arity::once, set_rate_per_connection},
    {"ramp-rate", "A..B[@D]", "none", "instead of --rate: from A to B messages/s within D (or --duration)",
     Arity::once, set_ramp_rate},
    {"arrivals", "LAW", "uniform", "when messages of a rate are due: uniform or poisson", Arity::once,
     set_arrivals},
    {"warmup", "D", "0", "send for that long first, and leave it out of the result", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_duration(v), o.warmup_ns); }},
    {"pipeline", "K", "1 in the closed loop, else unlimited", "unanswered messages a connection may have",
     Arity::once, set_pipeline},
    {"connect-rate", "C", "as fast as accepted", "new connections/s", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_rate(v), o.connect_rate_per_s); }},
    {"hold", "D", "0", "keep idle connections open that long after the last message", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_duration(v), o.hold_ns); }},
    {"message", "TEXT", "the YMERA agent_message", "what is sent", Arity::once, set_message},
    {"message-file", "F", "none", "what is sent, from a file", Arity::once, set_message_file},
    {"size", "BYTES", "none", "send that many bytes of padding (at most 49152), to /echo by default",
     Arity::once, set_size},
    {"setup", "TEXT", "the YMERA subscription with a YMERA message, else nothing",
     "sent once per connection before the messages, and awaited", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_message(v), o.setup); }},
    {"match", "RULE", "by the message", "how answers are found: ymera, seq, fifo or none", Arity::once,
     set_match},
    {"match-field", "P[,Q]", "none", "by the JSON value at P of the message, at Q (or P) of the answer",
     Arity::once, set_match_field},
    {"connect-timeout", "D", "10s", "from the first SYN to the upgrade", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(parse_positive_duration(v), o.connect_timeout_ns);
     }},
    {"answer-timeout", "D", "5s", "from a message to its answer", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(parse_positive_duration(v), o.answer_timeout_ns);
     }},
    {"timestamps", "CLOCK", "user", "whose clock says when answers came: user or kernel", Arity::once,
     set_timestamps},
    {"source-ip", "A[,B...]", "automatic", "local addresses to connect from, ranges as 10.0.0.0/24 too",
     Arity::repeated, add_sources},
    {"source-ports", "A-B", "automatic", "local ports to connect from", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_ports(v), o.source_ports); }},
    {"header", "\"K: V\"", "none", "header of the upgrade request", Arity::repeated, add_header,
     shown_header},
    {"subprotocol", "P", "none", "subprotocol to offer", Arity::repeated,
     [](RunOptions& o, const std::string& v) { return append(Result<std::string>(v), o.subprotocols); }},
    {"seed", "S", "random, printed", "everything random comes from it", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_seed(v), o.seed); }},
    {"json", "FILE", "none", "write the result as JSON; - is standard output", Arity::once, set_json},
    {"timeseries", "FILE", "none", "write a line of JSON for each second, as the run goes", Arity::once,
     [](RunOptions& o, const std::string& v) { return set_path(v, o.timeseries_path); }},
    {"hlog", "FILE", "none", "write an HdrHistogram interval log, as the run goes", Arity::once,
     [](RunOptions& o, const std::string& v) { return set_path(v, o.hlog_path); }},
    {"slo", "CHECK", "none", "exit 1 unless it holds: 'p99<50ms', 'p99@10s<100ms', 'error_rate<0.1%'",
     Arity::repeated,
     [](RunOptions& o, const std::string& v) { return append(stats::parse_slo(v), o.slos); }},
    {"abort-on-slo", "", "off", "end the run when a check has failed", Arity::flag,
     [](RunOptions& o, const std::string&) {
         o.slo_policy = plan::SloPolicy::abort;
         return Result<void>{};
     }},
    {"quiet", "", "off", "no progress", Arity::flag,
     [](RunOptions& o, const std::string&) {
         o.progress = plan::ProgressStyle::quiet;
         return Result<void>{};
     }},
    {"no-color", "", "off", "no colours", Arity::flag,
     [](RunOptions& o, const std::string&) {
         o.colour = plan::ColourChoice::never;
         return Result<void>{};
     }},
    {"with-target", "", "off", "start the built-in target for the run and blast that", Arity::flag,
     [](RunOptions& o, const std::string&) {
         o.target = plan::TargetChoice::built_in;
         return Result<void>{};
     }},
    {"allow-saturated", "", "off", "do not exit 4 when the generator is the bottleneck", Arity::flag,
     [](RunOptions& o, const std::string&) {
         o.saturation = plan::SaturationPolicy::allow;
         return Result<void>{};
     }},
    {"fail-on", "VERDICT", "critical", "mildest verdict to exit 1 for: warning, critical or never",
     Arity::once, set_fail_on},
};

}  // namespace

std::span<const RunOption> workload_options() {
    return kWorkloadOptions;
}

}  // namespace wsblast::app
