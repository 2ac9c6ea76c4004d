// The options of `capacity`: its own, and those of `run` that say where connections go and what is asked.
#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "app/fault_values.hpp"
#include "app/option_setters.hpp"
#include "app/option_table.hpp"
#include "app/option_values.hpp"
#include "app/watch_values.hpp"
#include "base/limits.hpp"

namespace wsblast::app {

namespace {

using plan::CapacityOptions;
using plan::Reconnect;
using plan::ReconnectPolicy;

// Besides the ways to targets.
constexpr std::array<std::string_view, 20> kOfRunForCapacity{
    "url",          "cores",           "message",        "message-file",
    "size",         "setup",           "match",          "match-field",
    "connect-rate", "connect-timeout", "answer-timeout", "source-ip",
    "source-ports", "header",          "subprotocol",    "seed",
    "json",         "quiet",           "with-target",    "allow-saturated"};

constexpr TimeNs kFirstWaitNs = 1 * kSecond;
constexpr TimeNs kLongestWaitNs = 30 * kSecond;

// "5%/s": a share each second.
Result<double> parse_churn(std::string_view text) {
    constexpr std::string_view kPerSecond = "/s";
    if (!text.ends_with(kPerSecond))
        return usage_error("a share of the connections each second is needed, as in 5%/s");
    text.remove_suffix(kPerSecond.size());
    return parse_share(std::string(text));
}

// "jittered", "jittered:500ms", "jittered:500ms,30s".
Result<void> set_reconnect(CapacityOptions& options, const std::string& value) {
    constexpr std::array<std::pair<std::string_view, Reconnect>, 3> kNames{
        {{"immediate", Reconnect::immediate},
         {"exponential", Reconnect::exponential},
         {"jittered", Reconnect::jittered}}};
    ReconnectPolicy& policy = options.reconnect;
    const std::size_t colon = std::min(value.find(':'), value.size());
    const Result<void> named = choose(value.substr(0, colon), kNames, policy.kind);
    if (!named) return named;
    if (policy.kind == Reconnect::immediate) {
        if (colon < value.size()) return usage_error("immediate has no times");
        return {};
    }
    policy.first_ns = kFirstWaitNs;
    policy.max_ns = kLongestWaitNs;
    if (colon == value.size()) return {};
    const std::string times = value.substr(colon + 1);
    const std::size_t comma = std::min(times.find(','), times.size());
    const Result<void> first = store(parse_positive_duration(times.substr(0, comma)), policy.first_ns);
    if (!first) return first;
    policy.max_ns = std::max(policy.max_ns, policy.first_ns);
    if (comma == times.size()) return {};
    const Result<void> longest = store(parse_positive_duration(times.substr(comma + 1)), policy.max_ns);
    if (!longest) return longest;
    if (policy.max_ns < policy.first_ns)
        return usage_error("the longest wait is shorter than the first one");
    return {};
}

constexpr CapacityOption kCapacityOptions[] = {
    {"max", "N", "1000000", "open no more than that; given, fewer are a failure", Arity::once,
     [](CapacityOptions& o, const std::string& v) {
         return store(parse_bounded(v, {1, limits::kConnectionsMax}), o.connections_max);
     }},
    {"step", "N", "doubling from 1000", "connections from one plateau to the next", Arity::once,
     [](CapacityOptions& o, const std::string& v) {
         return store(parse_bounded(v, {1, limits::kConnectionsMax}), o.step);
     }},
    {"sample", "N", "1000", "connections that are asked for an answer at each plateau; 0: none",
     Arity::once,
     [](CapacityOptions& o, const std::string& v) {
         return store(parse_bounded(v, {0, limits::kConnectionsMax}), o.sample);
     }},
    {"hold", "D", "0", "hold them that long, and ask every 5 s", Arity::once,
     [](CapacityOptions& o, const std::string& v) { return store(parse_duration(v), o.hold_ns); }},
    {"churn", "SHARE/s", "none", "while they are held close and reopen so many, as in 5%/s", Arity::once,
     [](CapacityOptions& o, const std::string& v) { return store(parse_churn(v), o.churn_per_s); }},
    {"storm", "SHARE", "none", "at the end drop so many at once, as in 20%, and measure the way back",
     Arity::once,
     [](CapacityOptions& o, const std::string& v) { return store(parse_share(v), o.storm_share); }},
    {"reconnect", "POLICY", "immediate",
     "when they try again: immediate, exponential or jittered (jittered:1s,30s)", Arity::once,
     set_reconnect},
    {"watch-pid", "PID", "who serves the target here", "the backend's process", Arity::once,
     [](CapacityOptions& o, const std::string& v) { return store(parse_watch_pid(v), o.watch.pid); }},
    {"watch-port", "PORT", "the target's", "the process that listens on it here", Arity::once,
     [](CapacityOptions& o, const std::string& v) { return store(parse_watch_port(v), o.watch.port); }},
    {"watch-cgroup", "GROUP", "none", "the processes of a control group, and what it accounts for",
     Arity::once,
     [](CapacityOptions& o, const std::string& v) { return store(parse_watch_cgroup(v), o.watch.cgroup); }},
    {"watch-prometheus", "URL", "none", "an endpoint with the backend's own metrics", Arity::once,
     [](CapacityOptions& o, const std::string& v) {
         return store(parse_watch_prometheus(v), o.watch.prometheus_url);
     }},
    {"watch-metric", "NAME", "CPU, memory and files of the process", "a metric of that endpoint",
     Arity::repeated,
     [](CapacityOptions& o, const std::string& v) {
         return append(parse_watch_metric(v), o.watch.metrics);
     }},
    {"help", "", "off", "print this", Arity::flag,
     [](CapacityOptions&, const std::string&) { return Result<void>{}; }},
};

}  // namespace

std::span<const CapacityOption> capacity_options() {
    return kCapacityOptions;
}

std::span<const std::string_view> capacity_run_options() {
    static const std::vector<std::string_view> kAll = with_ways(kOfRunForCapacity);
    return kAll;
}

}  // namespace wsblast::app
