// The options of `saturate`: its own, and those of `run` that say what is sent and where to.
#include <array>
#include <cmath>
#include <vector>

#include "app/fault_values.hpp"
#include "app/option_setters.hpp"
#include "app/option_table.hpp"
#include "app/option_values.hpp"
#include "app/watch_values.hpp"
#include "search/saturate.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

using plan::SaturateOptions;
using stats::LoadAxis;

// Besides the ways to targets.
constexpr std::array<std::string_view, 29> kOfRunForSaturate{
    "url",       "cores",        "connections",  "interval",        "rate",           "rate-per-connection",
    "arrivals",  "pipeline",     "connect-rate", "message",         "size",           "message-file",
    "setup",     "match",        "match-field",  "connect-timeout", "timestamps",     "answer-timeout",
    "source-ip", "source-ports", "header",       "subprotocol",     "seed",           "json",
    "slo",       "quiet",        "no-color",     "with-target",     "allow-saturated"};

constexpr std::array<std::pair<std::string_view, LoadAxis>, 4> kAxes{
    {{"rate", LoadAxis::rate},
     {"connections", LoadAxis::connections},
     {"size", LoadAxis::size},
     {"connect-rate", LoadAxis::connect_rate}}};

// "rate,connections" or "rate,connections=10..1000": searched along the first, for some values of the
// second.
Result<void> set_grid(SaturateOptions& options, const std::string& value) {
    const std::size_t comma = value.find(',');
    if (comma == std::string::npos) {
        return usage_error(
            text::format("'{}' names one axis; two are needed, as in rate,connections", value));
    }
    const std::size_t equal = std::min(value.find('='), value.size());
    plan::GridAxis axis;
    if (const auto first = choose(value.substr(0, comma), kAxes, options.over); !first) return first;
    const std::string second = value.substr(comma + 1, equal - std::min(equal, comma + 1));
    if (const auto named = choose(second, kAxes, axis.axis); !named) return named;
    if (axis.axis == LoadAxis::connect_rate || options.over == LoadAxis::connect_rate) {
        return usage_error("a grid has rate, connections and size; connect-rate is searched alone");
    }
    constexpr double kSpan = 100;
    axis.from = search::first_load(axis.axis);
    axis.to = kSpan * axis.from;
    if (equal < value.size()) {
        const auto range = parse_ramp_rate(value.substr(equal + 1));
        if (!range) return range.error();
        if (range->ramp_ns != 0 || range->from_per_s < 1 || range->to_per_s < range->from_per_s) {
            return usage_error(text::format(
                "'{}': from a value to one that is not below it, as in 10..1000", value.substr(equal + 1)));
        }
        axis.from = range->from_per_s;
        axis.to = range->to_per_s;
    }
    options.grid = axis;
    return {};
}

Result<void> set_precision(SaturateOptions& options, const std::string& value) {
    constexpr double kMin = 0.001;
    constexpr double kMax = 0.2;
    const auto share = parse_share(value);
    if (!share) return share.error();
    if (*share < kMin || *share > kMax) {
        return usage_error(text::format("'{}' is not between 0.1% and 20%", value));
    }
    options.precision = *share;
    return {};
}

constexpr SaturateOption kSaturateOptions[] = {
    {"over", "AXIS", "rate", "what is raised: rate, connections, size or connect-rate", Arity::once,
     [](SaturateOptions& o, const std::string& v) { return choose(v, kAxes, o.over); }},
    {"grid", "A,B[=X..Y]", "none",
     "search along A for values of B from X to Y, as in rate,connections=10..1000", Arity::once, set_grid},
    {"from", "LOAD", "100/s, 10 connections, 64 bytes", "the first load", Arity::once,
     [](SaturateOptions& o, const std::string& v) { return store(parse_rate(v), o.from); }},
    {"to", "LOAD", "none; of --size 49152", "no load is tried above it", Arity::once,
     [](SaturateOptions& o, const std::string& v) { return store(parse_rate(v), o.to); }},
    {"precision", "SHARE", "2%", "how narrow the knee is to be, as a share of it", Arity::once,
     set_precision},
    {"budget", "D", "5m", "the search ends after that long, with what it knows", Arity::once,
     [](SaturateOptions& o, const std::string& v) {
         return store(parse_positive_duration(v), o.budget_ns);
     }},
    {"step-min", "D", "1s", "the shortest that a step is measured", Arity::once,
     [](SaturateOptions& o, const std::string& v) {
         return store(parse_positive_duration(v), o.step_min_ns);
     }},
    {"step-max", "D", "10s", "the longest", Arity::once,
     [](SaturateOptions& o, const std::string& v) {
         return store(parse_positive_duration(v), o.step_max_ns);
     }},
    {"step-warmup", "D", "500ms", "sent before that, and left out", Arity::once,
     [](SaturateOptions& o, const std::string& v) { return store(parse_duration(v), o.step_warmup_ns); }},
    {"watch-pid", "PID", "who serves the target here", "the backend's process", Arity::once,
     [](SaturateOptions& o, const std::string& v) { return store(parse_watch_pid(v), o.watch.pid); }},
    {"watch-port", "PORT", "the target's", "the process that listens on it here", Arity::once,
     [](SaturateOptions& o, const std::string& v) { return store(parse_watch_port(v), o.watch.port); }},
    {"watch-cgroup", "GROUP", "none", "the processes of a control group, and what it accounts for",
     Arity::once,
     [](SaturateOptions& o, const std::string& v) { return store(parse_watch_cgroup(v), o.watch.cgroup); }},
    {"watch-prometheus", "URL", "none", "an endpoint with the backend's own metrics", Arity::once,
     [](SaturateOptions& o, const std::string& v) {
         return store(parse_watch_prometheus(v), o.watch.prometheus_url);
     }},
    {"watch-metric", "NAME", "CPU, memory and files of the process", "a metric of that endpoint",
     Arity::repeated,
     [](SaturateOptions& o, const std::string& v) {
         return append(parse_watch_metric(v), o.watch.metrics);
     }},
    {"profile", "", "off", "run perf on the backend at the knee and at half of it", Arity::flag,
     [](SaturateOptions& o, const std::string&) { return o.profile = true, Result<void>{}; }},
    {"profile-dir", "DIR", ".", "where the folded stacks of --profile go", Arity::once,
     [](SaturateOptions& o, const std::string& v) { return o.profile_dir = v, Result<void>{}; }},
};

}  // namespace

std::span<const SaturateOption> saturate_options() {
    return kSaturateOptions;
}

std::span<const std::string_view> saturate_run_options() {
    static const std::vector<std::string_view> kAll = with_ways(kOfRunForSaturate);
    return kAll;
}

}  // namespace wsblast::app
