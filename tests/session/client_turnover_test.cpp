#include "session/client_turnover.hpp"

#include <catch2/catch.hpp>

#include "tests/support/round_run.hpp"

using namespace wsblast;
using namespace wsblast::test;
using stats::ErrorKind;

TEST_CASE("client turnover: a storm drops exactly its share, and all come back",
          "[session][client_turnover]") {
    const std::uint64_t connections = 1'000;
    RoundRun run(echo_options(connections));
    run.open_to(connections);
    const std::uint64_t dropped = GENERATE(1, 200, 999, 1'000);
    const plan::ReconnectPolicy policy = GENERATE(
        plan::ReconnectPolicy{}, plan::ReconnectPolicy{plan::Reconnect::exponential, kSecond, kSecond});
    run.drop(static_cast<double>(dropped) / 1'000, policy);
    CHECK(run.report.dropped.get() == dropped);
    CHECK(run.report.away.get() == dropped);
    CHECK(run.run.counters().open == connections - dropped);
    run.run.run_until(kNever);
    CHECK(run.report.away.get() == 0);
    CHECK(run.report.waiting.get() == 0);
    CHECK(run.report.reopened.get() == dropped);
    CHECK(run.run.counters().open == connections);
    CHECK(run.run.counters().attempted == connections + dropped);
    CHECK(run.run.report.opens.get() == connections);
    CHECK(run.run.report.handshakes.get() == 0);
    CHECK(run.play({1'000, plan::Arrivals::uniform, 0, kSecond, 1}).received == 1'000);
    CHECK(run.call_roll() == connections);
    run.close();
    CHECK(stats::errors_total(run.run.counters()) == 0);
}

TEST_CASE("client turnover: a storm drops those that are open, whoever comes and goes meanwhile",
          "[session][client_turnover]") {
    RoundRun run(echo_options(100));
    run.open_to(100);
    run.drop(0.5, {plan::Reconnect::exponential, kSecond, kSecond});
    run.run_for(10 * kMs);
    CHECK(run.server.open() == 50);
    run.run_for(2 * kSecond);
    CHECK(run.server.open() == 100);
    run.drop(0.5, {plan::Reconnect::exponential, kSecond, kSecond});
    run.drop(0.5, {plan::Reconnect::exponential, kSecond, kSecond});
    CHECK(run.report.dropped.get() == 125);
    run.run_for(10 * kMs);
    CHECK(run.server.open() == 25);
    run.run_for(2 * kSecond);
    CHECK(run.server.open() == 100);
}

TEST_CASE("client turnover: who cannot come back tries again by the policy, and each attempt is counted",
          "[session][client_turnover]") {
    RoundRun run(echo_options(10));
    run.open_to(10);
    run.run.refuse_connections();
    run.drop(1, {plan::Reconnect::exponential, 100 * kMs, 400 * kMs});
    run.run_for(1'200 * kMs);  // at 100, 300, 700 and 1,100 ms
    CHECK(run.report.reopen_failures.get() == 40);
    CHECK(run.report.away.get() == 10);
    CHECK(run.run.counters().attempted == 50);
    CHECK(run.run.counters().failed == 40);
    CHECK(run.run.error(ErrorKind::refused) == 40);
    run.close();
    CHECK(run.run.counters().failed == 40);
}

TEST_CASE("client turnover: a storm in a round loses what was open, and the round ends",
          "[session][client_turnover]") {
    RoundRun run(echo_options(10));
    run.open_to(10);
    run.server.script.on_message = [&](ConnectionId cid, const std::string& message) {
        run.server.later(30 * kMs, cid, [&run, cid, message] {
            run.server.send(cid, {{proto::Opcode::binary, message}});
        });
    };
    (void)run.call_roll();
    run.begin(kHundred);
    run.run_for(50 * kMs);
    run.drop(0.5);
    const stats::CounterValues counted = run.finish();
    CHECK(counted.due == 100);
    CHECK(counted.lost > 10);
    CHECK(counted.lost < 20);
    CHECK(counted.error(ErrorKind::connection_lost) == counted.lost);
    CHECK(counted.unsent > 20);
    CHECK(run.report.reopened.get() == 5);
    CHECK(run.report.lost_at_rest.get() == 0);
}

TEST_CASE("client turnover: churn closes evenly in time, one after the other, and opens each again",
          "[session][client_turnover]") {
    RoundRun run(echo_options(10));
    run.open_to(10);
    run.control().churn_per_s.store(1);
    run.run.tick();
    for (std::uint64_t closes = 0; closes < 20; ++closes) {
        CHECK(run.report.churned.get() == closes);
        CHECK(run.run.counters().open == 10);
        run.run_for(100 * kMs);
    }
    run.control().churn_per_s.store(0);
    run.run.run_until(kNever);
    CHECK(run.report.churned.get() == 20);
    CHECK(run.report.reopened.get() == 20);
    CHECK(run.run.closes(1000, stats::CloseBy::us, stats::ClosePhase::hold) == 20);
    CHECK(run.server.close_codes() == std::vector<std::uint16_t>(20, 1000));
    CHECK(run.server.open() == 10);
    run.close();
    CHECK(stats::errors_total(run.run.counters()) == 0);
}

TEST_CASE("client turnover: who takes part in a round is not churned", "[session][client_turnover]") {
    RoundRun run(echo_options(10));
    run.open_to(10);
    (void)run.call_roll(2);
    run.begin({1'000, plan::Arrivals::uniform, 0, kSecond, 2});
    run.control().churn_per_s.store(10);
    run.run.tick();
    const stats::CounterValues counted = run.finish();
    run.control().churn_per_s.store(0);
    CHECK(counted.received == 1'000);
    CHECK(counted.lost == 0);
    CHECK(run.report.churned.get() > 90);
}

TEST_CASE("client turnover: who lost an answer that cannot be told from others is replaced",
          "[session][client_turnover]") {
    plan::RunOptions options = GENERATE(echo_options(10), numbered_options());
    options.connections = 10;
    options.answer_timeout_ns = 20 * kMs;
    const bool told = options.message_kind == plan::MessageKind::text;
    RoundRun run(options);
    run.open_to(10);
    int messages = 0;
    run.server.script.on_message = [&](ConnectionId cid, const std::string& message) {
        // The last one of a connection: no answer is left that would be taken for it.
        if (++messages == 100) return;
        run.server.send(cid, {{told ? proto::Opcode::text : proto::Opcode::binary, message}});
    };
    CHECK(run.play(kHundred).lost == 1);
    CHECK(run.report.replaced.get() == (told ? 0 : 1));
    run.run.run_until(kNever);
    CHECK(run.report.replacing.get() == 0);
    CHECK(run.run.counters().open == 10);
    CHECK(run.play(kHundred).received == 100);
    run.close();
}

TEST_CASE("client turnover: the end of all does not wait for those who are away",
          "[session][client_turnover]") {
    RoundRun run(echo_options(10));
    run.open_to(10);
    run.drop(0.5, {plan::Reconnect::exponential, kHour, kHour});
    run.run_for(kMs);
    run.close();
    CHECK(run.run.elapsed_ns() < kMinute);
    CHECK(run.report.away.get() == 5);
    CHECK(run.server.open() == 0);
}

TEST_CASE("client turnover: when nobody waits for the connections the worker ends at once",
          "[session][client_turnover]") {
    RoundRun run(echo_options(10));
    run.open_to(10);
    run.run.control().raise(session::Stage::left);
    run.run.tick();
    CHECK(run.run.finished());
}
