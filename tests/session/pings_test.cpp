#include "session/pings.hpp"

#include <catch2/catch.hpp>

#include "tests/support/client_run.hpp"

using namespace wsblast;
using namespace wsblast::session;
using test::ClientRun;
using test::echo_options;

namespace {

// Connections that are held idle for a second, after one message each.
plan::RunOptions held_options() {
    plan::RunOptions options = echo_options();
    options.messages = 1;
    options.hold_ns = 1 * kSecond;
    options.message.ping_interval_ns = 100 * kMillisecond;
    options.message.pong_timeout_ns = 50 * kMillisecond;
    return options;
}

}  // namespace

TEST_CASE("pings: each connection is pinged at the interval, and its round trips are recorded",
          "[session][pings]") {
    ClientRun run(held_options());
    run.server.script.on_ping = [&](ConnectionId cid, const std::string& payload) {
        run.server.later(3 * kMillisecond, cid, [&run, cid, payload] {
            run.server.send(cid, {{proto::Opcode::pong, payload}});
        });
    };
    run.finish();
    const stats::CounterValues counters = run.counters();
    CHECK(counters.pings_sent >= 4 * 9);
    CHECK(counters.pings_sent <= 4 * 11);
    CHECK(counters.pings_answered == counters.pings_sent);
    CHECK(stats::errors_total(counters) == 0);
    const auto rtt = run.shard.ping_rtt.snapshot().summarize();
    REQUIRE(rtt);
    CHECK(rtt->count == counters.pings_answered);
    CHECK(rtt->min >= 3 * kMillisecond - 10 * kMicrosecond);
    CHECK(rtt->max < 4 * kMillisecond);
}

TEST_CASE("pings: who does not answer in time is closed, also while it is held", "[session][pings]") {
    ClientRun run(held_options());
    run.server.script.on_ping = [](ConnectionId, const std::string&) {};
    run.finish();
    CHECK(run.counters().pings_sent == 4);
    CHECK(run.counters().pings_answered == 0);
    CHECK(run.error(stats::ErrorKind::pong_timeout) == 4);
    CHECK(run.server.close_codes() == std::vector<std::uint16_t>(4, proto::close_code::kGoingAway));
}

TEST_CASE("pings: a pong that nobody asked for is none", "[session][pings]") {
    ClientRun run(held_options());
    run.server.script.on_ping = [&](ConnectionId cid, const std::string&) {
        run.server.send(cid, {{proto::Opcode::pong, "unasked"}});
    };
    run.finish();
    CHECK(run.counters().pings_answered == 0);
    CHECK(run.error(stats::ErrorKind::pong_timeout) == 4);
}

TEST_CASE("pings: none are sent unless they are asked for", "[session][pings]") {
    plan::RunOptions options = held_options();
    options.message.ping_interval_ns = 0;
    ClientRun run(options);
    bool pinged = false;
    run.server.script.on_ping = [&](ConnectionId, const std::string&) { pinged = true; };
    run.finish();
    CHECK_FALSE(pinged);
    CHECK(run.counters().pings_sent == 0);
    CHECK(stats::errors_total(run.counters()) == 0);
}
