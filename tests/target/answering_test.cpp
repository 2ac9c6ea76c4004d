// Answers on their way through the faults, as clients see them.
#include "target/answering.hpp"

#include <catch2/catch.hpp>

#include "tests/target/memory_server.hpp"

namespace wsblast::target {

namespace {

using proto::Opcode;

const std::string kSubscribed = R"(text:{"type":"subscribed","channel":"a"})";

plan::FaultPlan fixed_delay(TimeNs delay_ns) {
    plan::FaultPlan plan;
    plan.delay = {plan::DelayLaw::fixed, delay_ns, 0, 0};
    return plan;
}

TEST_CASE("answering: a delayed answer leaves at its time, and the wait ends shortly before",
          "[target][answering]") {
    MemoryServer server(fixed_delay(5 * kMillisecond));
    const auto cid = server.open("/ws");
    const TimeNs due_ns = server.network.now_ns() + 5 * kMillisecond;
    server.say(cid, {{Opcode::text, kPing}});
    CHECK(server.heard(cid).empty());
    const auto wait = server.connections.tick(server.network.now_ns());
    CHECK(wait.until_ns == due_ns - limits::kWakeUpNs);
    server.advance(5 * kMillisecond - 1);
    CHECK(server.heard(cid).empty());
    CHECK(server.total(Count::messages_sent) == 0);
    server.advance(1);
    CHECK(server.heard(cid) == Heard{kPong});
    CHECK(server.total(Count::messages_sent) == 1);
    CHECK(server.total(Count::delayed) == 1);
}

TEST_CASE("answering: echoes pass the faults too, whole or put together", "[target][answering]") {
    plan::FaultPlan plan = fixed_delay(kMillisecond);
    plan.duplicate = 1;
    MemoryServer server(plan);
    const auto cid = server.open("/echo");
    server.say(cid, {{Opcode::binary, "a"}, {Opcode::text, "b", false}, {Opcode::continuation, "c"}});
    CHECK(server.heard(cid).empty());
    server.advance(kMillisecond);
    CHECK(server.heard(cid) == Heard{"binary:a", "binary:a", "text:bc", "text:bc"});
    CHECK(server.total(Count::messages_received) == 2);
    CHECK(server.total(Count::messages_sent) == 4);
    CHECK(server.total(Count::duplicated) == 2);
}

TEST_CASE("answering: a message that is echoed in pieces passes no fault", "[target][answering]") {
    plan::FaultPlan plan;
    plan.drop = 1;
    MemoryServer server(plan);
    const auto cid = server.open("/echo");
    const std::string huge(limits::kAssembledBytesMax + 100'000, 'y');
    server.say(cid, {{Opcode::binary, huge}, {Opcode::text, "after"}});
    server.run(40);
    CHECK(server.heard(cid) == Heard{"binary:" + huge});
    CHECK(server.total(Count::messages_sent) == 1);
    CHECK(server.total(Count::dropped) == 1);
}

TEST_CASE("answering: what a run sets itself up with is acknowledged, whatever is dropped",
          "[target][answering]") {
    plan::FaultPlan plan;
    plan.drop = 1;
    MemoryServer server(plan);
    const auto cid = server.open("/ws");
    server.say(cid, {{Opcode::text, R"({"type":"subscribe","channel":"a"})"}, {Opcode::text, kPing}});
    CHECK(server.heard(cid) == Heard{kSubscribed});
    CHECK(server.total(Count::dropped) == 1);
    CHECK(server.total(Count::messages_received) == 2);
    CHECK(server.total(Count::messages_sent) == 1);
}

TEST_CASE("answering: every message received is accounted for", "[target][answering]") {
    plan::FaultPlan plan;
    plan.delay = {plan::DelayLaw::exponential, 3 * kMillisecond, 0, 0};
    plan.drop = 0.1;
    plan.duplicate = 0.1;
    plan.reorder = 0.1;
    plan.close_after_answers = 40;
    plan.pushes_per_s = 100;
    MemoryServer server(plan);
    constexpr int kConnections = 8;
    for (int i = 0; i < kConnections; ++i) server.open("/ws");
    for (int round = 0; round < 60; ++round) {
        for (transport::ConnectionId cid = 0; cid < kConnections; ++cid)
            server.say(cid, {{Opcode::text, kPing}});
        server.advance(kMillisecond);
    }
    server.advance(kMinute);
    const std::uint64_t copies = server.total(Count::duplicated) + server.total(Count::pushed);
    const std::uint64_t never = server.total(Count::dropped) + server.total(Count::unanswered);
    CHECK(server.total(Count::messages_received) + copies == server.total(Count::messages_sent) + never);
    CHECK(server.total(Count::closed) == kConnections);
    CHECK(server.total(Count::unanswered) > 0);
}

TEST_CASE("answering: pushes come between the answers", "[target][answering]") {
    plan::FaultPlan plan;
    plan.pushes_per_s = 10;
    MemoryServer server(plan);
    const auto cid = server.open("/echo");
    server.say(cid, {{Opcode::text, "hello"}});
    server.advance(kSecond / 10);
    server.say(cid, {{Opcode::text, "again"}});
    CHECK(server.heard(cid) == Heard{"text:hello", R"(text:{"type":"push","seq":1})", "text:again"});
    CHECK(server.total(Count::messages_sent) == 3);
    CHECK(server.total(Count::pushed) == 1);
}

TEST_CASE("answering: a client that does not read is closed when its delayed answers do not fit",
          "[target][answering]") {
    plan::FaultPlan plan = fixed_delay(kMillisecond);
    MemoryServer server({.arena_bytes = 2 * limits::kSendBytesMax, .faults = {}}, 16, plan);
    const auto cid = server.open("/echo");
    const test::Bytes frame =
        test::frames({{Opcode::binary, std::string(40'000, 'z')}}, proto::Role::client);
    for (int i = 0; i < 80; ++i) {
        REQUIRE(transport::send(server.client, cid, as_text(frame)));
        server.serve();
    }
    server.network.advance_to(server.network.now_ns() + kMillisecond);
    server.serve();
    CHECK(server.total(Count::slow_readers) == 1);
    CHECK(server.total(Count::unanswered) > 0);
    CHECK(server.total(Count::messages_sent) + server.total(Count::unanswered) == 80);
}

}  // namespace

}  // namespace wsblast::target
