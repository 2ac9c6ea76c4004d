#include "script/script.hpp"

#include <filesystem>
#include <set>

#include "base/prng.hpp"
#include "script/checks.hpp"
#include "script/config_text.hpp"
#include "script/connection.hpp"
#include "script/errors.hpp"
#include "script/extensions.hpp"
#include "script/flow.hpp"
#include "script/payload.hpp"
#include "script/phases.hpp"
#include "script/settings.hpp"
#include "script/sources.hpp"
#include "script/variables.hpp"
#include "text/format.hpp"

namespace wsblast::script {

namespace {

void add_constant(FlowContext& into, std::string_view name, const OwnedValue& value) {
    plan::Slot& slot = into.slots[into.slots.of(name)];
    slot.kind = plan::SlotKind::constant;
    slot.values = {value};
}

// Of the environment only what the scenarios ask for: it holds secrets, and many names.
void add_environment(const Sources& sources, FlowContext& into) {
    std::set<std::string> holes;
    find_environment_holes(sources.root, holes);
    for (const std::string& hole : holes) {
        const auto found = sources.environment.find(environment_name(hole));
        if (found != sources.environment.end()) {
            add_constant(into, hole, OwnedValue(Value::of_text(found->second)));
        } else {
            into.warnings.push_back(
                text::format("{}: the environment variable {} is not set, and so undefined",
                             into.scenario.file, environment_name(hole)));
        }
    }
}

// The same for all users of a run, and another one in the next.
std::string test_id(std::uint64_t seed) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::size_t kLength = 33;
    Prng prng(seed);
    std::string id = "t";
    while (id.size() < kLength) id += kLetters[prng.next_below(kLetters.size())];
    return id;
}

void add_names(const ScriptOptions& options, FlowContext& into) {
    add_constant(into, "target", OwnedValue(Value::of_text(into.target)));
    add_constant(into, "$scenarioFile", OwnedValue(Value::of_text(options.file)));
    // Artillery's has a letter and 32 more of them: it names the run.
    add_constant(into, "$testId", OwnedValue(Value::of_text(test_id(into.scenario.seed))));
    add_constant(into, "$dirname", OwnedValue(Value::of_text(into.folder)));
    if (!options.environment.empty())
        add_constant(into, "$environment", OwnedValue(Value::of_text(options.environment)));
}

Result<void> read_phases_into(const Node& config, const ScriptOptions& options, FlowContext& into) {
    into.scenario.phases = single_user();
    if (options.load == ScriptOptions::Load::one_user) return {};
    auto phases = read_phases(config, into.warnings);
    if (!phases) return phases.error();
    into.scenario.phases = std::move(*phases);
    return {};
}

// What users have from their beginning; a later one of a name wins.
Result<void> read_values(const Node& config, const ScriptOptions& options, FlowContext& into) {
    const PayloadSource source{options.file, options.payload_files};
    if (const auto payloads = read_payloads(config, source, into); !payloads) return payloads;
    return read_variables(config, into);
}

Result<void> compile(const Node& root, FlowContext& into) {
    const Node& config = *root.find("config");
    if (const Node* extension = config.find("wsblast")) {
        const auto run = compile_run_extension(*extension, "config.wsblast", into);
        if (!run) return run;
    }
    for (const auto& [key, which] : {std::pair("before", Hook::before), std::pair("after", Hook::after)}) {
        const Node* hook = root.find(key);
        if (hook == nullptr || hook->is_null()) continue;
        const auto compiled = compile_hook(*hook, which, into);
        if (!compiled) return compiled;
    }
    const Node* scenarios = root.find("scenarios");
    if (scenarios == nullptr)
        return error_at(root.place, "scenarios", "is missing: the list of what users do");
    return compile_flows(*scenarios, into);
}

// `run` in the terms of one: what the command line of `run` would say.
void finish_run(const FlowContext& context, const ScriptOptions& options, plan::RunOptions& run) {
    run.command = "script";
    run.urls.clear();
    for (const plan::ScenarioTarget& target : context.scenario.targets) run.urls.push_back(target.url);
    run.seed = context.scenario.seed;
    if (options.certificates == ScriptOptions::Certificates::unchecked)
        run.tls.check = crypto::PeerCheck::none;
}

}  // namespace

Result<Script> load(const ScriptOptions& options) {
    const std::uint64_t seed = options.seed ? *options.seed : random_seed();
    auto sources = read_sources(options, seed);
    if (!sources) return sources.error();
    const Node& config = *sources->root.find("config");

    Script script;
    FlowContext context;
    context.scenario.file = options.file;
    context.scenario.seed = seed;
    context.scenario_name = options.scenario_name;
    context.warnings = std::move(sources->warnings);
    const std::filesystem::path folder = std::filesystem::path(options.file).parent_path();
    if (!folder.empty()) context.folder = folder.string();

    if (const auto read = read_settings(sources->root, options.file, context); !read) return read.error();
    add_names(options, context);
    add_environment(*sources, context);
    if (const auto read = read_phases_into(config, options, context); !read) return read.error();
    if (const auto read = read_values(config, options, context); !read) return read.error();
    if (const auto read = read_connection(config, context, script.run); !read) return read.error();
    auto ensure = read_checks(config, context.warnings);
    if (!ensure) return ensure.error();
    script.ensure = std::move(*ensure);
    if (sources->environment.contains("ARTILLERY_DISABLE_ENSURE")) script.ensure = {};
    auto slos = read_slos(config);
    if (!slos) return slos.error();
    if (const auto compiled = compile(sources->root, context); !compiled) return compiled.error();

    finish_run(context, options, script.run);
    script.slos = std::move(*slos);
    script.run.slos = script.slos;
    script.scenario = std::move(context.scenario);
    script.warnings = std::move(context.warnings);
    return script;
}

}  // namespace wsblast::script
