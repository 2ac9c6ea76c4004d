#include "script/flow_steps.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/limits.hpp"
#include "script/connects.hpp"
#include "script/durations.hpp"
#include "script/errors.hpp"
#include "script/extensions.hpp"
#include "script/messages.hpp"
#include "script/user_text.hpp"

namespace wsblast::script {

namespace {

using plan::ActionKind;

constexpr std::array<std::string_view, 8> kSteps{"connect", "send",     "wait", "think",
                                                 "loop",    "function", "log",  "wsblast"};
// Beside `loop`.
constexpr std::array<std::string_view, 7> kLoopKeys{"loop",      "count",       "over", "whileTrue",
                                                    "loopValue", "loopElement", "name"};
// Steps of Artillery's other engines, which a person may have left in.
constexpr std::array<std::string_view, 9> kOtherEngines{
    "get", "post", "put", "patch", "delete", "emit", "acknowledge", "namespace", "response"};

// Which of the two comes first in a list of steps, loops looked into.
enum class Opening : std::uint8_t { none, connect, message };

Opening opening_of(const Node& list) {
    for (const Node& step : list.items) {
        if (step.find("connect") != nullptr) return Opening::connect;
        const Node* loop = step.find("loop");
        const bool speaks = step.find("send") != nullptr || step.find("wait") != nullptr ||
                            (loop == nullptr && step.find("wsblast") != nullptr);
        if (speaks) return Opening::message;
        const Node* inner = step.is_list() ? &step : loop;
        const Opening inside = inner == nullptr ? Opening::none : opening_of(*inner);
        if (inside != Opening::none) return inside;
    }
    return Opening::none;
}

bool has_connect(const Node& list) {
    return std::ranges::any_of(list.items, [](const Node& step) {
        if (step.is_list()) return has_connect(step);
        if (step.find("connect") != nullptr) return true;
        const Node* loop = step.find("loop");
        return loop != nullptr && has_connect(*loop);
    });
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<OwnedValue> element_of(const Node& node) {
    switch (node.kind) {
        case NodeKind::null: return OwnedValue(Value::of_null());
        case NodeKind::boolean: return OwnedValue(Value::of_boolean(node.number));
        case NodeKind::number: return OwnedValue(Value::of_number(node.number));
        case NodeKind::text: return OwnedValue(Value::of_text(node.text));
        case NodeKind::list:
        case NodeKind::map: return OwnedValue(Value::of_json(to_json(node)));
    }
    return std::nullopt;
}

}  // namespace

Result<void> StepCompiler::compile(const Node& flow, const std::string& key) {
    if (!flow.is_list()) return error_at(flow.place, key, not_a("a list of steps", flow));
    if (!has_connect(flow)) {
        if (const auto linked = need_link(flow.place, key); !linked) return linked;
    }
    if (const auto compiled = compile_list(flow, key); !compiled) return compiled;
    add(ActionKind::end, 0, flow.place);
    if (into_.scenario.actions.size() > limits::kActionsMax)
        return error_at(flow.place, key,
                        "has too many steps: " + with_thousands(limits::kActionsMax) + " at most");
    return {};
}

Result<void> StepCompiler::compile_list(const Node& list, const std::string& key) {
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        const Node& step = list.items[i];
        const std::string path = item_path(key, i);
        const auto compiled = step.is_list() ? compile_list(step, path) : compile_step(step, path);
        if (!compiled) return compiled;
    }
    return {};
}

Result<void> StepCompiler::compile_step(const Node& step, const std::string& key) {
    if (!step.is_map() || step.members.empty()) {
        const std::string near = step.is(NodeKind::text) ? did_you_mean(step.text, kSteps) : "";
        return error_at(step.place, key, not_a("a step like {send: \"text\"}", step) + near);
    }
    if (step.find("loop") != nullptr) return compile_loop(step, key);
    for (const Member& member : step.members) {
        if (std::ranges::find(kSteps, member.key) != kSteps.end()) continue;
        const bool other = std::ranges::find(kOtherEngines, member.key) != kOtherEngines.end();
        return error_at(member.place, key_path(key, member.key),
                        other
                            ? "is a step of another engine; those of engine ws are " + any_of(kSteps)
                            : "is no step; " + any_of(kSteps) + " are" + did_you_mean(member.key, kSteps));
    }
    const Member& first = step.members.front();
    const Member& last = step.members.back();
    if (step.members.size() == 1) return compile_known(step, first, key);
    // wsblast may stand beside what awaits a message.
    const Member& main = first.key == "wsblast" ? last : first;
    const bool extended = step.members.size() == 2 && step.find("wsblast") != nullptr &&
                          (main.key == "send" || main.key == "wait");
    if (extended) return compile_known(step, main, key);
    return error_at(last.place, key,
                    "has " + first.key + " and " + last.key +
                        ": each step is one key, so begin a new one with '- " + last.key + "'");
}

Result<void> StepCompiler::compile_known(const Node& step, const Member& member, const std::string& key) {
    const std::string path = key_path(key, member.key);
    if (member.key == "send" || member.key == "wait") return compile_exchange(step, member, path);
    if (member.key == "think") return compile_think(member.value, path);
    if (member.key == "function") return compile_function(member.value, path);
    if (member.key == "log") return compile_log(member.value, path);
    if (member.key == "wsblast") return compile_extension(member.value, path);
    const auto connect = compile_connect(member.value, path, into_);
    if (!connect) return connect.error();
    add(ActionKind::connect, *connect, member.place);
    link_ = Link::there;
    return {};
}

Result<void> StepCompiler::compile_exchange(const Node& step, const Member& member,
                                            const std::string& key) {
    if (const auto linked = need_link(member.place, key); !linked) return linked;
    const Node* beside = step.find("wsblast");
    const auto exchange = member.key == "send" ? compile_send(member.value, beside, key, into_)
                                               : compile_wait(member.value, beside, key, into_);
    if (!exchange) return exchange.error();
    if (exchange->send) add(ActionKind::send, *exchange->send, member.place);
    if (exchange->await) add(ActionKind::await, *exchange->await, member.place);
    return {};
}

Result<void> StepCompiler::compile_think(const Node& node, const std::string& key) {
    plan::ThinkPlan think{.jitter_share = into_.jitter.share, .jitter_ns = into_.jitter.absolute_ns};
    const auto words = node.as_text();
    if (words && words->find("{{") != std::string_view::npos) {
        auto text = read_user_text(*words, {node.place, key}, into_.slots);
        if (!text) return text.error();
        think.text = std::move(*text);
    } else {
        const auto duration = duration_of(node, key);
        if (!duration) return duration.error();
        think.duration_ns = *duration;
    }
    into_.scenario.thinks.push_back(std::move(think));
    add(ActionKind::think, into_.scenario.thinks.size() - 1, node.place);
    return {};
}

Result<std::string> StepCompiler::function_name(const Node& node, const std::string& key) const {
    auto name = text_of(node, key);
    if (!name) return name;
    if (name->empty())
        return error_at(node.place, key, "is empty; the name of a function has to stand here");
    if (into_.scenario.processor.empty()) {
        return error_at(
            node.place, key,
            "'" + *name + "' is a function of JavaScript, and config.processor, its file, is missing");
    }
    return name;
}

Result<void> StepCompiler::compile_function(const Node& node, const std::string& key) {
    auto name = function_name(node, key);
    if (!name) return name.error();
    into_.scenario.calls.push_back({std::move(*name)});
    add(ActionKind::call, into_.scenario.calls.size() - 1, node.place);
    return {};
}

Result<void> StepCompiler::compile_log(const Node& node, const std::string& key) {
    auto words = scalar_of(node, key);
    if (!words) return words.error();
    auto text = read_user_text(*words, {node.place, key}, into_.slots);
    if (!text) return text.error();
    into_.scenario.logs.push_back(std::move(*text));
    add(ActionKind::log, into_.scenario.logs.size() - 1, node.place);
    return {};
}

Result<void> StepCompiler::compile_extension(const Node& node, const std::string& key) {
    const auto action = compile_extension_step(node, key, into_);
    if (!action) return action.error();
    if (const auto linked = need_link(node.place, key); !linked) return linked;
    into_.scenario.actions.push_back(*action);
    return {};
}

// --- loops ---------------------------------------------------------------------------------------

Result<void> StepCompiler::compile_loop(const Node& step, const std::string& key) {
    for (const Member& member : step.members) {
        if (std::ranges::find(kLoopKeys, member.key) != kLoopKeys.end()) continue;
        return error_at(member.place, key_path(key, member.key),
                        "has no meaning beside loop; " + any_of(std::span(kLoopKeys).subspan(1)) + " have" +
                            did_you_mean(member.key, kLoopKeys));
    }
    const Node& body = *step.find("loop");
    const std::string body_key = key_path(key, "loop");
    if (!body.is_list() || body.items.empty())
        return error_at(body.place, body_key,
                        body.is_list() ? "has no steps" : not_a("a list of steps", body));
    if (depth_ >= limits::kLoopDepthMax) {
        return error_at(step.place, body_key,
                        "is in too many loops: " + std::to_string(limits::kLoopDepthMax) + " at most");
    }
    // Once, and not in each pass.
    if (opening_of(body) == Opening::message) {
        if (const auto linked = need_link(step.place, body_key); !linked) return linked;
    }
    auto loop = read_loop(step, key);
    if (!loop) return loop.error();
    auto& loops = into_.scenario.loops;
    const std::size_t number = loops.size();
    loops.push_back(std::move(*loop));
    add(ActionKind::loop, number, step.place);
    loops[number].body = static_cast<std::uint32_t>(into_.scenario.actions.size());
    loops[number].depth = depth_++;
    if (const auto compiled = compile_list(body, body_key); !compiled) return compiled;
    --depth_;
    add(ActionKind::repeat, number, step.place);
    into_.scenario.loops[number].end = static_cast<std::uint32_t>(into_.scenario.actions.size());
    return {};
}

Result<plan::LoopPlan> StepCompiler::read_loop(const Node& step, const std::string& key) {
    plan::LoopPlan loop{.last = plan::kUnlimited};
    const auto name_of = [&](std::string_view member, std::string_view otherwise) -> Result<plan::SlotId> {
        const Node* node = step.find(member);
        if (node == nullptr) return into_.slots.written(otherwise);
        const auto name = text_of(*node, key_path(key, member));
        if (!name) return name.error();
        return into_.slots.written(*name);
    };
    const auto count_slot = name_of("loopValue", "$loopCount");
    if (!count_slot) return count_slot.error();
    const auto element_slot = name_of("loopElement", "$loopElement");
    if (!element_slot) return element_slot.error();
    loop.count_slot = *count_slot;
    loop.element_slot = *element_slot;
    // The first one that is there decides, as in Artillery.
    if (const Node* condition = step.find("whileTrue")) {
        auto name = function_name(*condition, key_path(key, "whileTrue"));
        if (!name) return name.error();
        loop.kind = plan::LoopKind::while_true;
        loop.function = std::move(*name);
        return loop;
    }
    const Node* over = step.find("over");
    const Node* count = step.find("count");
    Result<void> read;
    if (over != nullptr) {
        read = read_over(*over, key_path(key, "over"), loop);
    } else if (count != nullptr) {
        read = read_count(*count, key_path(key, "count"), loop);
    }
    if (!read) return read.error();
    return loop;
}

Result<void> StepCompiler::read_count(const Node& count, const std::string& key, plan::LoopPlan& loop) {
    const auto wrong = [&] {
        return error_at(count.place, key,
                        not_a("a whole number, a range like \"1-5\", or a text with {{ names }}", count));
    };
    if (count.is(NodeKind::number)) {
        const auto passes = count_of(count, key);
        if (!passes) return wrong();
        if (*passes > 0) loop.last = *passes;
        return {};
    }
    const auto words = count.as_text();
    if (!words) return wrong();
    if (words->find("{{") != std::string_view::npos) {
        auto text = read_user_text(*words, {count.place, key}, into_.slots);
        if (!text) return text.error();
        const auto fits = [](const plan::TextPart& part) {
            return part.literal.find_first_not_of("0123456789- ") == std::string::npos;
        };
        if (!std::ranges::all_of(text->parts, fits)) return wrong();
        loop.kind = plan::LoopKind::text;
        loop.count = std::move(*text);
        return {};
    }
    if (const auto passes = whole_number(*words)) {
        if (*passes > 0) loop.last = *passes;
        return {};
    }
    const std::size_t dash = words->find('-');
    if (dash == std::string_view::npos) return wrong();
    const auto first = whole_number(words->substr(0, dash));
    const auto last = whole_number(words->substr(dash + 1));
    if (!first || !last) return wrong();
    loop.first = *first;
    loop.last = *last;
    return {};
}

Result<void> StepCompiler::read_over(const Node& over, const std::string& key, plan::LoopPlan& loop) {
    if (over.is_list()) {
        loop.kind = plan::LoopKind::elements;
        for (const Node& item : over.items) loop.elements.push_back(*element_of(item));
        return {};
    }
    std::string name = over.text;
    if (!over.is(NodeKind::text))
        return error_at(over.place, key, not_a("a list, or the name of a variable", over));
    loop.kind = plan::LoopKind::over;
    if (name.find("{{") == std::string::npos) {
        into_.slots.look_at({over.place, key});
        auto variable = parse_variable_path(name, into_.slots);
        if (!variable) return error_at(over.place, key, "'" + name + "' " + variable.error().what);
        loop.slot = variable->slot;
        loop.path = std::move(variable->path);
        return {};
    }
    auto text = read_user_text(name, {over.place, key}, into_.slots);
    if (!text) return text.error();
    if (!text->one_value() || text->parts[0].kind != plan::PartKind::variable)
        return error_at(over.place, key, not_a("a list, or the name of a variable", over));
    loop.slot = text->parts[0].slot;
    loop.path = std::move(text->parts[0].path);
    return {};
}

// --- what steps have in common -------------------------------------------------------------------

Result<void> StepCompiler::need_link(const Place& place, const std::string& key) {
    if (link_ == Link::there) return {};
    const auto connect = compile_default_connect(place, key, into_);
    if (!connect) return connect.error();
    add(ActionKind::connect, *connect, place);
    link_ = Link::there;
    return {};
}

void StepCompiler::add(ActionKind kind, std::size_t index, const Place& place) {
    into_.scenario.actions.push_back({kind, static_cast<plan::TableIndex>(index), place.line});
}

}  // namespace wsblast::script
