#include "load/fleet.hpp"

#include <chrono>
#include <thread>

#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "tests/support/load_run.hpp"

using namespace wsblast;
using namespace wsblast::load;
using namespace wsblast::test;
using stats::ErrorKind;

namespace {

plan::RunOptions echo_fleet(std::uint16_t port, std::uint32_t connections) {
    plan::RunOptions options = options_for(port, "/echo");
    options.connections = connections;
    options.message_kind = plan::MessageKind::padding;
    options.message_size = 20;
    return options;
}

std::unique_ptr<Fleet> start(const plan::RunOptions& options) {
    auto fleet = Fleet::start(options);
    INFO((fleet.ok() ? "" : fleet.error().what));
    REQUIRE(fleet.ok());
    return std::move(*fleet);
}

// Until it holds, ten seconds at most.
template <class Holds>
void await(Holds&& holds) {
    const TimeNs until_ns = monotonic_now() + 10 * kSecond;
    while (!holds() && monotonic_now() < until_ns)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    REQUIRE(holds());
}

void open(Fleet& fleet, std::uint64_t connections) {
    fleet.open_to(connections);
    await([&] { return fleet.status().at_rest(); });
    REQUIRE(fleet.status().counters.open == connections);
}

stats::RunResult play(Fleet& fleet, const plan::Round& round, const FleetHooks& hooks = {}) {
    auto result = fleet.round(round, hooks);
    INFO((result.ok() ? "" : result.error().what));
    REQUIRE(result.ok());
    return std::move(*result);
}

constexpr TimeNs kMs = kMillisecond;

}  // namespace

TEST_CASE("fleet: connections are opened as far as they are asked for, and no further", "[load][fleet]") {
    const auto server = start_server();
    const auto fleet = start(echo_fleet(server->port(), 100));
    CHECK(fleet->status().counters.attempted == 0);
    open(*fleet, 30);
    CHECK(fleet->status().counters.attempted == 30);
    CHECK(fleet->status().started == 30);
    open(*fleet, 100);
    CHECK(fleet->status().counters.successful == 100);
    CHECK(fleet->snapshot().connect_total.count() == 100);
    fleet->close({});
    CHECK(fleet->status().counters.open == 0);
    CHECK(fleet->status().counters.closed_by_peer == 0);
    CHECK(stats::errors_total(fleet->status().counters) == 0);
}

TEST_CASE("fleet: each round has its own result, over the same connections", "[load][fleet]") {
    const auto server = start_server();
    plan::RunOptions options = echo_fleet(server->port(), 50);
    options.cores = 2;
    const auto fleet = start(options);
    open(*fleet, 50);
    const plan::Arrivals arrivals = GENERATE(plan::Arrivals::uniform, plan::Arrivals::poisson);
    for (const std::uint64_t messages : {200, 50, 400}) {
        const stats::RunResult result = play(*fleet, {.rate_per_s = static_cast<double>(messages) * 5,
                                                      .arrivals = arrivals,
                                                      .duration_ns = 200 * kMs});
        CHECK(result.counters.due == messages);
        CHECK(result.counters.sent == messages);
        CHECK(result.counters.received == messages);
        CHECK(result.latency->count == messages);
        CHECK(result.totals.send_lag.count() == messages);
        CHECK(result.counters.attempted == 0);
        CHECK(result.workload.connections == 50);
        CHECK(*result.offered_per_s == Approx(static_cast<double>(messages) * 5));
        CHECK(result.duration_s > 0.15);
        CHECK(result.duration_s < 5);
        CHECK(result.generator.cores.size() == std::min<std::size_t>(2, host::usable_cpus().size()));
        CHECK_FALSE(result.interrupted);
    }
    fleet->close({});
    CHECK(fleet->status().counters.attempted == 50);
}

TEST_CASE("fleet: a warm-up is left out of its round", "[load][fleet]") {
    const auto server = start_server();
    const auto fleet = start(echo_fleet(server->port(), 10));
    open(*fleet, 10);
    for (int i = 0; i < 2; ++i) {
        const stats::RunResult result =
            play(*fleet, {.rate_per_s = 1'000, .warmup_ns = 100 * kMs, .duration_ns = 200 * kMs});
        CHECK(result.counters.due == 200);
        CHECK(result.warm_up->sent == 100);
        CHECK(result.warm_up->received == 100);
        CHECK(*result.offered_per_s == Approx(1'000));
    }
}

TEST_CASE("fleet: one of every so many connections takes part", "[load][fleet]") {
    const auto server = start_server();
    const auto fleet = start(echo_fleet(server->port(), 100));
    open(*fleet, 100);
    const stats::RunResult result =
        play(*fleet, {.rate_per_s = 100, .duration_ns = 100 * kMs, .every = 10});
    CHECK(result.workload.connections == 10);
    CHECK(result.counters.received == 10);
}

TEST_CASE("fleet: a round that is over early has nothing lost and nothing unsent", "[load][fleet]") {
    const auto server = start_server();
    const auto fleet = start(echo_fleet(server->port(), 10));
    open(*fleet, 10);
    FleetHooks hooks;
    std::uint64_t seen = 0;
    hooks.interval_ns = 50 * kMs;
    hooks.round_is_over = [&](const RoundSoFar& so_far) {
        seen += so_far.interval.latency.count();
        return seen >= 500;
    };
    const stats::RunResult result = play(*fleet, {.rate_per_s = 1'000, .duration_ns = kMinute}, hooks);
    CHECK(seen >= 500);
    CHECK(result.counters.received >= 500);
    CHECK(result.counters.received == result.counters.due);
    CHECK(result.duration_s < 10);
    CHECK(*result.offered_per_s == Approx(1'000).epsilon(0.1));
    CHECK_FALSE(result.interrupted);
    CHECK(play(*fleet, {.rate_per_s = 1'000, .duration_ns = 100 * kMs}).counters.received == 100);
}

TEST_CASE("fleet: an interrupt ends the round and everything", "[load][fleet]") {
    const auto server = start_server();
    const auto fleet = start(echo_fleet(server->port(), 10));
    open(*fleet, 10);
    FleetHooks hooks;
    const TimeNs until_ns = monotonic_now() + 100 * kMs;
    hooks.stop_requested = [&] { return monotonic_now() >= until_ns; };
    const stats::RunResult result = play(*fleet, {.rate_per_s = 1'000, .duration_ns = kMinute}, hooks);
    CHECK(result.interrupted);
    CHECK(result.counters.due >= 30);
    CHECK(result.counters.due < 2'000);
    CHECK(result.counters.lost == 0);
    fleet->close(hooks);
    CHECK(fleet->status().counters.open == 0);
    CHECK_FALSE(fleet->round({.rate_per_s = 1, .duration_ns = kSecond}, {}).ok());
}

TEST_CASE("fleet: what cannot be a round is an error", "[load][fleet]") {
    const auto server = start_server();
    const auto fleet = start(echo_fleet(server->port(), 10));
    CHECK(fleet->round({.rate_per_s = 1, .duration_ns = kSecond}, {}).error().fault == Fault::environment);
    CHECK(fleet->round({.rate_per_s = 0, .duration_ns = kSecond}, {}).error().fault == Fault::usage);
    CHECK(fleet->round({.rate_per_s = 1, .duration_ns = 0}, {}).error().fault == Fault::usage);
    plan::RunOptions options = echo_fleet(server->port(), 10);
    options.listeners = 1;
    CHECK(Fleet::start(options).error().fault == Fault::usage);
}

TEST_CASE("fleet: connections that are refused have failed, and are not tried again", "[load][fleet]") {
    const auto fleet = start(echo_fleet(closed_port(), 20));
    fleet->open_to(20);
    await([&] { return fleet->status().at_rest(); });
    const FleetStatus status = fleet->status();
    CHECK(status.counters.attempted == 20);
    CHECK(status.counters.failed == 20);
    CHECK(status.counters.error(ErrorKind::refused) == 20);
}
