#include "session/client_rounds.hpp"

#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "tests/support/round_run.hpp"

using namespace wsblast;
using namespace wsblast::test;
using stats::ErrorKind;

TEST_CASE("client rounds: each round sends exactly its messages, over the same connections",
          "[session][client_rounds]") {
    RoundRun run(GENERATE(echo_options(4), numbered_options()));
    run.open_to(4);
    CHECK(run.run.counters().open == 4);
    const plan::Arrivals arrivals = GENERATE(plan::Arrivals::uniform, plan::Arrivals::poisson);
    for (const std::uint64_t messages : {100, 10, 3, 250}) {
        const stats::CounterValues counted =
            run.play({static_cast<double>(messages) * 10, arrivals, 0, 100 * kMs, 1});
        CHECK(counted.due == messages);
        CHECK(counted.received == messages);
        CHECK(run.run.report.first_due_ns.get() >= run.gate_ns);
        CHECK(run.run.report.last_due_ns.get() < run.gate_ns + 100 * kMs);
    }
    run.close();
    CHECK(run.run.counters().attempted == 4);
    CHECK(run.server.open_peak() == 4);
    CHECK(stats::errors_total(run.run.counters()) == 0);
}

TEST_CASE("client rounds: the warm-up of each round is apart", "[session][client_rounds]") {
    RoundRun run(echo_options(4));
    run.open_to(4);
    for (int i = 0; i < 3; ++i) {
        const stats::CounterValues counted =
            run.play({1'000, plan::Arrivals::uniform, 50 * kMs, 100 * kMs, 1});
        CHECK(counted.received == 100);
        CHECK(run.counted_warm().received == 50);
    }
}

TEST_CASE("client rounds: two rounds of Poisson arrivals are due at different times",
          "[session][client_rounds]") {
    RoundRun run(echo_options(4));
    run.open_to(4);
    std::set<TimeNs> firsts;
    for (int i = 0; i < 3; ++i) {
        (void)run.play({1'000, plan::Arrivals::poisson, 0, 100 * kMs, 1});
        firsts.insert(run.run.report.first_due_ns.get() - run.gate_ns);
    }
    CHECK(firsts.size() == 3);
}

TEST_CASE("client rounds: message numbers go on, so an answer of an earlier round is late and nothing else",
          "[session][client_rounds]") {
    plan::RunOptions options = numbered_options();
    options.connections = 1;
    options.answer_timeout_ns = 20 * kMs;
    RoundRun run(options);
    run.open_to(1);
    run.server.script.on_message = [&](ConnectionId cid, const std::string& message) {
        const TimeNs delay_ns = run.server.messages().size() == 1 ? 200 * kMs : 0;
        run.server.later(delay_ns, cid, [&run, cid, message] { run.server.send_text(cid, message); });
    };
    const stats::CounterValues first = run.play({100, plan::Arrivals::uniform, 0, 50 * kMs, 1});
    CHECK(first.lost == 1);
    CHECK(first.received == 4);
    CHECK(run.report.replaced.get() == 0);
    const stats::CounterValues second = run.play({100, plan::Arrivals::uniform, 0, 300 * kMs, 1});
    CHECK(second.received == 30);
    CHECK(second.duplicates + second.unexpected + second.out_of_order == 0);
    CHECK(run.counted_warm().late == 1);  // it was due before the round began
    CHECK(run.server.messages().size() == 35);
    CHECK(std::set<std::string>(run.server.messages().begin(), run.server.messages().end()).size() == 35);
}

TEST_CASE("client rounds: one of every so many takes part, drawn anew", "[session][client_rounds]") {
    RoundRun run(echo_options(100));
    run.open_to(100);
    std::map<ConnectionId, int> turns;
    run.server.script.on_message = [&](ConnectionId cid, const std::string& message) {
        ++turns[cid];
        run.server.send(cid, {{proto::Opcode::binary, message}});
    };
    CHECK(run.play({100, plan::Arrivals::uniform, 0, 100 * kMs, 10}).received == 10);
    CHECK(turns.size() == 10);
    CHECK(run.play({100, plan::Arrivals::uniform, 0, 100 * kMs, 10}).received == 10);
    CHECK(turns.size() > 10);
    CHECK(turns.size() <= 20);
    CHECK(run.call_roll(3) == 33);
    CHECK(run.call_roll(1'000) == 0);
    CHECK(run.call_roll(1) == 100);
}

TEST_CASE("client rounds: who opens within a round takes part in the next one",
          "[session][client_rounds]") {
    RoundRun run(echo_options(8));
    run.open_to(4);
    (void)run.call_roll();
    run.begin(kHundred);
    run.allow(8);
    run.run_for(10 * kMs);
    CHECK(run.run.counters().open == 8);
    CHECK(run.report.playing == 4);
    CHECK(run.finish().received == 100);
    CHECK(run.call_roll() == 8);
}

TEST_CASE("client rounds: connections lost between two rounds are told, and missing in the next",
          "[session][client_rounds]") {
    RoundRun run(echo_options(10));
    run.open_to(10);
    (void)run.play(kHundred);
    run.server.send_close(0, 1012);
    run.server.close(1, CloseMode::reset);
    run.server.close(2, CloseMode::graceful);
    run.run.run_until(kNever);
    CHECK(run.report.lost_at_rest.get() == 3);
    CHECK(run.run.counters().open == 7);
    CHECK(run.run.counters().closed_by_peer == 2);
    CHECK(run.run.error(ErrorKind::connection_reset) == 1);
    CHECK(run.run.error(ErrorKind::closed_by_peer) == 2);
    CHECK(run.run.closes(1012, stats::CloseBy::peer, stats::ClosePhase::hold) == 1);
    CHECK(run.run.closes(1006, stats::CloseBy::peer, stats::ClosePhase::hold) == 1);
    CHECK(run.call_roll() == 7);
    run.begin(kHundred);
    CHECK(run.finish().received == 100);
    run.close();
}

TEST_CASE("client rounds: what one had to send that is lost before it begins is unsent",
          "[session][client_rounds]") {
    RoundRun run(echo_options(10));
    run.open_to(10);
    CHECK(run.call_roll() == 10);
    run.server.close(3, CloseMode::reset);
    run.run_for(kMs);
    run.begin(kHundred);
    const stats::CounterValues counted = run.finish();
    CHECK(counted.due == 100);
    CHECK(counted.unsent == 10);
    CHECK(counted.received == 90);
    CHECK(run.report.lost_at_rest.get() == 1);
}

TEST_CASE("client rounds: a connection that is lost within a round ends its part",
          "[session][client_rounds]") {
    RoundRun run(echo_options(10));
    run.open_to(10);
    int messages = 0;
    run.server.script.on_message = [&](ConnectionId cid, const std::string& message) {
        if (++messages == 35) return run.server.close(cid, CloseMode::reset);
        run.server.send(cid, {{proto::Opcode::binary, message}});
    };
    const stats::CounterValues counted = run.play(kHundred);
    CHECK(counted.due == 100);
    CHECK(counted.lost == 1);
    CHECK(counted.error(ErrorKind::connection_lost) == 1);
    CHECK(counted.error(ErrorKind::connection_reset) == 1);
    CHECK(counted.unsent > 0);
    CHECK(run.report.lost_at_rest.get() == 0);
    CHECK(run.call_roll() == 9);
}

TEST_CASE("client rounds: a round that is cut has only what was due by then", "[session][client_rounds]") {
    RoundRun run(echo_options(10));
    run.open_to(10);
    (void)run.call_roll();
    run.begin({1'000, plan::Arrivals::uniform, 0, kHour, 1});
    run.run_for(51 * kMs);
    run.control().cut.store(run.control().round);
    const stats::CounterValues counted = run.finish();
    CHECK(counted.due >= 50);
    CHECK(counted.due <= 51);
    CHECK(counted.received == counted.due);
    CHECK(run.play(kHundred).received == 100);
}

TEST_CASE("client rounds: an interrupt ends the round, and what is in flight stays so",
          "[session][client_rounds]") {
    RoundRun run(echo_options(10));
    run.open_to(10);
    run.server.script.on_message = [](ConnectionId, const std::string&) {};
    (void)run.call_roll();
    run.begin({1'000, plan::Arrivals::uniform, 0, kHour, 1});
    run.run_for(51 * kMs);
    run.run.interrupt();
    run.run.tick();
    CHECK(run.over());
    CHECK(run.counted().due >= 50);
    CHECK(run.counted().due <= 51);
    CHECK(run.counted().lost == 0);
    run.run.run_until(kNever);
    CHECK(run.run.finished());
    CHECK(run.run.counters().open == 0);
    run.check_sums();
}

TEST_CASE("client rounds: setup messages are sent once, before the first round",
          "[session][client_rounds]") {
    plan::RunOptions options = echo_options();
    options.message_kind = plan::MessageKind::ymera;
    RoundRun run(options);
    run.server.script.on_message = [&](ConnectionId cid, const std::string& message) {
        run.server.later(10 * kMs, cid, [&run, cid, message] { run.server.answer_ymera(cid, message); });
    };
    run.allow(4);
    run.run_for(9 * kMs);
    CHECK(run.run.counters().open == 4);
    CHECK(run.report.preparing.get() == 4);
    CHECK(run.call_roll() == 0);
    run.open_to(4);
    CHECK(run.report.preparing.get() == 0);
    CHECK(run.run.counters().setup_answered == 4);
    for (int i = 0; i < 2; ++i) CHECK(run.play(kHundred).received == 100);
    CHECK(run.run.counters().setup_sent == 4);
}

TEST_CASE("client rounds: a setup that is not answered prepares nobody for ever",
          "[session][client_rounds]") {
    plan::RunOptions options = echo_options();
    options.message_kind = plan::MessageKind::ymera;
    RoundRun run(options);
    run.server.script.on_message = [](ConnectionId, const std::string&) {};
    run.allow(4);
    run.run_for(kMs);
    CHECK(run.report.preparing.get() == 4);
    run.drop(0.5, {plan::Reconnect::exponential, kHour, kHour});
    CHECK(run.report.preparing.get() == 2);
    run.run_for(10 * kSecond);
    CHECK(run.report.preparing.get() == 0);
    CHECK(run.run.error(ErrorKind::setup_timeout) == 2);
    CHECK(run.report.lost_at_rest.get() == 0);
}
