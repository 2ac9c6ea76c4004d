// Virtual users of a scenario against a ScriptedServer in virtual time: what leader, worker and kernel do
// elsewhere, deterministically and in one thread.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "plan/arrival_phases.hpp"
#include "plan/program.hpp"
#include "plan/scenario.hpp"
#include "session/client_upgrade.hpp"
#include "session/run_control.hpp"
#include "session/user_log.hpp"
#include "session/user_parts.hpp"
#include "stats/shard.hpp"
#include "stats/user_shard.hpp"
#include "tests/support/scripted_server.hpp"
#include "transport/memory_transport.hpp"

namespace wsblast::session {
template <class Transport>
class Clients;
}  // namespace wsblast::session

namespace wsblast::test {

// A scenario, put together as the loader would.
class ScenarioBuilder {
  public:
    ScenarioBuilder() {
        scenario.flows.push_back({.name = "0"});
        scenario.labels.emplace_back();
        scenario.targets.push_back({.url = "ws://test.example/ws"});
        scenario.seed = 1;
    }
    ScenarioBuilder& users(std::uint64_t count, TimeNs duration_ns) {
        scenario.phases.push_back(
            {.kind = plan::PhaseKind::count, .duration_ns = duration_ns, .count = count});
        return *this;
    }
    ScenarioBuilder& connect() {
        return add(plan::ActionKind::connect, scenario.connects, plan::ConnectPlan{});
    }
    ScenarioBuilder& send(std::string text) { return send(literal(std::move(text))); }
    ScenarioBuilder& send(plan::UserText text) {
        plan::SendPlan plan;
        plan.text = std::move(text);
        return add(plan::ActionKind::send, scenario.sends, std::move(plan));
    }
    ScenarioBuilder& await(plan::AwaitPlan plan = {}) {
        return add(plan::ActionKind::await, scenario.awaits, std::move(plan));
    }
    ScenarioBuilder& think(TimeNs duration_ns) {
        plan::ThinkPlan plan;
        plan.duration_ns = duration_ns;
        return add(plan::ActionKind::think, scenario.thinks, std::move(plan));
    }
    // From the next action to end_loop().
    ScenarioBuilder& loop(std::uint64_t times) {
        plan::LoopPlan plan;
        plan.last = times;
        plan.count_slot = slot("$loopCount");
        plan.depth = depth_++;
        add(plan::ActionKind::loop, scenario.loops, std::move(plan));
        scenario.loops.back().body = static_cast<std::uint32_t>(scenario.actions.size());
        open_loops_.push_back(static_cast<std::uint32_t>(scenario.loops.size() - 1));
        return *this;
    }
    ScenarioBuilder& end_loop() {
        --depth_;
        scenario.actions.push_back({plan::ActionKind::repeat, open_loops_.back()});
        scenario.loops[open_loops_.back()].end = static_cast<std::uint32_t>(scenario.actions.size());
        open_loops_.pop_back();
        return *this;
    }
    plan::Scenario end() {
        scenario.actions.push_back({plan::ActionKind::end});
        return scenario;
    }

    plan::SlotId slot(const std::string& name) {
        for (plan::SlotId i = 0; i < scenario.slots.size(); ++i) {
            if (scenario.slots[i].name == name) return i;
        }
        scenario.slots.push_back({.name = name});
        return static_cast<plan::SlotId>(scenario.slots.size() - 1);
    }
    static plan::UserText literal(std::string text) {
        plan::UserText made;
        made.parts.push_back({.literal = std::move(text)});
        return made;
    }
    // A literal, and a variable behind it.
    plan::UserText with(std::string text, const std::string& name) {
        plan::UserText made;
        made.parts.push_back(
            {.literal = std::move(text), .kind = plan::PartKind::variable, .slot = slot(name)});
        return made;
    }
    static plan::Extract json(std::string_view path) {
        plan::Extract extract;
        extract.path = std::make_shared<const json::Path>(*json::Path::parse(path));
        return extract;
    }

    plan::Scenario scenario;

  private:
    template <class Plan>
    ScenarioBuilder& add(plan::ActionKind kind, std::vector<Plan>& table, Plan plan) {
        scenario.actions.push_back({kind, static_cast<plan::TableIndex>(table.size())});
        table.push_back(std::move(plan));
        return *this;
    }

    std::uint8_t depth_ = 0;
    std::vector<std::uint32_t> open_loops_;
};

class UserRun {
  public:
    using Memory = transport::MemoryTransport;

    // `deflate`: what the users offer, and the server takes.
    explicit UserRun(plan::Scenario scenario, std::uint32_t users_max = 64,
                     std::optional<proto::DeflateParameters> deflate = {});
    ~UserRun();
    UserRun(const UserRun&) = delete;
    UserRun& operator=(const UserRun&) = delete;

    // To the end, where the sums hold.
    void finish();
    void run_until(TimeNs elapsed_ns);
    void interrupt() { control_.raise(session::Stage::stopping); }
    void refuse_connections() { server_transport_.stop_listening(); }
    // The server takes nothing more of it, whatever it says.
    void stop_reading(transport::ConnectionId cid) { client_transport_.close_window(cid); }
    void read_again(transport::ConnectionId cid) { client_transport_.open_window(cid); }

    [[nodiscard]] TimeNs elapsed_ns() const { return network_.now_ns() - began_ns; }
    [[nodiscard]] stats::UserSnapshot users() const {
        stats::UserSnapshot snapshot;
        snapshot.add(shard_of_users);
        return snapshot;
    }
    // Of "errors.<text>".
    [[nodiscard]] std::uint64_t errors(const std::string& text) const {
        return users().named.counters["errors." + text];
    }
    [[nodiscard]] std::vector<std::string> log_lines() {
        std::vector<std::string> lines;
        log_.read([&](std::string_view line) { lines.emplace_back(line); });
        return lines;
    }

  private:
    TimeNs do_tick();
    [[nodiscard]] bool has_work() const;

    plan::ArrivalPlan arrivals_;
    plan::Program program_;
    transport::MemoryNetwork network_;
    Memory client_transport_;
    Memory server_transport_;
    std::vector<session::ClientTarget> targets_;
    session::RunControl control_;
    session::UserLog log_;
    std::unique_ptr<session::UsersInput> input_;
    std::unique_ptr<session::Clients<Memory>> clients_;
    std::vector<std::unique_ptr<stats::UserShard>> all_;

  public:
    ScriptedServer server;
    session::WorkerReport report;
    stats::Shard shard;
    stats::Shard warm;
    stats::UserShard& shard_of_users;
    TimeNs began_ns;
};

}  // namespace wsblast::test
