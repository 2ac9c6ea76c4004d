#include "session/user_streams.hpp"

#include <catch2/catch.hpp>

#include "tests/support/user_run.hpp"

using namespace wsblast;
using test::ScenarioBuilder;
using test::UserRun;

namespace {

plan::Scenario streaming(double rate_per_s, TimeNs duration_ns, plan::Arrivals arrivals) {
    ScenarioBuilder scenario;
    scenario.users(1, 1 * kMillisecond).connect();
    plan::SendPlan send;
    send.text = ScenarioBuilder::literal(R"({"type":"ping"})");
    scenario.scenario.sends.push_back(send);
    plan::StreamPlan stream;
    stream.rate_per_s = rate_per_s;
    stream.duration_ns = duration_ns;
    stream.timeout_ns = 1 * kSecond;
    stream.arrivals = arrivals;
    plan::Match match;
    match.extract = ScenarioBuilder::json("$.type");
    match.fixed = OwnedValue(Value::of_text("ping"));
    stream.expect.push_back(match);
    scenario.scenario.streams.push_back(stream);
    scenario.scenario.actions.push_back({plan::ActionKind::stream, 0});
    return scenario.end();
}

}  // namespace

TEST_CASE("user_streams: as many messages as rate and duration say, whatever their gap is in nanoseconds",
          "[session][users]") {
    struct Case {
        double rate_per_s;
        TimeNs duration_ns;
        std::uint64_t messages;
    };
    const auto [rate_per_s, duration_ns, messages] =
        GENERATE(Case{3, 10 * kSecond, 30}, Case{30, 2 * kSecond, 60}, Case{300, 1 * kSecond, 300},
                 Case{7, 7 * kSecond, 49}, Case{0.3, 10 * kSecond, 3}, Case{1'000, 1 * kSecond, 1'000});
    UserRun run(streaming(rate_per_s, duration_ns, plan::Arrivals::uniform));
    run.finish();
    CHECK(run.users().messages_sent == messages);
    CHECK(run.users().messages_received == messages);
    CHECK(run.users().completed == 1);
}

TEST_CASE("user_streams: Poisson's gaps have the rate for their mean", "[session][users]") {
    UserRun run(streaming(1'000, 10 * kSecond, plan::Arrivals::poisson));
    run.finish();
    // Five standard deviations of a Poisson count.
    CHECK(run.users().messages_sent > 9'500);
    CHECK(run.users().messages_sent < 10'500);
}

TEST_CASE("user_streams: messages without an answer are errors that the report names", "[session][users]") {
    UserRun run(streaming(10, 2 * kSecond, plan::Arrivals::uniform));
    run.server.script.on_message = [](test::ConnectionId, const std::string&) {};
    run.finish();
    CHECK(run.users().messages_sent == 20);
    CHECK(run.errors("response timeout") == 20);
    CHECK(run.shard.counters.lost.get() == 20);
    CHECK(run.users().completed == 1);
}

TEST_CASE("user_streams: a server that takes nothing ends it", "[session][users]") {
    UserRun run(streaming(10, 30 * kSecond, plan::Arrivals::uniform));
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string& text) {
        run.server.send_text(cid, text);
        if (run.users().messages_sent >= 5) run.stop_reading(cid);
    };
    run.finish();
    CHECK(run.errors("the server takes no messages") == 1);
    CHECK(run.users().failed == 1);
    CHECK(run.users().messages_sent < 10);
    CHECK(run.elapsed_ns() >= limits::kBlockedTimeoutNs);
    CHECK(run.elapsed_ns() < limits::kBlockedTimeoutNs + 3 * kSecond);
}

TEST_CASE("user_streams: messages are sent on their schedule, whatever becomes of answers",
          "[session][users]") {
    UserRun run(streaming(100, 1 * kSecond, plan::Arrivals::uniform));
    run.server.script.on_message = [&](test::ConnectionId cid, const std::string& message) {
        run.server.later(300 * kMillisecond, cid,
                         [&run, cid, message] { run.server.send_text(cid, message); });
    };
    run.finish();
    CHECK(run.users().messages_sent == 100);
    CHECK(run.users().messages_received == 100);
    const auto latency = run.users().response_time.summarize();
    REQUIRE(latency);
    CHECK(latency->min >= 299 * kMillisecond);
    CHECK(latency->max < 302 * kMillisecond);
}
