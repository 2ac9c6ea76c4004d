#include "load/script_run.hpp"

#include <catch2/catch.hpp>

#include "tests/support/load_run.hpp"
#include "tests/support/user_run.hpp"

using namespace wsblast;
using namespace wsblast::load;
using test::ScenarioBuilder;

namespace {

ScenarioBuilder at(std::uint16_t port, std::uint64_t users, TimeNs duration_ns) {
    ScenarioBuilder scenario;
    scenario.users(users, duration_ns);
    scenario.scenario.file = "a.yml";
    scenario.scenario.targets[0].url = "ws://127.0.0.1:" + std::to_string(port) + "/echo";
    return scenario;
}

plan::RunOptions one_core() {
    plan::RunOptions options;
    options.command = "script";
    options.cores = 1;
    options.seed = 1;
    return options;
}

stats::ScriptResult run(const plan::Scenario& scenario, const ScriptHooks& hooks = {}) {
    auto result = run_script(scenario, one_core(), hooks);
    INFO((result.ok() ? "" : result.error().what));
    REQUIRE(result.ok());
    return std::move(*result);
}

std::string error_of(const plan::Scenario& scenario) {
    const auto result = run_script(scenario, one_core(), {});
    REQUIRE_FALSE(result.ok());
    return result.error().what;
}

}  // namespace

TEST_CASE("script run: every user does what the scenario says", "[load][script_run]") {
    const auto server = test::start_server();
    const stats::ScriptResult result =
        run(at(server->port(), 20, 200 * kMillisecond).connect().send("x").await().send("y").end());
    CHECK(result.total.counters ==
          std::map<std::string, std::uint64_t>{{"vusers.created", 20},
                                               {"vusers.created_by_name.0", 20},
                                               {"vusers.completed", 20},
                                               {"vusers.failed", 0},
                                               {"websocket.messages_sent", 40},
                                               {"websocket.messages_received", 20}});
    REQUIRE(result.run.users.has_value());
    CHECK(result.run.users->created == 20);
    CHECK(result.run.users->completed == 20);
    CHECK(result.run.users->peak >= 1);
    CHECK(result.run.users->peak <= 20);
    CHECK(result.run.command == "script");
    CHECK(result.run.counters.successful == 20);
    CHECK(result.run.latency->count == 20);
    CHECK(result.total.summaries.at("vusers.session_length").count == 20);
    CHECK_FALSE(result.run.interrupted);
    CHECK(result.run.duration_s >= 0.2);
    // What the options of a run say is not said of a scenario.
    CHECK(result.run.workload.messages_per_connection == std::nullopt);
    CHECK(result.run.workload.interval_s == std::nullopt);
    CHECK(result.run.workload.pipeline == std::nullopt);
}

TEST_CASE("script run: the windows add up to the whole", "[load][script_run]") {
    const auto server = test::start_server();
    std::uint64_t shown = 0;
    ScriptHooks hooks;
    hooks.show_window = [&](const stats::MetricWindow& window) {
        const auto created = window.counters.find("vusers.created");
        if (created != window.counters.end()) shown += created->second;
    };
    const auto result = run(at(server->port(), 10, 50 * kMillisecond).connect().send("x").end(), hooks);
    CHECK(shown == 10);
    std::uint64_t kept = 0;
    for (const stats::MetricWindow& window : result.windows)
        kept += window.counters.contains("vusers.created") ? window.counters.at("vusers.created") : 0;
    CHECK(kept == 10);
}

TEST_CASE("script run: what `before` has captured all users have, and `after` comes last",
          "[load][script_run]") {
    const auto server = test::start_server();
    ScenarioBuilder scenario = at(server->port(), 3, 10 * kMillisecond);
    const plan::SlotId token = scenario.slot("token");
    const auto log = [&](plan::UserText text) {
        scenario.scenario.actions.push_back(
            {plan::ActionKind::log, static_cast<plan::TableIndex>(scenario.scenario.logs.size())});
        scenario.scenario.logs.push_back(std::move(text));
    };
    const auto next = [&] { return static_cast<std::uint32_t>(scenario.scenario.actions.size()); };
    plan::AwaitPlan await;
    await.captures.push_back({.extract = ScenarioBuilder::json("$.token"), .slot = token});
    scenario.scenario.before = plan::ScenarioFlow{.name = "before", .first = next()};
    scenario.connect().send(R"({"token": "secret"})").await(await).end();
    scenario.scenario.after = plan::ScenarioFlow{.name = "after", .first = next()};
    log(ScenarioBuilder::literal("over"));
    scenario.end();
    scenario.scenario.flows[0].first = next();
    log(scenario.with("has ", "token"));
    std::vector<std::string> lines;
    ScriptHooks hooks;
    hooks.show_log = [&](std::string_view line) { lines.emplace_back(line); };
    const stats::ScriptResult result = run(scenario.end(), hooks);
    CHECK(lines == std::vector<std::string>{"has secret", "has secret", "has secret", "over"});
    CHECK(result.total.counters.at("vusers.created") == 3);  // hooks are in no count
}

TEST_CASE("script run: where `before` fails there is no run", "[load][script_run]") {
    ScenarioBuilder scenario = at(test::closed_port(), 3, 10 * kMillisecond);
    scenario.connect();
    scenario.scenario.before = plan::ScenarioFlow{.name = "before"};
    CHECK(error_of(scenario.end()) == "a.yml: `before` failed: ECONNREFUSED");
}

TEST_CASE("script run: an interrupt ends it, and every user is in a sum", "[load][script_run]") {
    const auto server = test::start_server();
    ScriptHooks hooks;
    hooks.stop_requested = [&] { return server->board().total(target::Count::connections_open) > 2; };
    const stats::ScriptResult result =
        run(at(server->port(), 1000, 60 * kSecond).connect().think(kMinute).end(), hooks);
    CHECK(result.run.interrupted);
    CHECK(result.run.users->created > 0);
    CHECK(result.run.users->created < 1000);
    CHECK(result.run.users->interrupted == result.run.users->created);
    CHECK(result.run.duration_s < 30);
}

TEST_CASE("script run: what cannot begin is told before any connection", "[load][script_run]") {
    ScenarioBuilder unknown = at(1, 1, kMillisecond);
    unknown.scenario.targets[0].url = "ws://no-such-host.invalid/";
    CHECK(error_of(unknown.connect().end()).find("no-such-host.invalid") != std::string::npos);
    ScenarioBuilder wrong = at(1, 1, kMillisecond);
    wrong.scenario.targets[0].url = "http://localhost/";
    CHECK(error_of(wrong.connect().end()).find("http://localhost/") != std::string::npos);
}
