#include "session/user_links.hpp"

#include <catch2/catch.hpp>

#include "tests/support/user_run.hpp"

using namespace wsblast;
using test::ScenarioBuilder;
using test::UserRun;

namespace {

// A user that stays for 30 s and answers whatever is pushed with this.
plan::Scenario replying(plan::SendPlan reply) {
    ScenarioBuilder scenario;
    scenario.users(1, 1 * kMillisecond).connect();
    scenario.scenario.actions.push_back({plan::ActionKind::hold, 0});
    scenario.scenario.holds.push_back(30 * kSecond);
    scenario.scenario.sends.push_back(std::move(reply));
    scenario.scenario.flows[0].handlers.push_back({.matches = {}, .reaction = plan::Reaction::reply});
    return scenario.end();
}

plan::SendPlan text(std::string words) {
    plan::SendPlan plan;
    plan.text = ScenarioBuilder::literal(std::move(words));
    return plan;
}

// Pushes come while the server takes nothing, from 1 s on.
void push(UserRun& run, int count) {
    run.server.script.on_message = [](test::ConnectionId, const std::string&) {};
    run.server.script.on_upgraded = [&run, count](test::ConnectionId cid) {
        run.server.later(1 * kSecond, cid, [&run, count, cid] {
            run.stop_reading(cid);
            for (int i = 0; i < count; ++i) run.server.send_text(cid, "push");
        });
    };
}

}  // namespace

TEST_CASE("user_links: replies without room wait, and are counted when they are sent", "[session][users]") {
    plan::SendPlan reply = text("pong");
    SECTION("text") {}
    SECTION("binary: no UTF-8, so that it is refused as anything else") {
        reply = text("\xff\xfe");
        reply.opcode = proto::Opcode::binary;
    }
    UserRun run(replying(reply));
    push(run, 3);
    run.run_until(2 * kSecond);
    CHECK(run.users().messages_sent == 0);
    CHECK(run.users().now.active == 1);
    run.read_again(0);
    run.finish();
    CHECK(run.server.messages() == std::vector<std::string>(3, reply.text.parts[0].literal));
    CHECK(run.users().messages_sent == 3);
    CHECK(run.users().messages_scripted == 0);
    CHECK(run.users().completed == 1);
}

TEST_CASE("user_links: replies that the server never takes fail the user at its end", "[session][users]") {
    UserRun run(replying(text("pong")));
    push(run, 3);
    run.finish();
    CHECK(run.users().messages_sent == 0);
    CHECK(run.errors("the server takes no messages") == 1);
    CHECK(run.elapsed_ns() >= 30 * kSecond + limits::kBlockedTimeoutNs);
}

TEST_CASE("user_links: more than may wait fails the user at once", "[session][users]") {
    const std::size_t size = 48 * kKiB;
    UserRun run(replying(text(std::string(size, 'x'))));
    push(run, static_cast<int>(limits::kScriptPendingMax / size) + 1);
    run.finish();
    CHECK(run.errors("the server takes no messages") == 1);
    CHECK(run.elapsed_ns() < 10 * kSecond);
}

TEST_CASE("user_links: a reply that is too long does not wait for a room that never comes",
          "[session][users]") {
    UserRun run(replying(text(std::string(limits::kSendBytesMax, 'x'))));
    push(run, 1);
    run.finish();
    CHECK(run.errors("message too long") == 1);
    CHECK(run.elapsed_ns() < 10 * kSecond);
}

TEST_CASE("user_links: replies are compressed where that was agreed on, those that waited too",
          "[session][users]") {
    const std::string words = "again and again and again and again and again";
    UserRun run(replying(text(words)), 64, proto::DeflateParameters{});
    push(run, 3);
    run.run_until(2 * kSecond);
    CHECK(run.shard.counters.deflated_from.get() == 0);
    run.read_again(0);
    run.finish();
    CHECK(run.server.messages() == std::vector<std::string>(3, words));
    CHECK(run.server.violations() == 0);
    CHECK(run.shard.counters.deflated_from.get() == 3 * words.size());
    CHECK(run.server.take_inflated().from < 2 * words.size());
}

TEST_CASE(
    "user_links: messages of any length are compressed, and what would grow too long is sent as it is",
    "[session][users]") {
    const std::size_t size_max = limits::kSendBytesMax - proto::kFrameHeaderMax;
    const std::string even(size_max, 'x');
    std::string noise(size_max, '\0');
    for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>(mix(i));
    plan::SendPlan binary = text(noise);
    binary.opcode = proto::Opcode::binary;
    ScenarioBuilder scenario;
    scenario.users(1, 1 * kMillisecond).connect().send(even).await().send("").await();
    scenario.send(even).await().send(even).await();
    scenario.scenario.sends[1] = binary;
    UserRun run(scenario.end(), 64, proto::DeflateParameters{});
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string&) {
        run.server.send_text(cid, "yes");
    };
    run.finish();
    CHECK(run.users().completed == 1);
    CHECK(run.server.violations() == 0);
    CHECK(run.server.messages() == std::vector<std::string>{even, noise, even, even});
    CHECK(run.shard.counters.deflated_from.get() == 3 * size_max);
    CHECK(run.shard.counters.bytes_sent.get() < size_max + 5'000);
}
