#include "load/outcome.hpp"

#include <vector>

#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "ring/features.hpp"
#include "tests/support/load_run.hpp"

using namespace wsblast;
using namespace wsblast::load;
using namespace wsblast::test;
using stats::ErrorKind;

namespace {

// Echoed padding by a rate, for a time.
plan::RunOptions by_rate(std::uint16_t port, double rate_per_s, TimeNs duration_ns) {
    plan::RunOptions options = options_for(port, "/echo");
    options.message_kind = plan::MessageKind::padding;
    options.message_size = 20;
    options.pacing = plan::Pacing::rate;
    options.rate = plan::RateCurve::at(rate_per_s);
    options.messages.reset();
    options.duration_ns = duration_ns;
    return options;
}

}  // namespace

TEST_CASE("outcome: a rate and a duration send their product, whatever the rate and the connections",
          "[load][outcome]") {
    const auto [rate, connections, sent] = GENERATE(table<double, std::uint32_t, std::uint64_t>(
        {{97, 1, 19}, {333.3, 7, 66}, {1'234.5, 19, 246}, {4'999.9, 20, 999}}));
    const auto server = start_server();
    plan::RunOptions options = by_rate(server->port(), rate, 200 * kMillisecond);
    options.connections = connections;
    options.arrivals = GENERATE(plan::Arrivals::uniform, plan::Arrivals::poisson);
    const stats::RunResult result = run_to_end(options);
    check_sums(result);
    CHECK(result.counters.sent == sent);
    CHECK(result.counters.received == sent);
    CHECK(*result.offered_per_s == static_cast<double>(sent));  // within less than a second
    CHECK(result.duration_s > 0.1);
}

TEST_CASE("outcome: seats that are lost before the start have no part in a rate, those lost later have",
          "[load][outcome]") {
    plan::FaultPlan faults;
    faults.close_after_ns = 250 * kMillisecond;  // of the connections, which come for 475 ms
    const auto server = start_server(faults);
    plan::RunOptions options = by_rate(server->port(), 777.7, 200 * kMillisecond);
    options.connect_rate_per_s = 40;
    options.arrivals = GENERATE(plan::Arrivals::uniform, plan::Arrivals::poisson);
    const stats::RunResult result = run_to_end(options);
    check_sums(result);
    CHECK(result.counters.successful == 20);
    CHECK(result.counters.error(ErrorKind::closed_by_peer) > 2);
    CHECK(result.counters.due == 155);
    CHECK(result.counters.sent > 0);
}

TEST_CASE("outcome: what is due in the warm-up is told apart and measured nowhere", "[load][outcome]") {
    const auto server = start_server();
    plan::RunOptions options = by_rate(server->port(), 1'000, 200 * kMillisecond);
    options.warmup_ns = 150 * kMillisecond;
    options.arrivals = GENERATE(plan::Arrivals::uniform, plan::Arrivals::poisson);
    const stats::RunResult result = run_to_end(options);
    check_sums(result);
    REQUIRE(result.warm_up.has_value());
    CHECK(result.warm_up->duration_s == 0.15);
    CHECK(result.warm_up->sent == 150);
    CHECK(result.warm_up->received == 150);
    CHECK(result.warm_up->lost == 0);
    CHECK(result.counters.sent == 200);
    CHECK(result.latency->count == 200);
    CHECK(result.generator.send_lag->count == 200);
    CHECK(result.workload.warmup_s == 0.15);
    CHECK(result.duration_s > 0.1);  // from the end of the warm-up on
    CHECK_FALSE(run_to_end(by_rate(server->port(), 100, 50 * kMillisecond)).warm_up.has_value());
}

TEST_CASE("outcome: a hold that is interrupted is in no figure", "[load][outcome]") {
    const auto server = start_server();
    plan::RunOptions options = by_rate(server->port(), 1'000, 200 * kMillisecond);
    options.hold_ns = kMinute;
    RunHooks hooks = quiet();
    TimeNs held_ns = 0;
    hooks.show_progress = [&](const stats::Progress& progress) {
        if (progress.phase == stats::RunPhase::holding && held_ns == 0) held_ns = monotonic_now();
    };
    hooks.stop_requested = [&] { return held_ns != 0 && monotonic_now() - held_ns > kSecond; };
    const TimeNs began_ns = monotonic_now();
    const stats::RunResult result = run_to_end(options, hooks);
    const TimeNs took_ns = monotonic_now() - began_ns;
    check_sums(result);
    CHECK(result.interrupted);
    CHECK(result.counters.received == 200);
    CHECK(result.duration_s < static_cast<double>(took_ns - kSecond) / kSecond);
}

TEST_CASE("outcome: of a run that is interrupted in its warm-up nothing was measured", "[load][outcome]") {
    const auto server = start_server();
    plan::RunOptions options = by_rate(server->port(), 1'000, kSecond);
    options.warmup_ns = kMinute;
    RunHooks hooks = quiet();
    const auto received = [&] { return server->board().total(target::Count::messages_received); };
    hooks.stop_requested = [&] { return received() > 0; };
    const stats::RunResult result = run_to_end(options, hooks);
    check_sums(result);
    CHECK(result.interrupted);
    CHECK(result.warm_up->sent > 0);
    CHECK(result.counters.due == 0);
    CHECK(result.duration_s == 0);
    CHECK_FALSE(result.latency.has_value());
    CHECK_FALSE(stats::received_per_s(result).has_value());
}

TEST_CASE("outcome: messages are told by their type, which here is one", "[load][outcome]") {
    const auto server = start_server();
    plan::RunOptions options = options_for(server->port());
    std::string type = "agent_message";
    SECTION("the default") {}
    SECTION("one's own") {
        options.message_kind = plan::MessageKind::text;
        options.message_text = R"({"type":"order","id":{{$seq}}})";
        type = "order";
    }
    SECTION("none") {
        options.message_kind = plan::MessageKind::text;
        options.message_text = "hello";
        options.urls = options_for(server->port(), "/echo").urls;
        type = "message";
    }
    const stats::RunResult result = run_to_end(options);
    REQUIRE(result.by_type.size() == 1);
    CHECK(result.by_type[0].type == type);
    CHECK(result.by_type[0].counters.sent == 100);
    CHECK(result.by_type[0].counters.received == 100);
    CHECK(result.by_type[0].latency->max == result.latency->max);
}

TEST_CASE("outcome: the workload is told as it was asked for", "[load][outcome]") {
    const auto server = start_server();
    plan::RunOptions options = by_rate(server->port(), 10, 50 * kMillisecond);
    options.rate = {10, 60, 50 * kMillisecond};
    options.rate_scope = plan::RateScope::per_connection;
    options.arrivals = plan::Arrivals::poisson;
    options.pipeline = 9;
    stats::WorkloadInfo workload = run_to_end(options).workload;
    CHECK(workload.rate_per_s == 200);
    CHECK(workload.rate_to_per_s == 1'200);
    CHECK(workload.arrivals == "poisson");
    CHECK(workload.pipeline == 9u);
    CHECK(workload.match == "fifo");
    CHECK(workload.timestamps == "user");
    CHECK_FALSE(workload.messages_per_connection.has_value());
    CHECK_FALSE(workload.interval_s.has_value());
    options = options_for(server->port());
    options.pacing = plan::Pacing::closed;
    workload = run_to_end(options).workload;
    CHECK(workload.loop == stats::Loop::closed);
    CHECK(workload.interval_s == 0);
    CHECK(workload.match == "ymera");
    CHECK(workload.arrivals.empty());
    CHECK_FALSE(workload.rate_per_s.has_value());
}

TEST_CASE("outcome: with the kernel's clock it is told how late user space was", "[load][outcome]") {
    const auto server = start_server();
    plan::RunOptions options = by_rate(server->port(), 500, 200 * kMillisecond);
    options.timestamps = plan::Timestamps::kernel;
    const stats::RunResult result = run_to_end(options);
    check_sums(result);
    CHECK(result.workload.timestamps == "kernel");
    REQUIRE(result.stamps.has_value());
    REQUIRE(result.stamps->receive_delay.has_value());
    CHECK(result.stamps->receive_delay->count + result.stamps->shared > 50);
    CHECK_FALSE(run_to_end(options_for(server->port())).stamps.has_value());
}

TEST_CASE("outcome: TCP is asked about some of the connections", "[load][outcome]") {
    const auto features = ring::probe_features();
    REQUIRE(features.ok());
    const auto server = start_server();
    const stats::RunResult result = run_to_end(options_for(server->port()));
    REQUIRE(result.tcp.has_value() == (features->inspection != ring::Inspection::none));
    if (!result.tcp) return;
    CHECK(result.tcp->sampled == 20);
    CHECK(result.tcp->rtt->count == 20);
}

TEST_CASE("outcome: deliveries are counted against those that were to be expected", "[load][outcome]") {
    const auto server = start_server();
    plan::RunOptions options = options_for(server->port(), "/echo");  // which passes nothing on
    options.connections = 2;
    options.listeners = 3;
    options.answer_timeout_ns = 100 * kMillisecond;
    const stats::RunResult result = run_to_end(options);
    check_sums(result);
    REQUIRE(result.fan_out.has_value());
    CHECK(result.fan_out->listeners == 3);
    CHECK(result.fan_out->published == 10);
    CHECK(result.fan_out->expected == 30);
    CHECK(result.fan_out->delivered == 0);
    CHECK(result.fan_out->incomplete == 10);
    CHECK_FALSE(result.fan_out->latency.has_value());
    CHECK_FALSE(result.fan_out->spread.has_value());
    CHECK(result.counters.unexpected == 0);
    CHECK(result.counters.successful == 5);
    CHECK_FALSE(run_to_end(options_for(server->port())).fan_out.has_value());
}

TEST_CASE("outcome: deliveries that come are measured, message by message", "[load][outcome]") {
    const auto server = start_server();
    plan::RunOptions options = options_for(server->port(), "/broadcast");
    options.cores = 2;
    options.connections = 2;
    options.listeners = 7;
    options.answer_timeout_ns = kMinute;
    const stats::RunResult result = run_to_end(options);
    check_sums(result);
    REQUIRE(result.fan_out.has_value());
    CHECK(result.fan_out->published == 10);
    CHECK(result.fan_out->expected == 70);
    CHECK(result.fan_out->delivered == 70);
    CHECK(result.fan_out->incomplete == 0);
    CHECK(result.fan_out->duplicates + result.fan_out->out_of_order == 0);
    CHECK(result.fan_out->latency->count == 70);
    CHECK(result.fan_out->spread->count == 10);
    CHECK(result.totals.push_spread.count() == 10);
    CHECK(result.counters.unexpected == 0);
}
