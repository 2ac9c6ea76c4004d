#include "load/script_run.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.hpp"
#include "load/prepare.hpp"
#include "load/redirects.hpp"
#include "load/room.hpp"
#include "load/script_leader.hpp"
#include "load/targets.hpp"
#include "plan/arrival_phases.hpp"
#include "plan/scenario_estimate.hpp"
#include "session/user_addresses.hpp"

namespace wsblast::load {

namespace {

// A table of that many columns, "0", "1", ..., whose values each user brings itself.
Result<std::shared_ptr<const plan::ValueTable>> columns_for(const plan::Scenario& scenario,
                                                            std::size_t target) {
    std::size_t holes = 0;
    for (const plan::ConnectPlan& connect : scenario.connects) {
        const std::size_t more = connect.function.empty() ? 0 : 1;
        if (connect.target == target) holes = std::max(holes, connect.holes.size() + more);
    }
    if (holes == 0) return std::shared_ptr<const plan::ValueTable>();
    std::string names;
    std::string values;
    for (std::size_t i = 0; i < holes; ++i) {
        names += (i == 0 ? "" : ",") + std::to_string(i);
        values += i == 0 ? "\"\"" : ",\"\"";
    }
    auto table = plan::ValueTable::parse(names + "\n" + values + "\n");
    if (!table) return table.error();
    return std::make_shared<const plan::ValueTable>(std::move(*table));
}

// What connections to one target of the scenario say.
Result<plan::RunOptions> options_for(const plan::Scenario& scenario, const plan::RunOptions& options,
                                     std::size_t number) {
    const plan::ScenarioTarget& target = scenario.targets[number];
    plan::RunOptions own = options;
    own.urls = {target.url};
    own.headers.insert(own.headers.end(), target.headers.begin(), target.headers.end());
    if (!target.subprotocols.empty()) own.subprotocols = target.subprotocols;
    auto columns = columns_for(scenario, number);
    if (!columns) return columns.error();
    if (*columns) own.access.values = std::move(*columns);
    return own;
}

Result<ResolvedTargets> resolve_scenario_targets(const plan::Scenario& scenario,
                                                 const plan::RunOptions& options) {
    ResolvedTargets targets;
    stats::Histogram lookups;
    for (std::size_t i = 0; i < scenario.targets.size(); ++i) {
        const auto own = options_for(scenario, options, i);
        if (!own) return own.error();
        const auto added = add_target(scenario.targets[i].url, *own, targets, lookups);
        if (!added) return added.error();
    }
    return targets;
}

// What a hook of a scenario takes part in, and where its variables go.
struct HookHooks {
    const ScriptHooks& run;
    std::vector<OwnedValue>* kept = nullptr;
};

// Connect, be led by a user, close.
plan::Program program_of(const plan::Scenario& scenario, const plan::RunOptions& options,
                         std::uint64_t users) {
    plan::Program program;
    program.steps = {{plan::StepKind::connect, options.connect_timeout_ns},
                     {plan::StepKind::scenario, 0},
                     {plan::StepKind::close, 0}};
    program.matching = plan::Matching::none;
    program.seed = scenario.seed;
    program.connections = std::clamp<std::uint64_t>(users, 1, ~std::uint32_t{0});  // held ones aside
    program.message_size_max = options.message.size_max;
    program.ping_interval_ns = options.message.ping_interval_ns;
    program.pong_timeout_ns = options.message.pong_timeout_ns;
    return program;
}

// Users that may be at work at the same time, for whom tables and rings are laid out: twice what the think
// times say, as answers take time as well.
std::uint64_t users_at_once(const plan::Scenario& scenario, const plan::ArrivalPlan& arrivals) {
    std::uint64_t held = 0;
    for (const plan::HeldUsers& phase : arrivals.held()) held = std::max(held, phase.users);
    const std::uint64_t likely = 2 * plan::estimate(scenario).peak_bound;
    const std::uint64_t wanted = std::min(arrivals.users(), std::max(likely, limits::kUsersAtOnceMin));
    return std::clamp<std::uint64_t>(wanted + held, 1, limits::kUsersAtOnceMax);
}

// Where JavaScript says the path, it is a hole of its own.
void open_paths(plan::Scenario& scenario) {
    for (plan::ConnectPlan& connect : scenario.connects) {
        if (connect.function.empty() || !connect.address.empty()) continue;
        const plan::ScenarioTarget target = scenario.targets[connect.target];
        connect.address = target.url;
        connect.target = static_cast<std::uint32_t>(scenario.targets.size());
        scenario.targets.push_back(session::UserAddresses::open_path(target, connect.holes.size()));
    }
}

// Frames of constant messages are made once.
plan::Scenario with_frames(const plan::Scenario& scenario) {
    plan::Scenario made = scenario;
    for (plan::SendPlan& send : made.sends) {
        if (!send.text.constant() || send.constant) continue;
        const std::uint64_t mask = draw(scenario.seed, Stream::mask_key, 1);
        proto::MaskKey key{};
        for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(mask >> 8 * i);
        send.constant =
            plan::OutgoingMessage::constant(send.text.text(), {.opcode = send.opcode, .mask_key = key});
    }
    return made;
}

// Users of the scenario, from the first to the last. `kept`: null, or where the variables of the last one
// go.
Result<stats::ScriptResult> lead_users(const plan::Scenario& scenario, const plan::RunOptions& options,
                                       const ScriptHooks& hooks, std::vector<OwnedValue>* kept) {
    const plan::ArrivalPlan arrivals(scenario.phases, scenario.seed);
    plan::RunOptions wanted = options;
    wanted.urls.clear();
    for (const plan::ScenarioTarget& target : scenario.targets) wanted.urls.push_back(target.url);
    wanted.connections = static_cast<std::uint32_t>(users_at_once(scenario, arrivals));
    const auto room = find_room(wanted);
    if (!room) return room.error();
    wanted.connections = static_cast<std::uint32_t>(room->connections);

    auto targets = resolve_scenario_targets(scenario, wanted);
    if (!targets) return targets.error();
    if (wanted.access.redirects != plan::Redirects::refuse)
        find_redirects(wanted, *targets, hooks.stop_requested);
    const auto prepared =
        prepare(wanted, program_of(scenario, wanted, arrivals.users()), std::move(*targets));
    if (!prepared) return prepared.error();
    const EngineScript script{scenario, arrivals, wanted.connections, kept};
    const auto engine = start_engine(**prepared, wanted, &script);
    if (!engine) return engine.error();
    ScriptLeader leader({**engine, (*prepared)->program, scenario, arrivals, wanted, hooks});
    leader.lead();
    stats::ScriptResult result = leader.result();
    result.run.connect.name_lookup = (*prepared)->targets.name_lookup;
    const auto& warnings = (*prepared)->warnings;
    result.run.warnings.insert(result.run.warnings.begin(), warnings.begin(), warnings.end());
    return result;
}

// `before` or `after`: one user, whose counts are in no result. Environment error: it failed.
Result<void> run_hook(const plan::Scenario& scenario, const plan::ScenarioFlow& flow,
                      const plan::RunOptions& options, const HookHooks& hooks) {
    plan::Scenario alone = scenario;
    alone.flows = {flow};
    alone.phases = {{.kind = plan::PhaseKind::count, .duration_ns = kMillisecond, .count = 1}};
    ScriptHooks quiet;
    quiet.stop_requested = hooks.run.stop_requested;
    quiet.show_log = hooks.run.show_log;
    const auto result = lead_users(alone, options, quiet, hooks.kept);
    if (!result) return result.error();
    if (result->total.counters.contains("vusers.completed") || result->run.interrupted) return {};
    std::string why;
    for (const auto& [name, count] : result->total.counters) {
        if (name.starts_with("errors.")) why += (why.empty() ? "" : ", ") + name.substr(7);
    }
    return environment_error(scenario.file + ": `" + flow.name + "` failed: " + why);
}

// What `before` has found is a variable of all users.
void hand_over(plan::Scenario& scenario, const std::vector<OwnedValue>& kept) {
    for (std::size_t i = 0; i < kept.size(); ++i) {
        plan::Slot& slot = scenario.slots[i];
        const bool found =
            slot.kind == plan::SlotKind::stored && kept[i].view().type != ValueType::undefined;
        if (!found) continue;
        slot.kind = plan::SlotKind::constant;
        slot.use = plan::SlotUse::written;
        slot.values = {kept[i]};
    }
}

}  // namespace

Result<stats::ScriptResult> run_script(const plan::Scenario& scenario, const plan::RunOptions& options,
                                       const ScriptHooks& hooks) {
    plan::Scenario made = with_frames(scenario);
    open_paths(made);
    if (made.before) {
        std::vector<OwnedValue> kept;
        if (const auto ran = run_hook(made, *made.before, options, {hooks, &kept}); !ran)
            return ran.error();
        hand_over(made, kept);
    }
    auto result = lead_users(made, options, hooks, nullptr);
    if (result && made.after && !result->run.interrupted) {
        const auto ran = run_hook(made, *made.after, options, {hooks, nullptr});
        if (!ran) result->run.warnings.push_back(ran.error().what);
    }
    return result;
}

}  // namespace wsblast::load
