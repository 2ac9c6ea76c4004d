#include "session/timetable.hpp"

#include <catch2/catch.hpp>

#include "tests/support/times.hpp"

using namespace wsblast;
using namespace wsblast::session;
using test::kMs;

namespace {

constexpr TimeNs kGate = 100 * kSecond;

// Of ten connections; the gate was raised with four of them unless a test says otherwise.
struct TimetableFixture {
    explicit TimetableFixture(const plan::Schedule& schedule) : program(make_program(schedule)) {}
    static plan::Program make_program(const plan::Schedule& schedule) {
        plan::Program program;
        program.schedule = schedule;
        program.connections = 10;
        return program;
    }
    void raise_gate(TimeNs warmup_ns = 0) {
        control.gate_ns = kGate;
        control.seats = 4;
        if (warmup_ns > 0) control.measured_from_ns = kGate + warmup_ns;
    }
    [[nodiscard]] ClientState begun(TimeNs now_ns, std::uint64_t seat, std::uint32_t index = 0) const {
        ClientState client{};
        client.index = index;
        timetable.begin(client, now_ns, seat);
        return client;
    }

    plan::Program program;
    RunControl control;
    Timetable timetable{program, control};
};

plan::Schedule by_interval() {
    return {.pacing = plan::Pacing::interval, .interval_ns = 10 * kMs, .messages = 5};
}
plan::Schedule by_rate() {
    return {.pacing = plan::Pacing::rate, .rate = plan::RateCurve::at(100), .messages = 5};
}

}  // namespace

TEST_CASE("timetable: without a gate a connection begins when it is ready, at its place by its index",
          "[session][timetable]") {
    const TimetableFixture fixture(by_interval());
    const ClientState client = fixture.begun(kGate + 7, 0, 3);
    CHECK(client.began_ns == kGate + 7);
    CHECK(client.due_ns == kGate + 7 + 3 * kMs);
    CHECK(client.planned == 5);
    CHECK(fixture.timetable.measured_from_ns() == 0);
}

TEST_CASE("timetable: behind a gate all begin at T0, however late they look", "[session][timetable]") {
    TimetableFixture fixture(by_interval());
    fixture.raise_gate(20 * kMs);
    const ClientState client = fixture.begun(kGate + 7 * kMs, 0, 3);
    CHECK(client.began_ns == kGate);
    CHECK(client.due_ns == kGate + 3 * kMs);
}

TEST_CASE("timetable: with a rate the seat decides, among those that were open at T0",
          "[session][timetable]") {
    TimetableFixture fixture(by_rate());
    fixture.raise_gate();
    ClientState client = fixture.begun(kGate, 2, 9);
    CHECK(client.seat == 2);
    CHECK(client.due_ns == kGate + 20 * kMs);
    client.sent = 1;
    CHECK(fixture.timetable.next_due_ns(client) == kGate + 60 * kMs);
    client.sent = 3;
    CHECK(fixture.timetable.next_due_ns(client) == kGate + 140 * kMs);
}

TEST_CASE("timetable: in the closed loop a connection is due when it begins", "[session][timetable]") {
    TimetableFixture fixture({.pacing = plan::Pacing::closed, .messages = 5});
    CHECK(fixture.timetable.closed());
    CHECK(fixture.begun(kGate + 7, 0).due_ns == kGate + 7);
    fixture.raise_gate(kSecond);
    const ClientState client = fixture.begun(kGate + 7, 0);
    CHECK(client.due_ns == kGate + 7);
    CHECK(client.began_ns == kGate);
}

TEST_CASE("timetable: a duration ends what the warm-up began", "[session][timetable]") {
    plan::Schedule schedule = GENERATE(by_interval(), by_rate());
    schedule.messages = plan::kUnlimited;
    schedule.duration_ns = kSecond;
    schedule.warmup_ns = 100 * kMs;
    TimetableFixture fixture(schedule);
    fixture.raise_gate(100 * kMs);
    CHECK(fixture.timetable.end_ns(fixture.begun(kGate + 9, 1)) == kGate + 1'100 * kMs);
    CHECK(fixture.timetable.measured_from_ns() == kGate + 100 * kMs);
}

TEST_CASE("timetable: what waits is due before that time, planned, and not sent", "[session][timetable]") {
    TimetableFixture fixture(GENERATE(by_interval(), by_rate()));
    fixture.raise_gate();
    const bool rate = !fixture.timetable.closed() && fixture.program.schedule.interval_ns == 0;
    const TimeNs step_ns = (rate ? 40 : 10) * kMs;  // a connection's messages are that far apart
    ClientState client = fixture.begun(kGate, 0);
    CHECK(fixture.timetable.waiting(client, kGate) == 0);
    CHECK(fixture.timetable.waiting(client, kGate + 1) == 1);
    CHECK(fixture.timetable.waiting(client, kGate + 2 * step_ns) == 2);
    CHECK(fixture.timetable.waiting(client, kGate + 2 * step_ns + 1) == 3);
    CHECK(fixture.timetable.waiting(client, kGate + 99 * step_ns) == 5);
    client.sent = 3;
    client.due_ns = kGate + 3 * step_ns;
    CHECK(fixture.timetable.waiting(client, kGate + 2 * step_ns + 1) == 0);
    CHECK(fixture.timetable.waiting(client, kGate + 99 * step_ns) == 2);
    client.planned = 3;
    CHECK(fixture.timetable.waiting(client, kGate + 99 * step_ns) == 0);
}

TEST_CASE("timetable: nothing waits in the closed loop, nor before a connection has begun",
          "[session][timetable]") {
    TimetableFixture closed({.pacing = plan::Pacing::closed, .messages = 5});
    CHECK(closed.timetable.waiting(closed.begun(kGate, 0), kGate + kSecond) == 0);
    TimetableFixture fixture(GENERATE(by_interval(), by_rate()));
    fixture.raise_gate(kSecond);
    ClientState at_gate{};
    at_gate.began_ns = kGate - kSecond;  // its first SYN
    at_gate.planned = 5;
    CHECK(fixture.timetable.waiting(at_gate, fixture.timetable.measured_from_ns()) == 0);
}

TEST_CASE("timetable: a round's schedule begins with the messages that were sent before",
          "[session][timetable]") {
    TimetableFixture fixture(by_rate());
    fixture.raise_gate();
    const ClientState fresh = fixture.begun(kGate, 2);
    ClientState client{};
    client.sent = 1'000;
    client.planned = 1'000;
    client.blocked = Blocked::yes;
    fixture.timetable.begin(client, kGate, 2);
    CHECK(client.planned == 1'005);
    CHECK(client.due_ns == fresh.due_ns);
    CHECK(client.blocked == Blocked::no);
    CHECK(fixture.timetable.waiting(client, kGate + kSecond) == 5);
    client.sent = 1'001;
    CHECK(fixture.timetable.next_due_ns(client) == fresh.due_ns + 40 * kMs);
}
