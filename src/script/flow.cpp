#include "script/flow.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>

#include "regexp/pattern.hpp"
#include "script/errors.hpp"
#include "script/extensions.hpp"
#include "script/flow_steps.hpp"
#include "script/user_text.hpp"

namespace wsblast::script {

namespace {

constexpr std::array<std::string_view, 8> kScenarioKeys{
    "name", "weight", "engine", "flow", "beforeScenario", "afterScenario", "onError", "wsblast"};
// Keys that only Artillery's HTTP engine knows.
constexpr std::array<std::string_view, 3> kOfHttp{"beforeScenario", "afterScenario", "onError"};
constexpr std::array<std::string_view, 2> kEngines{"ws", "websocket"};
constexpr std::uint32_t kWeightMax = 1'000'000;

// JavaScript's parseInt: the digits at the beginning; what has none is 0.
std::optional<std::uint32_t> weight_of(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    if (text.starts_with('-')) return std::nullopt;
    if (text.starts_with('+')) text.remove_prefix(1);
    std::uint32_t weight = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
    if (error == std::errc::result_out_of_range || weight > kWeightMax) return std::nullopt;
    return weight;
}

Result<std::uint32_t> read_weight(const Node& scenario, const std::string& key, FlowContext& into) {
    const Node* node = scenario.find("weight");
    if (node == nullptr) return std::uint32_t{1};
    const std::string path = key_path(key, "weight");
    const auto written = scalar_of(*node, path);
    if (!written) return written.error();
    const auto text = read_user_text(*written, {node->place, path}, into.slots);
    if (!text) return text.error();
    const plan::UserText known = with_constants(*text, into.slots);
    const auto weight = known.constant() ? weight_of(known.text()) : std::nullopt;
    if (!weight)
        return error_at(node->place, path,
                        not_a("a whole number of 0 to " + with_thousands(kWeightMax), *node));
    return *weight;
}

Result<void> check_engine(const Node& node, const std::string& key, const FlowContext& into) {
    const Node* engine = node.find("engine");
    std::string name = into.engine;
    if (engine != nullptr) {
        auto read = text_of(*engine, key_path(key, "engine"));
        if (!read) return read.error();
        name = std::move(*read);
    }
    if (name.empty() || std::ranges::find(kEngines, name) != kEngines.end()) return {};
    const Place& place = engine != nullptr ? engine->place : node.place;
    return error_at(
        place, key_path(key, "engine"),
        "'" + name + "' is no engine here; " + any_of(kEngines) + " is" + did_you_mean(name, kEngines));
}

Result<plan::ScenarioFlow> compile_flow(const Node& node, const std::string& key, FlowContext& into) {
    if (const auto engine = check_engine(node, key, into); !engine) return engine.error();
    const Node* steps = node.find("flow");
    if (steps == nullptr) return error_at(node.place, key, "flow, its list of steps, is missing");
    plan::ScenarioFlow flow;
    flow.first = static_cast<std::uint32_t>(into.scenario.actions.size());
    const auto compiled = StepCompiler(into).compile(*steps, key_path(key, "flow"));
    if (!compiled) return compiled.error();
    if (const Node* extension = node.find("wsblast")) {
        auto handlers = compile_handlers(*extension, key_path(key, "wsblast"), into);
        if (!handlers) return handlers.error();
        flow.handlers = std::move(*handlers);
    }
    return flow;
}

void warn_of_scenario_keys(const Node& node, const std::string& key, FlowContext& into) {
    for (const std::string_view name : kOfHttp) {
        if (const Member* member = node.find_member(name)) {
            into.warnings.push_back(words_at(member->place, key_path(key, name),
                                             "has no effect with engine ws, as in Artillery"));
        }
    }
    warn_of_others(node, key, {kScenarioKeys, "has no meaning in a scenario"}, into.warnings);
}

// What JavaScript finds as context.scenario: what stands there, nested lists of the flow opened, as
// Artillery does.
std::string json_of(const Node& scenario, std::uint32_t weight) {
    Node shown = scenario;
    shown.at("weight", scenario.place) = Node::of_number(weight, scenario.place);
    if (Node* flow = shown.find("flow"); flow != nullptr && flow->is_list()) {
        std::vector<Node> steps;
        for (Node& step : flow->items) {
            if (step.is_list()) {
                std::ranges::move(step.items, std::back_inserter(steps));
            } else {
                steps.push_back(std::move(step));
            }
        }
        flow->items = std::move(steps);
    }
    return to_json(shown);
}

std::string name_of(const Node& scenario, std::size_t index) {
    const Node* name = scenario.find("name");
    const bool named = name != nullptr && name->is_scalar() && !name->is_null();
    return named ? name->scalar_text() : std::to_string(index);
}

// --scenario-name: exact, or a regular expression.
Result<std::vector<std::size_t>> chosen_of(const Node& scenarios, const FlowContext& into) {
    std::vector<std::size_t> exact, matching, all;
    const auto pattern = regexp::Pattern::compile(into.scenario_name, "");
    regexp::Matcher matcher;
    constexpr std::uint32_t kWhole = 0;
    for (std::size_t i = 0; i < scenarios.items.size(); ++i) {
        const std::string name = name_of(scenarios.items[i], i);
        all.push_back(i);
        if (name == into.scenario_name) exact.push_back(i);
        if (pattern && matcher.find(*pattern, name, kWhole)) matching.push_back(i);
    }
    if (into.scenario_name.empty()) return all;
    std::vector<std::size_t>& chosen = exact.empty() ? matching : exact;
    if (chosen.size() == 1) return chosen;
    std::string names;
    for (const std::size_t i : chosen.empty() ? all : chosen)
        names += (names.empty() ? "" : ", ") + name_of(scenarios.items[i], i);
    return error_at(scenarios.place, "scenarios",
                    "--scenario-name '" + into.scenario_name + "' must be the name of one scenario, and " +
                        (chosen.empty() ? "is of none; there are " : "is of several: ") + names);
}

Result<void> compile_scenario(const Node& node, std::size_t index, FlowContext& into) {
    const std::string key = item_path("scenarios", index);
    if (!node.is_map()) return error_at(node.place, key, not_a("a map with a flow", node));
    warn_of_scenario_keys(node, key, into);
    const auto weight = read_weight(node, key, into);
    if (!weight) return weight.error();
    auto flow = compile_flow(node, key, into);
    if (!flow) return flow.error();
    flow->name = name_of(node, index);
    flow->weight = *weight;
    if (!into.scenario.processor.empty()) flow->json = json_of(node, *weight);
    into.scenario.flows.push_back(std::move(*flow));
    return {};
}

// Payloads whose variables are the same for all users are constants, and their frames are made once. JSON
// has rules of its own for what stands before a hole.
void settle_payloads(FlowContext& into) {
    if (!into.scenario.processor.empty()) return;
    const auto settled = [&](const plan::TextPart& part) {
        if (part.form != plan::PartForm::plain) return false;
        return part.kind != plan::PartKind::variable || into.slots[part.slot].use == plan::SlotUse::read;
    };
    for (plan::SendPlan& send : into.scenario.sends) {
        if (std::ranges::all_of(send.text.parts, settled))
            send.text = with_constants(send.text, into.slots);
    }
}

// Variables that nobody ever writes: what JavaScript and the hooks do cannot be known.
void warn_of_unset(FlowContext& into) {
    if (!into.scenario.processor.empty()) return;
    std::vector<std::string_view> set;
    for (const plan::Slot& slot : into.scenario.slots) {
        if (slot.kind != plan::SlotKind::stored || slot.use == plan::SlotUse::written)
            set.push_back(slot.name);
    }
    for (plan::SlotId id = 0; id < into.slots.size(); ++id) {
        const plan::Slot& slot = into.slots[id];
        if (slot.kind != plan::SlotKind::stored || slot.use == plan::SlotUse::written) continue;
        if (slot.name == "$env" || slot.name == "$processEnvironment") continue;  // told by its whole name
        const Spot& use = into.slots.first_use(id);
        into.warnings.push_back(
            words_at(use.place, use.key,
                     "the variable '" + slot.name + "' never has a value" + did_you_mean(slot.name, set)));
    }
}

}  // namespace

plan::TableIndex FlowContext::label(std::string_view name) {
    auto& labels = scenario.labels;
    if (labels.empty()) labels.emplace_back();
    const auto known = std::ranges::find(labels, name);
    const auto index = static_cast<plan::TableIndex>(known - labels.begin());
    if (known == labels.end()) labels.emplace_back(name);
    return index;
}

Result<void> compile_flows(const Node& scenarios, FlowContext& into) {
    if (!scenarios.is_list() || scenarios.items.empty()) {
        return error_at(scenarios.place, "scenarios",
                        scenarios.is_list() ? "has no scenario" : not_a("a list of scenarios", scenarios));
    }
    into.label({});
    const auto chosen = chosen_of(scenarios, into);
    if (!chosen) return chosen.error();
    for (const std::size_t index : *chosen) {
        const auto compiled = compile_scenario(scenarios.items[index], index, into);
        if (!compiled) return compiled;
    }
    // A scenario that was asked for by its name is the one, whatever its weight.
    if (!into.scenario_name.empty()) into.scenario.flows.front().weight = 1;
    const auto weighs = [](const plan::ScenarioFlow& flow) { return flow.weight > 0; };
    if (std::ranges::none_of(into.scenario.flows, weighs))
        return error_at(scenarios.place, "scenarios", "have a weight of 0, all of them; one must be above");
    if (into.slots.full()) {
        return error_at(scenarios.place, "scenarios",
                        "have too many variables: " + with_thousands(limits::kSlotsMax) + " at most");
    }
    settle_payloads(into);
    warn_of_unset(into);
    return {};
}

Result<void> compile_hook(const Node& hook, Hook which, FlowContext& into) {
    const std::string name = which == Hook::before ? "before" : "after";
    if (!hook.is_map()) return error_at(hook.place, name, not_a("a map with a flow", hook));
    warn_of_scenario_keys(hook, name, into);
    into.label({});
    auto flow = compile_flow(hook, name, into);
    if (!flow) return flow.error();
    flow->name = name;
    if (!into.scenario.processor.empty()) flow->json = to_json(hook);
    (which == Hook::before ? into.scenario.before : into.scenario.after) = std::move(*flow);
    return {};
}

}  // namespace wsblast::script
