// Connections that are closed or refused on purpose.
#include "target/endings.hpp"

#include <catch2/catch.hpp>

#include "tests/target/memory_server.hpp"

namespace wsblast::target {

namespace {

using proto::Opcode;

const std::string kDisconnect = R"({"type":"disconnect"})";
const std::string kFarewell = R"(text:{"type":"disconnect_ack"})";

plan::FaultPlan close_after(std::uint64_t answers) {
    plan::FaultPlan plan;
    plan.close_after_answers = answers;
    return plan;
}

plan::FaultPlan close_in(TimeNs time_ns) {
    plan::FaultPlan plan;
    plan.close_after_ns = time_ns;
    return plan;
}

TEST_CASE("endings: after so many answers a connection is closed with 1001", "[target][endings]") {
    MemoryServer server(close_after(2));
    const auto cid = server.open("/echo");
    server.say(cid, {{Opcode::text, "1"}});
    CHECK(server.heard(cid) == Heard{"text:1"});
    server.say(cid, {{Opcode::text, "2"}, {Opcode::text, "3"}});
    CHECK(server.heard(cid) == Heard{"text:1", "text:2", "close:1001:"});
    CHECK(server.total(Count::closed) == 1);
    CHECK(server.total(Count::messages_sent) == 2);
    server.events.take();
    server.say(cid, {{Opcode::close, "\x03\xe9"}});
    CHECK(server.gone(cid));
    // The next owner of the id begins anew.
    const auto next = server.open("/echo");
    server.say(next, {{Opcode::text, "1"}});
    CHECK(server.heard(next) == Heard{"text:1"});
}

TEST_CASE("endings: dropped answers are none, second copies belong to their answer, pushes are none",
          "[target][endings]") {
    plan::FaultPlan plan = close_after(2);
    plan.duplicate = 1;
    plan.pushes_per_s = 1'000;
    MemoryServer twice(plan);
    const auto cid = twice.open("/echo");
    twice.say(cid, {{Opcode::text, "1"}});
    twice.advance(kMillisecond);
    twice.say(cid, {{Opcode::text, "2"}});
    CHECK(twice.heard(cid) ==
          Heard{"text:1", "text:1", R"(text:{"type":"push","seq":1})", "text:2", "text:2", "close:1001:"});
    CHECK(twice.total(Count::duplicated) == 2);

    plan = close_after(1);
    plan.drop = 1;
    MemoryServer never(plan);
    const auto silent = never.open("/echo");
    for (int i = 0; i < 5; ++i) never.say(silent, {{Opcode::text, "x"}});
    CHECK(never.heard(silent).empty());
    CHECK(never.total(Count::dropped) == 5);
    CHECK(never.total(Count::closed) == 0);
}

TEST_CASE("endings: an answer that the close catches held back is not counted as reordered",
          "[target][endings]") {
    plan::FaultPlan plan = close_after(1);
    plan.reorder = 1;
    MemoryServer server(plan);
    const auto cid = server.open("/echo");
    server.say(cid, {{Opcode::text, "1"}, {Opcode::text, "2"}});
    CHECK(server.heard(cid) == Heard{"text:2", "close:1001:"});
    CHECK(server.total(Count::reordered) == 0);
    CHECK(server.total(Count::unanswered) == 1);
}

TEST_CASE("endings: after its time a connection is closed with 1001, whatever it did",
          "[target][endings]") {
    MemoryServer server(close_in(kSecond));
    const auto cid = server.open("/echo");
    server.advance(kSecond / 2);
    server.say(cid, {{Opcode::text, "1"}});
    server.advance(kSecond / 2 - 1);
    CHECK(server.heard(cid) == Heard{"text:1"});
    server.advance(1);
    CHECK(server.heard(cid) == Heard{"text:1", "close:1001:"});
    CHECK(server.total(Count::closed) == 1);
}

TEST_CASE("endings: time to close after a disconnect is no fault, and lengthens no lifetime",
          "[target][endings]") {
    MemoryServer patient(close_in(kMinute));
    const auto cid = patient.open("/ws");
    patient.say(cid, {{Opcode::text, kDisconnect}});
    patient.advance(limits::kDisconnectGraceNs);
    CHECK(patient.heard(cid) == Heard{kFarewell, "close:1000:"});
    CHECK(patient.total(Count::closed) == 0);

    MemoryServer hasty(close_in(kSecond));
    const auto other = hasty.open("/ws");
    hasty.advance(kSecond / 2);
    hasty.say(other, {{Opcode::text, kDisconnect}});
    hasty.advance(kSecond / 2);
    CHECK(hasty.heard(other) == Heard{kFarewell, "close:1001:"});
    CHECK(hasty.total(Count::closed) == 1);
}

TEST_CASE("endings: refused upgrades get their status, and count as refused once", "[target][endings]") {
    plan::FaultPlan plan;
    plan.rejections = {{503, 0.5}, {429, 0.5}};
    plan.seed = 1;
    MemoryServer server(plan);
    constexpr int kUpgrades = 40;
    int unavailable = 0;
    int too_many = 0;
    for (int i = 0; i < kUpgrades; ++i) {
        const auto cid = server.open("/ws");
        unavailable += server.events.received(cid).starts_with("HTTP/1.1 503 ") ? 1 : 0;
        too_many += server.events.received(cid).starts_with("HTTP/1.1 429 ") ? 1 : 0;
        server.client.close(cid, transport::CloseMode::abort);
        server.run();
    }
    CHECK(unavailable + too_many == kUpgrades);
    CHECK(unavailable > kUpgrades / 4);
    CHECK(too_many > kUpgrades / 4);
    CHECK(server.total(Count::rejected) == kUpgrades);
    CHECK(server.total(Count::connections_refused) == kUpgrades);
    CHECK(server.total(Count::connections_open) == 0);
    const auto plain = server.connect();
    server.say(plain, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(server.events.received(plain).starts_with("HTTP/1.1 200 "));
}

}  // namespace

}  // namespace wsblast::target
