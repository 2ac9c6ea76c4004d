#include "session/user_lives.hpp"

#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/user_run.hpp"

using namespace wsblast;
using test::ScenarioBuilder;
using test::UserRun;

namespace {

ScenarioBuilder holding(std::uint64_t users, TimeNs duration_ns) {
    ScenarioBuilder scenario;
    scenario.scenario.phases.push_back(
        {.kind = plan::PhaseKind::hold, .duration_ns = duration_ns, .count = users});
    return scenario;
}

plan::Match type_is(std::string_view type) {
    plan::Match match;
    match.extract = ScenarioBuilder::json("$.type");
    match.fixed = OwnedValue(Value::of_text(type));
    return match;
}

}  // namespace

TEST_CASE("user_lives: users that find no place begin and fail, and are in the sums", "[session][users]") {
    UserRun run(ScenarioBuilder().users(10, 10 * kMillisecond).connect().think(1 * kSecond).end(), 4);
    run.finish();
    CHECK(run.users().started == 10);
    CHECK(run.users().completed == 4);
    CHECK(run.users().failed == 6);
    CHECK(run.errors("no free connection") == 6);
}

TEST_CASE("user_lives: held users that fail are followed after pauses that grow", "[session][users]") {
    UserRun run(holding(10, 60 * kSecond).connect().send("x").end());
    run.refuse_connections();
    run.run_until(100 * kSecond);
    // 100 ms, 200, 400 ... 3.2 s, then 5 s each: some 16 rounds of ten, where it were millions at once.
    CHECK(run.users().started >= 10 * 10);
    CHECK(run.users().started <= 10 * 20);
    CHECK(run.users().started == run.users().failed);
    CHECK(run.users().now.active == 0);
}

TEST_CASE("user_lives: one held user that fails waits alone", "[session][users]") {
    UserRun run(holding(2, 10 * kSecond).connect().send("x").await().think(99 * kMillisecond).end());
    int messages = 0;
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string& text) {
        if (++messages == 4) return run.server.close(cid, transport::CloseMode::reset);
        run.server.send_text(cid, text);
    };
    run.run_until(20 * kSecond);
    CHECK(run.users().failed == 1);
    CHECK(run.users().completed >= 190);
    CHECK(run.users().completed <= 202);
}

TEST_CASE("user_lives: who is held and never connected has failed when the phase ends",
          "[session][users]") {
    UserRun run(holding(3, 5 * kSecond).connect().send("x").end());
    run.server.script.upgrade = test::ScriptedServer::Upgrade::silence;
    run.run_until(20 * kSecond);
    CHECK(run.users().started == 3);
    CHECK(run.users().completed == 0);
    CHECK(run.users().failed == 3);
    CHECK(run.users().session_length.count() == 0);
}

TEST_CASE("user_lives: who comes back has nothing of its lost connection", "[session][users]") {
    ScenarioBuilder scenario;
    scenario.users(1, 1 * kMillisecond);
    scenario.scenario.reconnect = plan::ReconnectPolicy{};
    scenario.scenario.queue = plan::MessageQueue::kept;
    plan::AwaitPlan await;
    await.timeout_ns = 2 * kSecond;
    scenario.connect().send("hello").think(1 * kSecond).await(await);
    UserRun run(scenario.end());
    int lives = 0;
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string&) {
        if (++lives > 1) return;  // the second life gets no message
        run.server.send_text(cid, "of the first life");
        run.server.later(100 * kMillisecond, cid,
                         [&run, cid] { run.server.close(cid, transport::CloseMode::reset); });
    };
    run.finish();
    CHECK(lives == 2);
    CHECK(run.users().failed == 1);
    CHECK(run.errors("response timeout") == 1);
    CHECK(run.users().messages_received == 0);
}

TEST_CASE("user_lives: an answer that is not what was expected is an error, and no latency",
          "[session][users]") {
    ScenarioBuilder scenario;
    plan::AwaitPlan await;
    await.matches.push_back(type_is("pong"));
    UserRun run(scenario.users(5, 5 * kMillisecond).connect().send("x").await(await).end());
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string&) {
        run.server.send_text(cid, R"({"type": "error"})");
    };
    run.finish();
    CHECK(run.errors("Failed capture or match") == 5);
    CHECK(run.users().response_time.count() == 0);
    CHECK(run.users().messages_received == 5);
    CHECK(run.shard.counters.lost.get() == 5);
    CHECK(run.shard.counters.error(stats::ErrorKind::error_answer).get() == 5);
}

TEST_CASE("user_lives: who waits too long for a server that takes nothing fails, and leaves",
          "[session][users]") {
    const bool comes_back = GENERATE(false, true);
    ScenarioBuilder scenario;
    if (comes_back) scenario.scenario.reconnect = plan::ReconnectPolicy{};
    scenario.users(2, 2 * kMillisecond).connect().send("x").await().send("y").await();
    UserRun run(scenario.end());
    int connections = 0;
    run.server.script.on_upgraded = [&](test::ConnectionId) { ++connections; };
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string& text) {
        run.server.send_text(cid, text);
        if (connections <= 2) run.stop_reading(cid);
    };
    run.finish();
    CHECK(run.errors("the server takes no messages") == 2);
    CHECK(run.users().failed == (comes_back ? 0u : 2u));
    CHECK(run.users().completed == (comes_back ? 2u : 0u));
    CHECK(run.elapsed_ns() >= limits::kBlockedTimeoutNs);
    CHECK(run.elapsed_ns() < limits::kBlockedTimeoutNs + 2 * limits::kCloseTimeoutNs);
}

TEST_CASE("user_lives: each connection of a user has a key of its own", "[session][users]") {
    ScenarioBuilder scenario;
    scenario.users(2, 2 * kMillisecond).connect().send("a").await().connect().send("b").await();
    UserRun run(scenario.end());
    std::set<std::string> keys;
    run.server.script.on_upgraded = [&](test::ConnectionId) {
        const std::string& request = run.server.last_request();
        keys.insert(request.substr(request.find("Sec-WebSocket-Key: "), 43));
    };
    run.finish();
    CHECK(run.users().completed == 2);
    CHECK(keys.size() == 4);
}

TEST_CASE("user_lives: the session of a user that comes back is its whole life", "[session][users]") {
    ScenarioBuilder scenario = holding(2, 3 * kSecond);
    scenario.scenario.reconnect = plan::ReconnectPolicy{};
    scenario.connect();
    scenario.scenario.actions.push_back({plan::ActionKind::hold, 0});
    scenario.scenario.holds.push_back(kNever);
    UserRun run(scenario.end());
    run.server.script.on_upgraded = [&](test::ConnectionId cid) {
        run.server.later(700 * kMillisecond, cid,
                         [&run, cid] { run.server.close(cid, transport::CloseMode::reset); });
    };
    run.run_until(10 * kSecond);
    CHECK(run.users().completed == 2);
    CHECK(run.users().session_length.summarize()->min >= 2'900 * kMillisecond);
}

TEST_CASE("user_lives: who is in its handshake when its phase ends has failed only if nobody gets through",
          "[session][users]") {
    struct Case {
        TimeNs silent_from_ns;
        std::uint64_t failed;
    };
    const Case at = GENERATE(Case{4'900 * kMillisecond, 0}, Case{2 * kSecond, 3}, Case{0, 3});
    UserRun run(holding(3, 5 * kSecond).connect().send("x").await().think(20 * kMillisecond).end());
    const auto fall_silent = [&] { run.server.script.upgrade = test::ScriptedServer::Upgrade::silence; };
    if (at.silent_from_ns == 0) fall_silent();
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string& text) {
        if (run.elapsed_ns() >= at.silent_from_ns) fall_silent();
        run.server.send_text(cid, text);
    };
    run.run_until(20 * kSecond);
    CHECK(run.users().failed == at.failed);
    CHECK(run.errors("WebSocket is not open") == at.failed);
    CHECK(run.users().completed == run.users().started - at.failed);
}

TEST_CASE("user_lives: who comes back when its phase ends has failed only if it was refused",
          "[session][users]") {
    const bool refused = GENERATE(false, true);
    ScenarioBuilder scenario = holding(2, 2 * kSecond);
    scenario.scenario.reconnect = plan::ReconnectPolicy{
        .kind = plan::Reconnect::exponential, .first_ns = 10 * kSecond, .max_ns = 10 * kSecond};
    if (refused) scenario.scenario.reconnect->first_ns = 100 * kMillisecond;
    scenario.connect();
    scenario.scenario.actions.push_back({plan::ActionKind::hold, 0});
    scenario.scenario.holds.push_back(kNever);
    UserRun run(scenario.end());
    run.server.script.on_upgraded = [&](test::ConnectionId cid) {
        run.server.later(1 * kSecond, cid, [&run, cid, refused] {
            if (refused) run.refuse_connections();
            run.server.close(cid, transport::CloseMode::reset);
        });
    };
    run.run_until(20 * kSecond);
    CHECK(run.users().failed == (refused ? 2u : 0u));
    CHECK(run.users().completed == (refused ? 0u : 2u));
}
