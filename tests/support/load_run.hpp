// Whole runs against the built-in target, over the kernel's TCP: what the tests of src/load/ share.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <catch2/catch.hpp>

#include "host/cpus.hpp"
#include "load/run.hpp"
#include "target/listener.hpp"
#include "target/server.hpp"

namespace wsblast::test {

// With faults, if asked for.
inline std::unique_ptr<target::Server> start_server(plan::FaultPlan faults = {}) {
    plan::ServeOptions options{.hosts = {"127.0.0.1"}, .port = 0, .cores = 1};
    options.faults = std::move(faults);
    auto server = target::Server::start(options, host::usable_cpus());
    REQUIRE(server.ok());
    return std::move(*server);
}

// 20 connections with 5 messages each, from seed 1.
inline plan::RunOptions options_for(std::uint16_t port, std::string_view path = "/ws") {
    plan::RunOptions options;
    options.urls = {"ws://127.0.0.1:" + std::to_string(port) + std::string(path)};
    options.cores = 1;
    options.connections = 20;
    options.messages = 5;
    options.seed = 1;
    return options;
}

// A port that nobody listens on.
inline std::uint16_t closed_port() {
    const auto listener = target::Listener::open({.hosts = {"127.0.0.1"}, .port = 0, .cores = 1});
    REQUIRE(listener.ok());
    return listener->port();
}

inline load::RunHooks quiet() {
    return {.show_progress = [](const stats::Progress&) {}, .stop_requested = [] { return false; }};
}

inline stats::RunResult run_to_end(const plan::RunOptions& options, const load::RunHooks& hooks = quiet()) {
    auto result = load::run(options, hooks);
    INFO((result.ok() ? "" : result.error().what));
    REQUIRE(result.ok());
    return std::move(*result);
}

// Without the closes that nobody answered in time: a busy machine is slower than that.
inline std::uint64_t errors_but_closes(const stats::CounterValues& counters) {
    return stats::errors_total(counters) - counters.error(stats::ErrorKind::close_timeout);
}

// The sums of stats/counters.hpp.
inline void check_sums(const stats::RunResult& result) {
    const stats::CounterValues& sum = result.counters;
    CHECK(sum.attempted == sum.successful + sum.failed);
    CHECK(sum.due == sum.sent + sum.unsent);
    CHECK(sum.sent == sum.received + sum.lost + stats::in_flight(sum));
    CHECK(sum.open == 0);
    CHECK((result.latency ? result.latency->count : 0) == sum.received + sum.censored);
}

}  // namespace wsblast::test
