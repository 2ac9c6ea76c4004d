#include "session/user_queues.hpp"

#include <catch2/catch.hpp>

#include "tests/support/user_run.hpp"

using namespace wsblast;
using namespace wsblast::session;
using test::ScenarioBuilder;
using test::UserRun;

namespace {

constexpr auto kAny = [](ByteView) { return true; };

std::optional<std::string> take_one(UserQueues& queues, const std::string& wanted) {
    return queues.take(1, [&](ByteView message) { return as_text(message) == wanted; });
}

plan::AwaitPlan awaiting(std::string_view type) {
    plan::AwaitPlan await;
    plan::Match match;
    match.extract = ScenarioBuilder::json("$.type");
    match.fixed = OwnedValue(Value::of_text(type));
    await.expect.push_back(match);
    await.timeout_ns = 1 * kSecond;
    return await;
}

}  // namespace

TEST_CASE("user_queues: messages are kept in their order, each user's own", "[session][user_queues]") {
    UserQueues queues(plan::MessageQueue::kept);
    queues.keep(1, as_bytes("a"));
    queues.keep(2, as_bytes("other"));
    queues.keep(1, as_bytes("b"));
    queues.keep(1, as_bytes("c"));
    CHECK(take_one(queues, "b") == "b");
    CHECK(queues.take(1, kAny) == "a");
    CHECK(queues.take(1, kAny) == "c");
    CHECK_FALSE(queues.take(1, kAny));
    queues.drop(2);
    CHECK_FALSE(queues.take(2, kAny));
}

TEST_CASE("user_queues: of too many messages the last ones are kept", "[session][user_queues]") {
    UserQueues queues(plan::MessageQueue::kept);
    for (std::size_t i = 0; i <= limits::kQueuedMessagesMax; ++i)
        queues.keep(1, as_bytes(std::to_string(i)));
    CHECK(queues.take(1, kAny) == "1");
}

TEST_CASE("user_queues: without the rule nothing is kept", "[session][user_queues]") {
    UserQueues queues(plan::MessageQueue::none);
    queues.keep(1, as_bytes("a"));
    CHECK_FALSE(queues.take(1, kAny));
}

TEST_CASE("user_queues: what comes during another await is there for the next one", "[session][users]") {
    ScenarioBuilder scenario;
    scenario.scenario.queue = plan::MessageQueue::kept;
    scenario.users(1, 1 * kMillisecond).connect().send("go").await(awaiting("a"));
    scenario.await(awaiting("b")).await(awaiting("b"));
    UserRun run(scenario.end());
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string&) {
        for (const char* type : {"b", "b", "a"})
            run.server.send_text(cid, std::string(R"({"type":")") + type + R"("})");
    };
    run.finish();
    CHECK(run.users().completed == 1);
    CHECK(run.users().messages_received == 3);
}

TEST_CASE("user_queues: what came before the server closed is there for an await", "[session][users]") {
    ScenarioBuilder scenario;
    scenario.scenario.queue = plan::MessageQueue::kept;
    scenario.users(1, 1 * kMillisecond).connect().send("go").think(1 * kSecond).await(awaiting("b"));
    UserRun run(scenario.end());
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string&) {
        run.server.send_text(cid, R"({"type":"b"})");
        run.server.send_close(cid, 1000);
    };
    run.finish();
    CHECK(run.users().completed == 1);
}
