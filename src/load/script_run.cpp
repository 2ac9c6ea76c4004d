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
#include "session/user_addresses.hpp"
#include "session/user_errors.hpp"
#include "session/user_parts.hpp"
#include "text/format.hpp"

namespace wsblast::load {

namespace {

// A table of that many columns, "0", "1", ..., whose values each user brings itself.
Result<std::shared_ptr<const plan::ValueTable>> columns_for(const plan::Scenario& scenario,
                                                            std::size_t target) {
    std::size_t holes = 0;
    for (const plan::ConnectPlan& connect : scenario.connects) {
        const std::size_t wanted =
            connect.function.empty() ? connect.holes.size() : session::UserAddresses::kColumns;
        if (connect.target == target) holes = std::max(holes, wanted);
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
    const bool open = std::ranges::any_of(scenario.connects, [&](const plan::ConnectPlan& connect) {
        return !connect.function.empty() && connect.target == number;
    });
    if (open) own.access.lines_column = session::UserAddresses::kLinesColumn;
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
    session::KeptVariables* kept = nullptr;
};

plan::Program program_for(plan::Scenario scenario, const plan::RunOptions& options, std::uint64_t users) {
    plan::Program program = plan::program_of(std::move(scenario), users, options.connect_timeout_ns);
    program.message_size_max = options.message.size_max;
    program.ping_interval_ns = options.message.ping_interval_ns;
    program.pong_timeout_ns = options.message.pong_timeout_ns;
    return program;
}

// Users that may be at work at the same time: all that ever come, as nobody knows how long the server will
// keep them. What they do not use takes address space, and no memory.
std::uint64_t users_at_once(const plan::ArrivalPlan& arrivals) {
    std::uint64_t held = 0;
    for (const plan::HeldUsers& phase : arrivals.held()) held = std::max(held, phase.users);
    return std::clamp<std::uint64_t>(arrivals.users() + held, 1, limits::kUsersAtOnceMax);
}

// Where JavaScript says path and headers, they are holes.
void open_targets(plan::Scenario& scenario) {
    for (plan::ConnectPlan& connect : scenario.connects) {
        if (connect.function.empty()) continue;
        const plan::ScenarioTarget target = scenario.targets[connect.target];
        connect.closed_target = connect.target;
        connect.target = static_cast<std::uint32_t>(scenario.targets.size());
        scenario.targets.push_back(session::UserAddresses::open_target(target));
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

std::string no_capacity_words(const Room& room, const EngineScript& script) {
    std::string words = text::format(
        "users failed because there was no free connection: there was room for {} users at the same time, "
        "and {} connections",
        with_thousands(script.users_max), with_thousands(script.connections_max));
    if (!room.arithmetic.empty()) words += ": " + room.arithmetic;
    return words;
}

// Users of the scenario, from the first to the last. `kept`: null, or where the variables of the last one
// go.
Result<stats::ScriptResult> lead_users(plan::Scenario scenario, const plan::RunOptions& options,
                                       const ScriptHooks& hooks, session::KeptVariables* kept) {
    const plan::ArrivalPlan arrivals(scenario.phases, scenario.seed);
    plan::RunOptions wanted = options;
    wanted.urls.clear();
    for (const plan::ScenarioTarget& target : scenario.targets) wanted.urls.push_back(target.url);
    const std::uint64_t users = users_at_once(arrivals);
    wanted.connections = static_cast<std::uint32_t>(2 * users + limits::kClosingAtOnce);
    const auto room = find_room(wanted);
    if (!room) return room.error();
    wanted.connections = static_cast<std::uint32_t>(room->connections);

    auto targets = resolve_scenario_targets(scenario, wanted);
    if (!targets) return targets.error();
    if (wanted.access.redirects != plan::Redirects::refuse) {
        auto looking = options_for(scenario, wanted, 0);  // with the headers of the first target
        if (!looking) return looking.error();
        looking->urls = wanted.urls;
        find_redirects(*looking, *targets, hooks.stop_requested);
    }
    const auto prepared =
        prepare(wanted, program_for(std::move(scenario), wanted, arrivals.users()), std::move(*targets));
    if (!prepared) return prepared.error();
    const EngineScript script{.arrivals = arrivals,
                              .users_max = static_cast<std::uint32_t>(std::min(users, room->connections)),
                              .connections_max = wanted.connections,
                              .kept = kept};
    const auto engine = start_engine(**prepared, wanted, &script);
    if (!engine) return engine.error();
    ScriptLeader leader(
        {**engine, (*prepared)->program, (*prepared)->program.scenario, arrivals, wanted, hooks});
    leader.lead();
    stats::ScriptResult result = leader.result();
    result.run.connect.name_lookup = (*prepared)->targets.name_lookup;
    const auto& warnings = (*prepared)->warnings;
    result.run.warnings.insert(result.run.warnings.begin(), warnings.begin(), warnings.end());
    if (const std::uint64_t lines = (*engine)->log_lines_left_out(); lines > 0)
        result.run.warnings.push_back(text::format(
            "{} lines of `log` and console.* were left out: they came faster than they could be printed",
            with_thousands(lines)));
    if (result.total.counters.contains("errors." + std::string(session::user_error::kNoCapacity)))
        result.run.warnings.push_back(no_capacity_words(*room, script));
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
    const auto result = lead_users(std::move(alone), options, quiet, hooks.kept);
    if (!result) return result.error();
    if (result->total.counters.contains("vusers.completed") || result->run.interrupted) return {};
    std::string why;
    for (const auto& [name, count] : result->total.counters) {
        if (name.starts_with("errors.")) why += (why.empty() ? "" : ", ") + name.substr(7);
    }
    return environment_error(scenario.file + ": `" + flow.name + "` failed: " + why);
}

// What `before` has found is a variable of all users.
void hand_over(plan::Scenario& scenario, const session::KeptVariables& kept) {
    scenario.script_vars_json = kept.script_json;
    for (std::size_t i = 0; i < kept.slots.size(); ++i) {
        plan::Slot& slot = scenario.slots[i];
        const OwnedValue& value = kept.slots[i];
        const bool found = slot.kind == plan::SlotKind::stored && value.view().type != ValueType::undefined;
        if (!found) continue;
        slot.kind = plan::SlotKind::constant;
        slot.use = plan::SlotUse::written;
        slot.values = {value};
    }
}

}  // namespace

Result<stats::ScriptResult> run_script(const plan::Scenario& scenario, const plan::RunOptions& options,
                                       const ScriptHooks& hooks) {
    plan::Scenario made = with_frames(scenario);
    open_targets(made);
    if (made.before) {
        session::KeptVariables kept;
        if (const auto ran = run_hook(made, *made.before, options, {hooks, &kept}); !ran)
            return ran.error();
        hand_over(made, kept);
    }
    // Its tables may be large: they are there twice only where `after` needs them once more.
    if (!made.after) return lead_users(std::move(made), options, hooks, nullptr);
    auto result = lead_users(made, options, hooks, nullptr);
    if (result && !result->run.interrupted) {
        const auto ran = run_hook(made, *made.after, options, {hooks, nullptr});
        if (!ran) result->run.warnings.push_back(ran.error().what);
    }
    return result;
}

}  // namespace wsblast::load
