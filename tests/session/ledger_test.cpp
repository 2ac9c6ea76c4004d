#include "session/ledger.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::session;
using plan::ActionKind;
using stats::ErrorKind;

namespace {

constexpr TimeNs kNow = 50 * kSecond;

// A ledger over a program with a start gate.
struct LedgerFixture {
    explicit LedgerFixture(std::uint64_t share = 10)
        : program(make_program()),
          answers({program, control, report, shard, warm}),
          ledger({program, control, report, shard, warm}, answers, {share, 1}) {}

    static plan::Program make_program() {
        plan::Program program;
        program.scenario.actions.push_back({ActionKind::gate_opened});
        program.pipeline = plan::kPipelineUnlimited;
        program.connections = 100;
        return program;
    }
    static ClientState client_at(ActionKind doing) {
        ClientState client{};
        client.doing = doing;
        client.began_ns = kNow - kMillisecond;
        client.reached_us = 300;
        client.planned = 10;
        return client;
    }
    [[nodiscard]] std::uint64_t closes(stats::CloseKey key) const {
        stats::KeyCountValues values;
        shard.closes.add_to(values);
        return values[key.pack()];
    }

    plan::Program program;
    stats::Shard shard;
    stats::Shard warm;
    RunControl control;
    WorkerReport report;
    Answers answers;
    Ledger ledger;
};

}  // namespace

TEST_CASE("ledger: an opened connection is attempted, successful and open", "[session][ledger]") {
    LedgerFixture fixture;
    fixture.ledger.opened(fixture.client_at(ActionKind::connect), kNow);
    fixture.ledger.opened(fixture.client_at(ActionKind::connect), kNow);
    fixture.ledger.left();
    CHECK(fixture.shard.counters.attempted.get() == 2);
    CHECK(fixture.shard.counters.successful.get() == 2);
    CHECK(fixture.shard.counters.open.get() == 1);
    CHECK(fixture.shard.counters.open_peak.get() == 2);
    CHECK(fixture.shard.connect_total.snapshot().max_ns() == kMillisecond);
    CHECK(fixture.shard.connect_upgrade.snapshot().max_ns() == 700 * kMicrosecond);
}

TEST_CASE("ledger: alerts and bad certificates are counted by their codes", "[session][ledger]") {
    using transport::CloseCause;
    LedgerFixture fixture;
    fixture.ledger.note_end({CloseCause::tls_alert, 40});
    fixture.ledger.note_end({CloseCause::tls_alert, 40});
    fixture.ledger.note_end({CloseCause::tls_expired, 10});
    fixture.ledger.note_end({CloseCause::reset, 104});
    fixture.ledger.note_end({CloseCause::tls_broken, 0});
    fixture.ledger.note_end({CloseCause::peer_closed, 0});
    fixture.ledger.note_end({CloseCause::peer_closed, transport::kNoCloseNotify});
    stats::KeyCountValues faults;
    fixture.shard.tls_faults.add_to(faults);
    CHECK(faults ==
          stats::KeyCountValues{{stats::TlsFaultKey{stats::TlsFaultKind::alert, 40}.pack(), 2},
                                {stats::TlsFaultKey{stats::TlsFaultKind::certificate, 10}.pack(), 1},
                                {stats::TlsFaultKey{stats::TlsFaultKind::truncation, 0}.pack(), 1}});
}

TEST_CASE("ledger: what a proxy answered is counted, where it did", "[session][ledger]") {
    using transport::CloseCause;
    LedgerFixture fixture;
    fixture.ledger.note_end({CloseCause::proxy_refused, 403});
    fixture.ledger.note_end({CloseCause::proxy_refused, 403});
    fixture.ledger.note_end({CloseCause::proxy_login, 407});
    fixture.ledger.note_end({CloseCause::proxy_login, 0});
    fixture.ledger.note_end({CloseCause::proxy_broken, 0});
    stats::KeyCountValues answers;
    fixture.shard.proxy_answers.add_to(answers);
    CHECK(answers == stats::KeyCountValues{{403, 2}, {407, 1}});
}

TEST_CASE("ledger: a failed connection is settled, and awaited by nobody at the gate",
          "[session][ledger]") {
    LedgerFixture fixture;
    ClientState client = fixture.client_at(ActionKind::connect);
    fixture.ledger.failed(client, ErrorKind::refused, kNow);
    CHECK(fixture.shard.counters.attempted.get() == 1);
    CHECK(fixture.shard.counters.failed.get() == 1);
    CHECK(fixture.shard.counters.error(ErrorKind::refused).get() == 1);
    CHECK(fixture.shard.counters.settled.get() == 1);
    CHECK(fixture.report.at_gate.get() == 1);
    CHECK(fixture.report.seats.get() == 0);
}

TEST_CASE("ledger: who is lost at the gate has no seat, who is lost behind it had one",
          "[session][ledger]") {
    LedgerFixture fixture;
    for (int i = 0; i < 3; ++i) fixture.ledger.take_seat();
    CHECK(fixture.report.seats.get() == 3);
    ClientState at_gate = fixture.client_at(ActionKind::gate_opened);
    fixture.ledger.lost(at_gate, ErrorKind::connection_reset, kNow);
    CHECK(fixture.report.seats.get() == 2);
    ClientState behind = fixture.client_at(ActionKind::messages);
    fixture.ledger.lost(behind, ErrorKind::connection_reset, kNow);
    CHECK(fixture.report.seats.get() == 2);
    CHECK(fixture.report.at_gate.get() == 3);
}

TEST_CASE("ledger: a listener that is lost gives nothing up, whatever its number", "[session][ledger]") {
    LedgerFixture fixture;
    fixture.program.listeners = 1'000'000'000;
    ClientState listener = fixture.client_at(ActionKind::listen);
    listener.index = 900'000'000;  // far beyond what is remembered of those that send
    listener.planned = 0;
    fixture.ledger.listens();
    fixture.ledger.lost(listener, ErrorKind::connection_reset, kNow);
    CHECK(fixture.shard.counters.error(ErrorKind::connection_reset).get() == 1);
    CHECK(fixture.shard.counters.settled.get() == 1);
    CHECK(fixture.shard.counters.unsent.get() == 0);
    CHECK(fixture.report.listening.get() == 0);
}

TEST_CASE("ledger: a connection is settled once", "[session][ledger]") {
    LedgerFixture fixture;
    ClientState client = fixture.client_at(ActionKind::gate_settled);
    fixture.ledger.settled(client);
    fixture.ledger.settled(client);
    fixture.ledger.lost(client, ErrorKind::connection_reset, kNow);
    CHECK(fixture.shard.counters.settled.get() == 1);
    CHECK(fixture.shard.counters.error(ErrorKind::connection_reset).get() == 0);
}

TEST_CASE("ledger: a connection lost before the gate still opens it, and its messages are unsent",
          "[session][ledger]") {
    LedgerFixture fixture;
    const ActionKind doing = GENERATE(ActionKind::send_setup, ActionKind::await_setup);
    ClientState client = fixture.client_at(doing);
    fixture.ledger.lost(client, ErrorKind::setup_timeout, kNow);
    CHECK(fixture.report.at_gate.get() == 1);
    CHECK(fixture.shard.counters.unsent.get() == 10);
    CHECK(fixture.shard.counters.settled.get() == 1);
}

TEST_CASE("ledger: a connection that is lost at the gate or behind it was counted there",
          "[session][ledger]") {
    LedgerFixture fixture;
    const ActionKind doing = GENERATE(ActionKind::gate_opened, ActionKind::messages);
    ClientState client = fixture.client_at(doing);
    fixture.ledger.lost(client, ErrorKind::connection_reset, kNow);
    CHECK(fixture.report.at_gate.get() == 0);
    CHECK(fixture.shard.counters.error(ErrorKind::connection_reset).get() == 1);
}

TEST_CASE("ledger: the end of a connection with nothing left to do is no error", "[session][ledger]") {
    LedgerFixture fixture;
    const ActionKind doing = GENERATE(ActionKind::messages, ActionKind::settle);
    ClientState client = fixture.client_at(doing);
    client.sent = client.planned;
    fixture.ledger.lost(client, ErrorKind::closed_by_peer, kNow);
    CHECK(fixture.shard.counters.error(ErrorKind::closed_by_peer).get() == 0);
    CHECK(fixture.shard.counters.settled.get() == 1);
}

TEST_CASE("ledger: close frames are counted by code, by whom and by phase", "[session][ledger]") {
    LedgerFixture fixture;
    fixture.ledger.close_frame(fixture.client_at(ActionKind::await_setup), 1011, stats::CloseBy::peer);
    fixture.ledger.close_frame(fixture.client_at(ActionKind::messages), 1001, stats::CloseBy::peer);
    fixture.ledger.close_frame(fixture.client_at(ActionKind::hold), 1001, stats::CloseBy::peer);
    fixture.ledger.close_frame(fixture.client_at(ActionKind::end), 1000, stats::CloseBy::us);
    CHECK(fixture.closes({1011, stats::CloseBy::peer, stats::ClosePhase::setup}) == 1);
    CHECK(fixture.closes({1001, stats::CloseBy::peer, stats::ClosePhase::open}) == 1);
    CHECK(fixture.closes({1001, stats::CloseBy::peer, stats::ClosePhase::hold}) == 1);
    CHECK(fixture.closes({1000, stats::CloseBy::us, stats::ClosePhase::open}) == 1);
    CHECK(fixture.shard.counters.closed_by_peer.get() == 3);
}

TEST_CASE("ledger: the CPU of the ramp is read around its first and its last window", "[session][ledger]") {
    const std::uint64_t share = GENERATE(1, 2, 7, 2500);
    LedgerFixture fixture(share);
    for (std::uint64_t i = 0; i < share; ++i) {
        CHECK(fixture.report.ramp_end_ns.get() == 0);
        fixture.ledger.begun();
        fixture.ledger.opened(fixture.client_at(ActionKind::connect), kNow + i);
    }
    CHECK(fixture.report.ramp_end_ns.get() == kNow + share - 1);
    const auto& marks = fixture.report.ramp_cpu_ns;
    CHECK(marks[0].get() > 0);
    CHECK(marks[1].get() > marks[0].get());
    CHECK(marks[3].get() >= marks[1].get());
    if (share > 1) CHECK(marks[2].get() >= marks[1].get());
}
