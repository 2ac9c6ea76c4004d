#include "session/pacer.hpp"

#include <catch2/catch.hpp>

#include "tests/support/client_run.hpp"

using namespace wsblast;
using namespace wsblast::test;

namespace {

plan::RunOptions one_connection(std::uint64_t messages) {
    plan::RunOptions options = echo_options();
    options.connections = 1;
    options.messages = messages;
    return options;
}

// Echoes after a while.
void echo_after(ClientRun& run, TimeNs delay_ns) {
    run.server.script.on_message = [&run, delay_ns](ConnectionId cid, const std::string& message) {
        run.server.later(delay_ns, cid, [&run, cid, message] {
            run.server.send(cid, {{proto::Opcode::binary, message}});
        });
    };
}

// Writes down when messages arrive, which over memory is when they were sent, from the start on; echoes.
void note_arrivals(ClientRun& run, std::vector<TimeNs>& arrivals) {
    run.server.script.on_message = [&](ConnectionId cid, const std::string& message) {
        arrivals.push_back(run.elapsed_ns());
        run.server.send(cid, {{proto::Opcode::binary, message}});
    };
}

}  // namespace

TEST_CASE("pacer: with an interval messages leave when they are due, answered or not", "[session][pacer]") {
    ClientRun run(one_connection(5));
    std::vector<TimeNs> arrivals;
    run.server.script.on_message = [&](ConnectionId cid, const std::string& message) {
        arrivals.push_back(run.elapsed_ns());
        run.server.later(kSecond, cid, [&run, cid, message] {
            run.server.send(cid, {{proto::Opcode::binary, message}});
        });
    };
    run.finish();
    CHECK(arrivals == std::vector<TimeNs>{0, 10 * kMs, 20 * kMs, 30 * kMs, 40 * kMs});
    CHECK(run.shard.latency.snapshot().min_ns() == kSecond);
    CHECK(run.shard.latency.snapshot().max_ns() == kSecond);
    CHECK(run.shard.send_lag.snapshot().max_ns() == 0);
}

TEST_CASE("pacer: a message that waits for a place keeps its due time", "[session][pacer]") {
    plan::RunOptions options = one_connection(5);
    options.pipeline = 1;
    ClientRun run(options);
    echo_after(run, 50 * kMs);
    run.finish();
    // Message k is due at 10 k, sent at 50 k and answered at 50 (k + 1) ms.
    const auto latency = run.shard.latency.snapshot().summarize();
    const auto service = run.shard.service_time.snapshot().summarize();
    const auto lag = run.shard.send_lag.snapshot().summarize();
    REQUIRE((latency && service && lag));
    CHECK(latency->min == 50 * kMs);
    CHECK(latency->max == (250 - 40) * kMs);
    CHECK(latency->mean == Approx((50 + 90 + 130 + 170 + 210) / 5 * 1e6));
    CHECK(service->min == 50 * kMs);
    CHECK(service->max == 50 * kMs);
    CHECK(lag->max == 160 * kMs);
    CHECK(lag->mean == Approx((0 + 40 + 80 + 120 + 160) / 5 * 1e6));
}

TEST_CASE("pacer: a late tick sends what was due with its own due times and moves nothing",
          "[session][pacer]") {
    ClientRun run(one_connection(6));
    std::vector<TimeNs> arrivals;
    note_arrivals(run, arrivals);
    run.run_until(5 * kMs);
    run.oversleep(30 * kMs);
    run.finish();
    CHECK(arrivals == std::vector<TimeNs>{0, 35 * kMs, 35 * kMs, 35 * kMs, 40 * kMs, 50 * kMs});
    const auto latency = run.shard.latency.snapshot().summarize();
    REQUIRE(latency);
    CHECK(latency->max == 25 * kMs);
    CHECK(latency->mean == Approx((25 + 15 + 5) / 6.0 * 1e6));
    CHECK(run.shard.send_lag.snapshot().summarize()->mean == Approx((25 + 15 + 5) / 6.0 * 1e6));
    CHECK(run.shard.service_time.snapshot().max_ns() == 0);
    CHECK(run.report.first_due_ns.get() == run.began_ns);
    CHECK(run.report.last_due_ns.get() == run.began_ns + 50 * kMs);
}

TEST_CASE("pacer: connections are spread evenly over the interval", "[session][pacer]") {
    plan::RunOptions options = echo_options();
    options.messages = 1;
    ClientRun run(options);
    std::vector<TimeNs> arrivals;
    note_arrivals(run, arrivals);
    run.finish();
    CHECK(arrivals == std::vector<TimeNs>{0, 2'500 * kMicrosecond, 5 * kMs, 7'500 * kMicrosecond});
}

TEST_CASE("pacer: in the closed loop a message is due when a place became free", "[session][pacer]") {
    plan::RunOptions options = one_connection(7);
    options.pacing = plan::Pacing::closed;
    options.interval_ns = 0;
    options.pipeline = GENERATE(1u, 3u, 100u);
    ClientRun run(options);
    echo_after(run, 20 * kMs);
    run.finish();
    CHECK(run.counters().received == 7);
    CHECK(run.shard.latency.snapshot().min_ns() == 20 * kMs);
    CHECK(run.shard.latency.snapshot().max_ns() == 20 * kMs);
    CHECK(run.shard.send_lag.snapshot().max_ns() == 0);
    const TimeNs rounds = (7 + *options.pipeline - 1) / *options.pipeline;
    CHECK(run.settled_ns == run.began_ns + rounds * 20 * kMs);
}

TEST_CASE("pacer: a duration ends the closed loop, and nothing was due that was not sent",
          "[session][pacer]") {
    plan::RunOptions options = one_connection(1);
    options.pacing = plan::Pacing::closed;
    options.messages.reset();
    options.duration_ns = 95 * kMs;
    ClientRun run(options);
    echo_after(run, 20 * kMs);
    run.finish();
    CHECK(run.counters().sent == 5);
    CHECK(run.counters().received == 5);
    CHECK(run.counters().unsent == 0);
    CHECK(run.settled_ns == run.began_ns + 100 * kMs);
}

TEST_CASE("pacer: what was due in the duration and found no place is unsent", "[session][pacer]") {
    plan::RunOptions options = one_connection(1);
    options.messages.reset();
    options.duration_ns = 95 * kMs;
    options.pipeline = 1;
    ClientRun run(options);
    echo_after(run, 40 * kMs);
    run.finish();
    CHECK(run.counters().due == 10);
    CHECK(run.counters().sent == 3);  // at 0, 40 and 80 ms
    CHECK(run.counters().unsent == 7);
    CHECK(run.counters().received == 3);
}

TEST_CASE("pacer: with a rate message i leaves at T0 + i/R, on connection i mod open", "[session][pacer]") {
    plan::RunOptions options = echo_options();
    options.pacing = plan::Pacing::rate;
    options.rate = plan::RateCurve::at(300);
    options.messages = 6;
    options.connect_rate_per_s = 2;
    ClientRun run(options);
    std::vector<TimeNs> arrivals;
    std::vector<ConnectionId> order;
    run.server.script.on_message = [&](ConnectionId cid, const std::string& message) {
        arrivals.push_back(run.elapsed_ns());
        order.push_back(cid);
        run.server.send(cid, {{proto::Opcode::binary, message}});
    };
    run.finish();
    const TimeNs t0 = run.gate_ns - run.began_ns;
    CHECK(t0 == 1'500 * kMs);  // the fourth connection, at 2 a second
    REQUIRE(arrivals.size() == 24);
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        CHECK(arrivals[i] == t0 + static_cast<TimeNs>(std::llround(static_cast<double>(i) * 1e9 / 300)));
        CHECK(order[i] == order[i % 4]);
    }
    CHECK(run.shard.latency.snapshot().max_ns() == 0);
}

TEST_CASE("pacer: a rate and a duration send R x duration messages", "[session][pacer]") {
    plan::RunOptions options = echo_options();
    options.connections = 7;
    options.pacing = plan::Pacing::rate;
    options.rate = plan::RateCurve::at(1000);
    options.messages.reset();
    options.duration_ns = 500 * kMs;
    ClientRun run(options);
    run.finish();
    CHECK(run.counters().due == 500);
    CHECK(run.counters().received == 500);
    CHECK(run.settled_ns < run.gate_ns + 500 * kMs);
}

TEST_CASE("pacer: a late tick does not move a rate's due times either", "[session][pacer]") {
    plan::RunOptions options = one_connection(10);
    options.pacing = plan::Pacing::rate;
    options.rate = plan::RateCurve::at(100);
    ClientRun run(options);
    std::vector<TimeNs> arrivals;
    note_arrivals(run, arrivals);
    run.run_until(15 * kMs);
    run.oversleep(40 * kMs);
    run.finish();
    CHECK(arrivals == std::vector<TimeNs>{0, 10 * kMs, 55 * kMs, 55 * kMs, 55 * kMs, 55 * kMs, 60 * kMs,
                                          70 * kMs, 80 * kMs, 90 * kMs});
    CHECK(run.shard.latency.snapshot().max_ns() == 35 * kMs);
}

TEST_CASE("pacer: without matching everything is sent and nothing awaited", "[session][pacer]") {
    plan::RunOptions options = echo_options();
    options.match = plan::MatchRule::none;
    options.pacing = GENERATE(plan::Pacing::interval, plan::Pacing::closed);
    ClientRun run(options);
    run.finish();
    CHECK(run.counters().sent == 20);
    CHECK(run.counters().received == 0);
    CHECK(run.counters().lost == 0);
    CHECK(run.server.messages().size() == 20);
}

TEST_CASE("pacer: a message whose turn has come and that finds no place is blocked, once",
          "[session][pacer]") {
    plan::RunOptions options = one_connection(10);
    options.pipeline = 1;
    ClientRun run(options);
    echo_after(run, 25 * kMs);
    run.finish();
    // Message 1 leaves at once; 2 and 3 become due while it is open, and all that follow wait as well.
    CHECK(run.counters().sent == 10);
    CHECK(run.counters().blocked == 9);
    CHECK(run.shard.blocked_lag.snapshot().count() == 9);
    CHECK(run.shard.blocked_lag.snapshot().min_ns() == 15 * kMs);
}

TEST_CASE("pacer: where every message finds a place none is blocked, however late the tick is",
          "[session][pacer]") {
    ClientRun run(one_connection(10));
    echo_after(run, kMs);
    run.run_until(15 * kMs);
    run.oversleep(40 * kMs);
    run.finish();
    CHECK(run.counters().sent == 10);
    CHECK(run.counters().blocked == 0);
}

TEST_CASE("pacer: sent and blocked make the rate times the duration, exactly", "[session][pacer]") {
    plan::RunOptions options = echo_options();
    options.connections = 3;
    options.pacing = plan::Pacing::rate;
    options.rate = plan::RateCurve::at(1000);
    options.arrivals = GENERATE(plan::Arrivals::uniform, plan::Arrivals::poisson);
    options.pipeline = 1;
    options.messages.reset();
    options.duration_ns = 300 * kMs;
    ClientRun run(options);
    echo_after(run, 50 * kMs);  // 60 a second, where 1,000 are wanted
    run.finish();
    CHECK(run.counters().due == 300);
    CHECK(run.counters().unsent > 250);
    CHECK(run.counters().blocked >= run.counters().unsent);
    CHECK(run.counters().blocked <= 300);
}

TEST_CASE("pacer: answers that take long never slow a rate down", "[session][pacer]") {
    plan::RunOptions options = echo_options();
    options.pacing = plan::Pacing::rate;
    options.rate = plan::RateCurve::at(1000);
    options.arrivals = GENERATE(plan::Arrivals::uniform, plan::Arrivals::poisson);
    options.messages.reset();
    options.duration_ns = 500 * kMs;
    ClientRun run(options);
    echo_after(run, 2 * kSecond);
    run.finish();
    CHECK(run.counters().sent == 500);
    CHECK(run.counters().blocked == 0);
    CHECK(run.shard.send_lag.snapshot().max_ns() == 0);
    CHECK(run.shard.latency.snapshot().max_ns() == 2 * kSecond);
}

TEST_CASE("pacer: the warm-up's messages come besides those that are asked for", "[session][pacer]") {
    plan::RunOptions options = echo_options();
    options.connections = 4;
    options.messages = 20;
    options.warmup_ns = 100 * kMs;
    options.pacing = GENERATE(plan::Pacing::interval, plan::Pacing::rate, plan::Pacing::closed);
    options.rate = plan::RateCurve::at(400);
    ClientRun run(options);
    echo_after(run, 10 * kMs);
    run.finish();
    CHECK(run.counters().sent == 80);
    CHECK(run.counters().received == 80);
    CHECK(run.warm.counters.sent.get() == 40);
    CHECK(run.warm.counters.received.get() == 40);
}

TEST_CASE("pacer: a rate may rise over the run", "[session][pacer]") {
    plan::RunOptions options = echo_options();
    options.connections = 2;
    options.pacing = plan::Pacing::rate;
    options.rate = {0, 1000, kSecond};
    options.messages.reset();
    options.duration_ns = kSecond;
    ClientRun run(options);
    std::vector<TimeNs> arrivals;
    note_arrivals(run, arrivals);
    run.finish();
    REQUIRE(arrivals.size() == 500);
    const TimeNs t0 = run.gate_ns - run.began_ns;
    const auto half =
        std::count_if(arrivals.begin(), arrivals.end(), [=](TimeNs at) { return at < t0 + 500 * kMs; });
    CHECK(half == 125);
}

TEST_CASE("pacer: what was due before the end is sent, though the last tick is late", "[session][pacer]") {
    plan::RunOptions options = echo_options();
    options.connections = 2;
    options.pacing = GENERATE(plan::Pacing::rate, plan::Pacing::interval);
    options.rate = plan::RateCurve::at(200);
    options.messages.reset();
    options.duration_ns = 100 * kMs;
    ClientRun run(options);
    run.run_until(52 * kMs);
    run.oversleep(200 * kMs);
    run.finish();
    CHECK(run.counters().sent == 20);
    CHECK(run.counters().unsent == 0);
    CHECK(run.counters().blocked == 0);
}
