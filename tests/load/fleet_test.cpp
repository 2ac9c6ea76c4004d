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
    CHECK(errors_but_closes(fleet->status().counters) == 0);
}

TEST_CASE("fleet: opening stops where it is, and goes on when more are asked for", "[load][fleet]") {
    const auto server = start_server();
    plan::RunOptions options = echo_fleet(server->port(), 2'000);
    options.connect_rate_per_s = 500;
    const auto fleet = start(options);
    fleet->open_to(2'000);
    await([&] { return fleet->status().started >= 20; });
    fleet->stop_opening();
    await([&] { return fleet->status().at_rest(); });
    const std::uint64_t open_then = fleet->status().counters.open;
    CHECK(open_then < 2'000);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK(fleet->status().counters.open == open_then);
    open(*fleet, open_then + 10);
    fleet->close({});
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

TEST_CASE("fleet: a round that is over early awaits what it has sent", "[load][fleet]") {
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
    CHECK(result.counters.received + result.counters.unsent == result.counters.due);
    CHECK(result.duration_s < 10);
    CHECK(*result.offered_per_s == Approx(1'000).epsilon(0.5));  // others may have the cores meanwhile
    CHECK_FALSE(result.interrupted);
    CHECK(play(*fleet, {.rate_per_s = 1'000, .duration_ns = 100 * kMs}).counters.received == 100);
}

TEST_CASE("fleet: answers to the warm-up are told as they come, apart from the others", "[load][fleet]") {
    const auto server = start_server();
    const auto fleet = start(echo_fleet(server->port(), 10));
    open(*fleet, 10);
    FleetHooks hooks;
    hooks.interval_ns = 50 * kMs;
    std::uint64_t warm = 0;
    hooks.round_is_over = [&](const RoundSoFar& so_far) {
        warm += so_far.warm_received;
        return false;
    };
    for (int i = 0; i < 2; ++i) {
        warm = 0;
        const stats::RunResult result = play(
            *fleet, {.rate_per_s = 1'000, .warmup_ns = 200 * kMs, .duration_ns = 400 * kMs}, hooks);
        CHECK(warm == 200);
        CHECK(result.warm_up->received == 200);
        CHECK(result.counters.received == 400);
    }
}

TEST_CASE("fleet: an interrupt ends the round and everything", "[load][fleet]") {
    const auto server = start_server();
    const auto fleet = start(echo_fleet(server->port(), 10));
    open(*fleet, 10);
    FleetHooks hooks;
    const auto received = [&] { return server->board().total(target::Count::messages_received); };
    hooks.stop_requested = [&] { return received() >= 30; };
    const stats::RunResult result = play(*fleet, {.rate_per_s = 1'000, .duration_ns = kMinute}, hooks);
    CHECK(result.interrupted);
    CHECK(result.counters.due >= 30);
    CHECK(result.counters.due < 60'000);
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

TEST_CASE("fleet: what is dropped comes back by its policy, over the same source ports", "[load][fleet]") {
    const auto server = start_server();
    plan::RunOptions options = echo_fleet(server->port(), 200);
    options.cores = 2;
    const auto fleet = start(options);
    open(*fleet, 200);
    const plan::Reconnect kind =
        GENERATE(plan::Reconnect::immediate, plan::Reconnect::exponential, plan::Reconnect::jittered);
    for (std::uint64_t storm = 1; storm <= 5; ++storm) {
        const TimeNs begun_ns = monotonic_now();
        fleet->drop({0.5, {kind, 50 * kMs, kSecond}});
        CHECK(fleet->status().dropped == storm * 100);
        await([&] { return fleet->status().at_rest(); });
        const TimeNs took_ns = monotonic_now() - begun_ns;
        if (kind == plan::Reconnect::exponential) CHECK(took_ns >= 50 * kMs);
        const FleetStatus status = fleet->status();
        CHECK(status.reopened == storm * 100);
        CHECK(status.reopen_failures == 0);
        CHECK(status.counters.open == 200);
        CHECK(status.counters.attempted == 200 + storm * 100);
        CHECK(status.opening_peak > 0);
        CHECK(status.opening_peak <= 100);
        CHECK(play(*fleet, {.rate_per_s = 2'000, .duration_ns = 100 * kMs}).counters.received == 200);
    }
    CHECK(errors_but_closes(fleet->status().counters) == 0);
}

TEST_CASE("fleet: a storm within a round loses what was open, and nothing else", "[load][fleet]") {
    const auto server = start_server();
    const auto fleet = start(echo_fleet(server->port(), 100));
    open(*fleet, 100);
    FleetHooks hooks;
    hooks.interval_ns = 100 * kMs;
    int calls = 0;
    hooks.round_is_over = [&](const RoundSoFar&) {
        if (++calls == 1) fleet->drop({0.3, {}});
        return false;
    };
    const stats::RunResult result = play(*fleet, {.rate_per_s = 2'000, .duration_ns = kSecond}, hooks);
    CHECK(result.counters.due == 2'000);
    CHECK(result.counters.sent == result.counters.received + result.counters.lost);
    CHECK(result.counters.lost == result.counters.error(ErrorKind::connection_lost));
    CHECK(result.counters.unsent > 0);
    CHECK(result.counters.received >= 1'400);  // those of the 70 that stayed
    await([&] { return fleet->status().at_rest(); });
    CHECK(fleet->status().reopened == 30);
    CHECK(play(*fleet, {.rate_per_s = 1'000, .duration_ns = 100 * kMs}).workload.connections == 100);
}

TEST_CASE("fleet: churn closes a share each second, and brings each back", "[load][fleet]") {
    const auto server = start_server();
    plan::RunOptions options = echo_fleet(server->port(), 100);
    options.cores = 2;
    const auto fleet = start(options);
    open(*fleet, 100);
    const TimeNs begun_ns = monotonic_now();
    fleet->churn(2);
    await([&] { return fleet->status().churned >= 100; });
    fleet->churn(0);
    await([&] { return fleet->status().at_rest(); });
    const FleetStatus status = fleet->status();
    // Twice 100 a second, and one of each core at once.
    const TimeNs took_ns = monotonic_now() - begun_ns;
    CHECK(status.churned <= 2 + 200 * took_ns / kSecond);
    CHECK(status.reopened == status.churned);
    CHECK(status.counters.open == 100);
    CHECK(status.counters.closed_by_peer == 0);
    CHECK(errors_but_closes(status.counters) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK(fleet->status().churned == status.churned);
    fleet->close({});
    CHECK(fleet->snapshot().closes.size() == 2);  // in churn, and at the end
}

TEST_CASE("fleet: connections that the target closes are lost at rest", "[load][fleet]") {
    auto server = start_server();
    const auto fleet = start(echo_fleet(server->port(), 30));
    open(*fleet, 30);
    server->stop();
    await([&] { return fleet->status().counters.open == 0; });
    const FleetStatus status = fleet->status();
    CHECK(status.lost_at_rest == 30);
    CHECK(status.counters.closed_by_peer == 30);
    CHECK(fleet->snapshot().closes ==
          stats::KeyCountValues{
              {stats::CloseKey{1001, stats::CloseBy::peer, stats::ClosePhase::hold}.pack(), 30}});
    CHECK_FALSE(fleet->round({.rate_per_s = 1, .duration_ns = kSecond}, {}).ok());
}

TEST_CASE("fleet: who lost an answer that tells nothing is replaced before the next round",
          "[load][fleet]") {
    plan::FaultPlan faults;
    faults.drop = 0.1;
    const auto server = start_server(faults);
    plan::RunOptions options = echo_fleet(server->port(), 20);
    options.answer_timeout_ns = 50 * kMs;
    const bool told = GENERATE(false, true);
    if (told) {
        options.message_kind = plan::MessageKind::text;
        options.message_text = R"({"seq":{{$seq}}})";
    }
    const auto fleet = start(options);
    open(*fleet, 20);
    std::uint64_t replaced = 0;
    for (int i = 0; i < 3; ++i) {
        const stats::RunResult result = play(*fleet, {.rate_per_s = 1'000, .duration_ns = 100 * kMs});
        CHECK(result.workload.connections == 20);
        CHECK(result.counters.due == 100);
        CHECK(result.counters.lost > 0);
        CHECK(result.counters.lost == result.counters.error(ErrorKind::answer_timeout));
        CHECK(result.counters.received == 100 - result.counters.lost);
        CHECK(result.warnings.empty());
        const FleetStatus status = fleet->status();
        CHECK(status.at_rest());
        CHECK(status.replaced - replaced <= (told ? 0 : result.counters.lost));
        CHECK((status.replaced > replaced) == !told);
        replaced = status.replaced;
        CHECK(status.counters.open == 20);
    }
}

TEST_CASE("fleet: YMERA messages, whose setup is answered before a round", "[load][fleet]") {
    const auto server = start_server();
    plan::RunOptions options = options_for(server->port());
    options.urls.push_back(options.urls.front());
    const auto fleet = start(options);
    open(*fleet, 20);
    CHECK(fleet->status().counters.setup_answered == 20);
    fleet->drop({0.5, {}});
    await([&] { return fleet->status().at_rest(); });
    for (int i = 0; i < 2; ++i) {
        const stats::RunResult result = play(*fleet, {.rate_per_s = 1'000, .duration_ns = 100 * kMs});
        CHECK(result.workload.connections == 20);
        CHECK(result.counters.received == 100);
        CHECK(result.by_type[0].type == "agent_message");
    }
    CHECK(fleet->status().counters.setup_sent == 30);
}
