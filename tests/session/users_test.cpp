#include "session/users.hpp"

#include <catch2/catch.hpp>

#include "tests/support/user_run.hpp"

using namespace wsblast;
using test::ScenarioBuilder;
using test::UserRun;

TEST_CASE("users: each begins when it is due, and completes its scenario", "[session][users]") {
    UserRun run(ScenarioBuilder().users(10, 1 * kSecond).connect().send("hello").await().end());
    run.finish();
    const stats::UserSnapshot users = run.users();
    CHECK(users.started == 10);
    CHECK(users.completed == 10);
    CHECK(users.messages_sent == 10);
    CHECK(users.messages_received == 10);
    CHECK(users.response_time.count() == 10);
    CHECK(users.connect_time.count() == 10);
    CHECK(users.session_length.count() == 10);
    CHECK(run.shard.counters.received.get() == 10);
    CHECK(run.elapsed_ns() >= 1 * kSecond);
    CHECK(run.elapsed_ns() < 1100 * kMillisecond);
}

TEST_CASE("users: think times and loops take their time, and drift by nothing", "[session][users]") {
    UserRun run(ScenarioBuilder()
                    .users(1, 1 * kMillisecond)
                    .connect()
                    .loop(20)
                    .send("ping")
                    .await()
                    .think(5 * kSecond)
                    .send("message")
                    .think(3 * kSecond)
                    .end_loop()
                    .end());
    run.finish();
    CHECK(run.users().messages_sent == 40);
    CHECK(run.users().messages_received == 20);
    const auto length = run.users().session_length.summarize();
    REQUIRE(length);
    CHECK(length->min >= 160 * kSecond);
    CHECK(length->max < 161 * kSecond);
}

TEST_CASE("users: what nobody awaits is in no latency, and what is awaited too long fails its user",
          "[session][users]") {
    plan::AwaitPlan await;
    await.timeout_ns = 2 * kSecond;
    UserRun run(ScenarioBuilder().users(3, 1 * kMillisecond).connect().send("hello").await(await).end());
    run.server.script.on_message = [](test::ConnectionId, const std::string&) {};
    run.finish();
    CHECK(run.users().failed == 3);
    CHECK(run.errors("response timeout") == 3);
    CHECK(run.shard.counters.lost.get() == 3);
    CHECK(run.users().response_time.count() == 0);
}

TEST_CASE("users: a wait of its own that times out loses no message", "[session][users]") {
    plan::AwaitPlan await;
    await.timeout_ns = 1 * kSecond;
    UserRun run(ScenarioBuilder().users(2, 1 * kMillisecond).connect().await(await).end());
    run.finish();
    CHECK(run.users().failed == 2);
    CHECK(run.errors("response timeout") == 2);
    CHECK(run.shard.counters.lost.get() == 0);
}

TEST_CASE("users: who stays until the connection ends goes on when it does", "[session][users]") {
    ScenarioBuilder scenario;
    scenario.users(2, 1 * kMillisecond).connect().send("x");
    scenario.scenario.actions.push_back({plan::ActionKind::hold, 0});
    scenario.scenario.holds.push_back(kNever);
    UserRun run(scenario.end());
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string&) {
        run.server.later(3 * kSecond, cid, [&run, cid] { run.server.send_close(cid, 1001); });
    };
    run.finish();
    CHECK(run.users().completed == 2);
    CHECK(run.elapsed_ns() >= 3 * kSecond);
}

TEST_CASE("users: captures fill variables that later texts use", "[session][users]") {
    ScenarioBuilder scenario;
    plan::AwaitPlan await;
    await.captures.push_back({.extract = ScenarioBuilder::json("$.id"), .slot = scenario.slot("id")});
    scenario.users(2, 1 * kMillisecond)
        .connect()
        .send("{}")
        .await(await)
        .send(scenario.with("id is ", "id"));
    UserRun run(scenario.end());
    std::vector<std::string> heard;
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string& message) {
        heard.push_back(message);
        if (message == "{}") run.server.send_text(cid, R"({"id": 17})");
    };
    run.finish();
    CHECK(run.users().completed == 2);
    CHECK(std::count(heard.begin(), heard.end(), "id is 17") == 2);
}

TEST_CASE("users: a capture or a match that finds nothing fails its user, and no other",
          "[session][users]") {
    ScenarioBuilder scenario;
    plan::AwaitPlan await;
    plan::Match match;
    match.extract = ScenarioBuilder::json("$.type");
    match.fixed = OwnedValue(Value::of_text("pong"));
    await.matches.push_back(match);
    UserRun run(scenario.users(4, 4 * kMillisecond).connect().send("x").await(await).end());
    int messages = 0;
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string&) {
        run.server.send_text(cid, ++messages == 2 ? R"({"type": "error"})" : R"({"type": "pong"})");
    };
    run.finish();
    CHECK(run.users().completed == 3);
    CHECK(run.users().failed == 1);
    CHECK(run.errors("Failed capture or match") == 1);
}

TEST_CASE("users: an awaited message that is described waits for it", "[session][users]") {
    ScenarioBuilder scenario;
    plan::AwaitPlan await;
    plan::Match match;
    match.extract = ScenarioBuilder::json("$.type");
    match.fixed = OwnedValue(Value::of_text("pong"));
    await.expect.push_back(match);
    UserRun run(scenario.users(1, 1 * kMillisecond).connect().send("x").await(await).end());
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string&) {
        run.server.send_text(cid, R"({"type": "news"})");
        run.server.send_text(cid, "no JSON");
        run.server.send_text(cid, R"({"type": "pong"})");
    };
    run.finish();
    CHECK(run.users().completed == 1);
    CHECK(run.users().messages_received == 1);
}

TEST_CASE("users: a refused connection is an error by Node's name", "[session][users]") {
    UserRun run(ScenarioBuilder().users(3, 1 * kMillisecond).connect().send("x").end());
    run.refuse_connections();
    run.finish();
    CHECK(run.users().failed == 3);
    CHECK(run.errors("ECONNREFUSED") == 3);
    CHECK(run.shard.counters.failed.get() == 3);
}

TEST_CASE("users: a server that closes after the last message is no error, before it is one",
          "[session][users]") {
    const bool needs_more = GENERATE(false, true);
    ScenarioBuilder scenario;
    scenario.users(2, 1 * kMillisecond).connect().send("bye").think(1 * kSecond);
    if (needs_more) scenario.send("more");
    UserRun run(scenario.end());
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string&) {
        run.server.send_close(cid, 1000);
    };
    run.finish();
    CHECK(run.users().completed == (needs_more ? 0u : 2u));
    CHECK(run.errors("WebSocket is not open") == (needs_more ? 2u : 0u));
}

TEST_CASE("users: arrivals above maxVusers are skipped", "[session][users]") {
    ScenarioBuilder scenario;
    scenario.users(10, 1 * kSecond).connect().think(10 * kSecond);
    scenario.scenario.phases.front().users_max = 3;
    UserRun run(scenario.end());
    run.finish();
    CHECK(run.users().started == 3);
    CHECK(run.users().skipped == 7);
    CHECK(run.users().completed == 3);
}

TEST_CASE("users: a phase that holds users replaces who ends, and ends with its time", "[session][users]") {
    ScenarioBuilder scenario;
    scenario.scenario.phases.push_back(
        {.kind = plan::PhaseKind::hold, .duration_ns = 10 * kSecond, .count = 5});
    UserRun run(scenario.connect().send("x").await().think(999 * kMillisecond).end());
    run.run_until(5 * kSecond);
    CHECK(run.users().now.active == 5);
    run.run_until(30 * kSecond);
    CHECK(run.users().now.active == 0);
    CHECK(run.users().started >= 5 * 9);
    CHECK(run.users().started <= 5 * 11);
}

TEST_CASE("users: an interrupt gives up who is there, and the sums hold", "[session][users]") {
    UserRun run(ScenarioBuilder()
                    .users(20, 1 * kSecond)
                    .connect()
                    .loop(1000)
                    .send("x")
                    .await()
                    .think(10 * kMillisecond)
                    .end_loop()
                    .end());
    run.run_until(500 * kMillisecond);
    run.interrupt();
    run.finish();
    CHECK(run.users().started >= 8);
    CHECK(run.users().completed == 0);
    CHECK(run.users().interrupted == run.users().started);
    CHECK(run.elapsed_ns() < 2 * kSecond);
}

TEST_CASE("users: what they send is compressed where that is agreed on, constant or not",
          "[session][users]") {
    const bool alone = GENERATE(false, true);
    const std::string text = "again and again and again and again and again and again and again";
    ScenarioBuilder scenario;
    scenario.users(4, 1 * kMillisecond).connect().loop(5).send(text).await().end_loop();
    const proto::MaskKey key{1, 2, 3, 4};
    if (GENERATE(false, true))
        scenario.scenario.sends.front().constant = plan::OutgoingMessage::constant(text, {.mask_key = key});
    UserRun run(scenario.end(), 64, proto::DeflateParameters{.client_no_context_takeover = alone});
    run.finish();
    CHECK(run.users().completed == 4);
    CHECK(run.server.messages() == std::vector<std::string>(20, text));
    CHECK(run.server.violations() == 0);
    const session::InflatedBytes heard = run.server.take_inflated();
    CHECK(heard.to == 20 * text.size());
    CHECK(heard.from == run.shard.counters.deflated_to.get());
    CHECK(heard.to == run.shard.counters.deflated_from.get());
    // Of the later ones little more than "the same again" is said.
    CHECK((heard.from < 4 * (40 + 4 * 8)) == !alone);
}
