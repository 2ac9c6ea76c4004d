#include "session/clients.hpp"

#include <map>
#include <utility>

#include <catch2/catch.hpp>

#include "tests/support/client_run.hpp"

using namespace wsblast;
using namespace wsblast::test;
using stats::ErrorKind;

namespace {

// The default workload: a subscription, then agent_messages 10 ms apart.
plan::RunOptions ymera_options() {
    plan::RunOptions options = echo_options();
    options.message_kind = plan::MessageKind::ymera;
    return options;
}

void answer_as_ymera(ClientRun& run) {
    run.server.script.on_message = [&run](ConnectionId cid, const std::string& message) {
        run.server.answer_ymera(cid, message);
    };
}

// Answers the subscription; `act` sees every message after it.
template <class Act>
void after_setup(ClientRun& run, Act act) {
    run.server.script.on_message = [&run, act](ConnectionId cid, const std::string& message) {
        if (message.find("subscribe") != std::string::npos) return run.server.answer_ymera(cid, message);
        act(cid, message);
    };
}

}  // namespace

TEST_CASE("clients: a run under every pacing answers every message", "[session][clients]") {
    plan::RunOptions options = GENERATE(echo_options(), ymera_options());
    SECTION("interval") {}
    SECTION("interval and pipeline") {
        options.pipeline = 1;
    }
    SECTION("closed loop") {
        options.pacing = plan::Pacing::closed;
    }
    SECTION("closed loop and pipeline") {
        options.pacing = plan::Pacing::closed;
        options.pipeline = 16;
    }
    SECTION("rate") {
        options.pacing = plan::Pacing::rate;
        options.rate = plan::RateCurve::at(1000);
    }
    SECTION("hold") {
        options.hold_ns = kSecond;
    }
    ClientRun run(options);
    if (options.message_kind == plan::MessageKind::ymera) answer_as_ymera(run);
    run.finish();
    CHECK(run.counters().successful == 4);
    CHECK(run.counters().open_peak == 4);
    CHECK(run.counters().received == 20);
    CHECK(run.counters().unexpected == 0);
    CHECK(stats::errors_total(run.counters()) == 0);
    CHECK(run.elapsed_ns() == run.settled_ns - run.began_ns + options.hold_ns);
    CHECK(run.server.open_peak() == 4);
}

TEST_CASE("clients: connections stay open until every other one is settled", "[session][clients]") {
    plan::RunOptions options = echo_options();
    options.connect_rate_per_s = 1;
    ClientRun run(options);
    run.run_until(2'900 * kMs);
    CHECK(run.server.open() == 3);
    CHECK(run.counters().settled == 3);
    run.finish();
    CHECK(run.server.open_peak() == 4);
    CHECK(run.elapsed_ns() >= 3 * kSecond);
}

TEST_CASE("clients: the setup is sent once, awaited, and in no message counter", "[session][clients]") {
    ClientRun run(ymera_options());
    answer_as_ymera(run);
    run.finish();
    CHECK(run.counters().setup_sent == 4);
    CHECK(run.counters().setup_answered == 4);
    CHECK(run.counters().sent == 20);
    CHECK(run.server.messages().size() == 24);
}

TEST_CASE("clients: messages wait for the setup's answer, and their schedule begins with it",
          "[session][clients]") {
    plan::RunOptions options = ymera_options();
    options.connections = 1;
    ClientRun run(options);
    run.server.script.on_message = [&](ConnectionId cid, const std::string& message) {
        run.server.later(300 * kMs, cid, [&run, cid, message] { run.server.answer_ymera(cid, message); });
    };
    run.run_until(299 * kMs);
    CHECK(run.server.messages().size() == 1);
    run.finish();
    CHECK(run.report.first_due_ns.get() == run.began_ns + 300 * kMs);
    CHECK(run.shard.latency.snapshot().max_ns() == 300 * kMs);
}

TEST_CASE("clients: pushes before the setup's answer do not answer it", "[session][clients]") {
    ClientRun run(ymera_options());
    run.server.script.on_message = [&](ConnectionId cid, const std::string& message) {
        run.server.send_text(cid, R"({"type":"metrics"})");
        run.server.answer_ymera(cid, message);
    };
    run.finish();
    CHECK(run.counters().setup_answered == 4);
    CHECK(run.counters().unexpected == 24);
    CHECK(run.counters().received == 20);
}

TEST_CASE("clients: a setup that is not answered in time ends the connection, which was successful",
          "[session][clients]") {
    plan::RunOptions options = ymera_options();
    options.answer_timeout_ns = 2 * kSecond;
    ClientRun run(options);
    run.server.script.on_message = [](ConnectionId, const std::string&) {};
    run.finish();
    CHECK(run.error(ErrorKind::setup_timeout) == 4);
    CHECK(run.counters().successful == 4);
    CHECK(run.counters().unsent == 20);
    CHECK(run.counters().sent == 0);
    CHECK(run.elapsed_ns() == 2 * kSecond);
}

TEST_CASE("clients: a setup that is refused ends the connection", "[session][clients]") {
    ClientRun run(ymera_options());
    run.server.script.on_message = [&](ConnectionId cid, const std::string&) {
        run.server.send_text(cid, R"({"type":"error","message":"unknown channel"})");
    };
    run.finish();
    CHECK(run.error(ErrorKind::setup_refused) == 4);
    CHECK(run.counters().unsent == 20);
    CHECK(run.counters().setup_answered == 0);
}

TEST_CASE("clients: a message without an answer is lost, one that comes later is late",
          "[session][clients]") {
    plan::RunOptions options = GENERATE(echo_options(), ymera_options());
    options.connections = 1;
    options.answer_timeout_ns = kSecond;
    ClientRun run(options);
    after_setup(run, [&](ConnectionId cid, const std::string& message) {
        const bool first = run.server.messages().size() <= 2 && run.counters().sent == 1;
        run.server.later(first ? 1'500 * kMs : 0, cid, [&run, cid, message] {
            if (message.front() == '{') return run.server.answer_ymera(cid, message);
            run.server.send(cid, {{proto::Opcode::binary, message}});
        });
    });
    run.finish();
    CHECK(run.counters().sent == 5);
    CHECK(run.counters().lost >= 1);
    CHECK(run.error(ErrorKind::answer_timeout) == run.counters().lost);
    CHECK(run.settled_ns >= run.began_ns + kSecond);
    if (options.message_kind == plan::MessageKind::ymera) CHECK(run.counters().received == 4);
}

TEST_CASE("clients: a late answer is counted while connections are held", "[session][clients]") {
    plan::RunOptions options = ymera_options();
    options.messages = 1;
    options.answer_timeout_ns = kSecond;
    options.hold_ns = 5 * kSecond;
    ClientRun run(options);
    after_setup(run, [&](ConnectionId cid, const std::string& message) {
        run.server.later(3 * kSecond, cid, [&run, cid, message] { run.server.answer_ymera(cid, message); });
    });
    run.finish();
    CHECK(run.counters().lost == 4);
    CHECK(run.counters().late == 4);
    CHECK(run.counters().unexpected == 0);
    CHECK(run.settled_ns == run.began_ns + 7'500 * kMicrosecond + kSecond);
}

TEST_CASE("clients: in the closed loop a lost message frees its place", "[session][clients]") {
    plan::RunOptions options = echo_options();
    options.connections = 1;
    options.messages = 3;
    options.pacing = plan::Pacing::closed;
    options.answer_timeout_ns = kSecond;
    ClientRun run(options);
    run.server.script.on_message = [](ConnectionId, const std::string&) {};
    run.finish();
    CHECK(run.error(ErrorKind::answer_timeout) == 3);
    CHECK(run.settled_ns == run.began_ns + 3 * kSecond);
}

TEST_CASE("clients: answers by number may come in any order", "[session][clients]") {
    ClientRun run(ymera_options());
    after_setup(run, [&](ConnectionId cid, const std::string& message) {
        const TimeNs delay_ns = run.server.messages().size() % 3 * 25 * kMs;
        run.server.later(delay_ns, cid, [&run, cid, message] { run.server.answer_ymera(cid, message); });
    });
    run.finish();
    CHECK(run.counters().received == 20);
    CHECK(run.counters().unexpected == 0);
    CHECK(run.shard.latency.snapshot().max_ns() == 50 * kMs);
    CHECK(run.shard.latency.snapshot().min_ns() == 0);
}

TEST_CASE("clients: unexpected pushes are counted and answer nothing", "[session][clients]") {
    ClientRun run(ymera_options());
    after_setup(run, [&](ConnectionId cid, const std::string& message) {
        run.server.send_text(cid, R"({"type":"pong"})");
        run.server.answer_ymera(cid, message);
    });
    run.finish();
    CHECK(run.counters().unexpected == 20);
    CHECK(run.counters().received == 20);
}

TEST_CASE("clients: an answer in fragments, with a ping between, is one answer", "[session][clients]") {
    ClientRun run(GENERATE(echo_options(), ymera_options()));
    after_setup(run, [&](ConnectionId cid, const std::string& message) {
        std::string text = message;
        if (message.front() == '{') {
            const std::size_t at = message.find("timestamp") + 11;
            text = ScriptedServer::agent_response(message.substr(at, message.find(',', at) - at));
        }
        run.server.send(cid, {{proto::Opcode::text, text.substr(0, 9), false},
                              {proto::Opcode::ping, "still there?"},
                              {proto::Opcode::continuation, "", false},
                              {proto::Opcode::continuation, text.substr(9)}});
    });
    run.finish();
    CHECK(run.counters().received == 20);
    CHECK(run.counters().unexpected == 0);
    CHECK(run.server.pongs() == std::vector<std::string>(20, "still there?"));
}

TEST_CASE("clients: many connections spread their due times over the interval", "[session][clients]") {
    plan::RunOptions options = echo_options();
    options.connections = 1000;
    options.messages = 2;
    options.interval_ns = kSecond;
    ClientRun run(options);
    run.finish();
    CHECK(run.counters().received == 2000);
    CHECK(run.shard.send_lag.snapshot().max_ns() == 0);
    CHECK(run.report.last_due_ns.get() == run.began_ns + kSecond + 999 * kMs);
}

TEST_CASE("clients: connections that fail do not hold up the gate", "[session][clients]") {
    plan::RunOptions options = echo_options();
    options.pacing = plan::Pacing::rate;
    options.rate = plan::RateCurve::at(100);
    options.connect_rate_per_s = 10;
    ClientRun run(options);
    run.run_until(150 * kMs);
    run.refuse_connections();
    run.finish();
    CHECK(run.counters().successful == 2);
    CHECK(run.error(ErrorKind::refused) == 2);
    CHECK(run.counters().received == 10);
    CHECK(run.report.last_due_ns.get() == run.gate_ns + 9 * 10 * kMs);
}

TEST_CASE("clients: a connection that is lost at the gate has no part in the rate", "[session][clients]") {
    plan::RunOptions options = echo_options();
    options.pacing = plan::Pacing::rate;
    options.rate = plan::RateCurve::at(97);
    options.arrivals = GENERATE(plan::Arrivals::uniform, plan::Arrivals::poisson);
    options.messages.reset();
    options.duration_ns = kSecond;
    options.connect_rate_per_s = 10;
    ClientRun run(options);
    bool first = true;
    run.server.script.on_upgraded = [&](ConnectionId cid) {
        if (!std::exchange(first, false)) return;
        run.server.later(150 * kMs, cid, [&run, cid] { run.server.close(cid, CloseMode::abort); });
    };
    run.finish();
    CHECK(run.error(ErrorKind::connection_reset) == 1);
    CHECK(run.counters().sent == 97);  // by the other three
    CHECK(run.counters().unsent == 0);
    CHECK(run.report.seats.get() == 3);
}

TEST_CASE("clients: what was due on a connection that is lost when the gate is raised is unsent",
          "[session][clients]") {
    plan::RunOptions options = echo_options();
    options.pacing = plan::Pacing::rate;
    options.rate = plan::RateCurve::at(100);
    options.messages.reset();
    options.duration_ns = kSecond;
    options.warmup_ns = GENERATE(as<TimeNs>{}, 0, 500 * kMs);
    options.connect_rate_per_s = 10;
    ClientRun run(options);
    run.run_until(150 * kMs);
    run.report.seats.add();  // it is seen at the gate, and will not be there to begin
    run.finish();
    CHECK(run.counters().sent == 80);
    CHECK(run.counters().unsent == 20);
    CHECK(run.warm.counters.unsent.get() == options.warmup_ns / (50 * kMs));
}

TEST_CASE("clients: of a connection that is lost in a closed loop's warm-up all messages are unsent",
          "[session][clients]") {
    plan::RunOptions options = echo_options();
    options.pacing = plan::Pacing::closed;
    options.warmup_ns = 100 * kMs;
    ClientRun run(options);
    run.server.script.on_message = [&](ConnectionId cid, const std::string& message) {
        if (run.server.messages().size() == 8) return run.server.close(cid, CloseMode::abort);
        run.server.later(10 * kMs, cid, [&run, cid, message] {
            run.server.send(cid, {{proto::Opcode::binary, message}});
        });
    };
    run.finish();
    CHECK(run.error(ErrorKind::connection_reset) == 1);
    CHECK(run.counters().sent == 15);
    CHECK(run.counters().unsent == 5);
}

TEST_CASE("clients: when more is due than a tick can do, each connection has its turn",
          "[session][clients]") {
    plan::RunOptions options = echo_options();
    options.connections = 4 * limits::kTimersPerTick;
    options.interval_ns = 10 * kMs;
    options.messages = 100;
    ClientRun run(options);
    std::map<ConnectionId, std::uint64_t> turns;
    run.server.script.on_message = [&](ConnectionId cid, const std::string&) { ++turns[cid]; };
    run.run_until(20 * kMs);
    REQUIRE(turns.size() == options.connections);
    turns.clear();
    for (int i = 0; i < 8; ++i) {  // a tick sends for a quarter of them
        run.oversleep(10 * kMs);
        run.tick();
    }
    CHECK(turns.size() == options.connections);
}
