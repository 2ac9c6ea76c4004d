// Scenarios of a YAML text, compiled for a test; and what a user's texts come to.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "base/node.hpp"
#include "script/flow.hpp"
#include "script/flow_context.hpp"
#include "tests/support/texts.hpp"
#include "yaml/document.hpp"

namespace wsblast::test {

[[nodiscard]] inline Node yaml_of(std::string_view text) {
    auto node = yaml::read(text, std::make_shared<const std::string>("a.yml"));
    if (!node) FAIL(node.error().what);
    return std::move(*node);
}

// A context as a small `config` leaves it: a target, and a variable of each kind.
struct Flow {
    Flow() {
        into.scenario.file = "a.yml";
        into.target = "ws://localhost:8000";
        set("host", plan::SlotKind::constant, Value::of_text("example.com"));
        set("port", plan::SlotKind::constant, Value::of_number(9000));
        set("colour", plan::SlotKind::choice, Value::of_text("red"));
        set("user", plan::SlotKind::column, Value{});
    }
    void set(std::string_view name, plan::SlotKind kind, const Value& value) {
        plan::Slot& slot = into.slots[into.slots.of(name)];
        slot.kind = kind;
        slot.values.assign(1, OwnedValue(value));
    }

    // `steps`: YAML of a list, the flow of the only scenario.
    Result<void> compile_steps(std::string_view steps) {
        std::string text = "- flow:\n";
        for (std::size_t at = 0; at < steps.size();) {
            const std::size_t end = std::min(steps.find('\n', at), steps.size());
            text += "    " + std::string(steps.substr(at, end - at)) + "\n";
            at = end + 1;
        }
        return script::compile_flows(yaml_of(text), into);
    }
    void steps(std::string_view text) {
        const auto compiled = compile_steps(text);
        if (!compiled) FAIL(compiled.error().what);
    }
    std::string refused(std::string_view text) {
        const auto compiled = compile_steps(text);
        INFO(text);
        REQUIRE_FALSE(compiled.ok());
        CHECK(compiled.error().fault == Fault::usage);
        return compiled.error().what;
    }

    // "connect send await end"
    std::string kinds() const {
        static const std::map<plan::ActionKind, std::string> kNames{
            {plan::ActionKind::connect, "connect"}, {plan::ActionKind::send, "send"},
            {plan::ActionKind::await, "await"},     {plan::ActionKind::think, "think"},
            {plan::ActionKind::loop, "loop"},       {plan::ActionKind::repeat, "repeat"},
            {plan::ActionKind::call, "call"},       {plan::ActionKind::log, "log"},
            {plan::ActionKind::hold, "hold"},       {plan::ActionKind::stream, "stream"},
            {plan::ActionKind::close, "close"},     {plan::ActionKind::end, "end"}};
        std::string kinds;
        for (const plan::Action& action : into.scenario.actions)
            kinds += (kinds.empty() ? "" : " ") + kNames.at(action.kind);
        return kinds;
    }

    script::FlowContext into;
};

using Variables = std::map<std::string, Value, std::less<>>;

// By the rules of plan/user_text.hpp; random numbers are their lowest, random characters are r, the time is
// 1700000000000. Paths are not followed: a variable of the name "a/b" stands for {{ a.b }}.
class Rendered {
  public:
    Rendered(const script::FlowContext& context, const Variables& variables)
        : slots_(context.scenario.slots), variables_(variables) {}

    std::string operator()(const plan::UserText& text) const {
        std::string out;
        plan::PartForm before = plan::PartForm::plain;
        for (const plan::TextPart& part : text.parts) {
            const Value value = value_of(part);
            const bool member = part.form == plan::PartForm::json_member;
            if (!(member && value.type == ValueType::undefined)) {
                if (member && !out.ends_with('{')) out += ',';
                const bool drops = before == plan::PartForm::json_member && part.literal.starts_with(',') &&
                                   out.ends_with('{');
                out += part.literal.substr(drops ? 1 : 0);
                if (part.kind != plan::PartKind::literal)
                    out += in_form(part.form, value, text.undefined_text);
            }
            before = part.form;
        }
        return out;
    }

  private:
    Value value_of(const plan::TextPart& part) const {
        switch (part.kind) {
            case plan::PartKind::literal: return {};
            case plan::PartKind::random_number: return Value::of_number(static_cast<double>(part.low));
            case plan::PartKind::random_string: return Value::of_text(kRandom.substr(0, part.low));
            case plan::PartKind::unix_ms: return Value::of_number(1'700'000'000'000);
            case plan::PartKind::variable: break;
        }
        std::string name = slots_[part.slot].name;
        for (const std::string& step : part.path) name += "/" + step;
        const auto known = variables_.find(name);
        return known == variables_.end() ? Value{} : known->second;
    }
    static std::string in_form(plan::PartForm form, const Value& value, const std::string& undefined) {
        const bool json = form == plan::PartForm::json_value || form == plan::PartForm::json_member;
        std::string text;
        switch (value.type) {
            case ValueType::undefined: text = json ? "null" : undefined; break;
            case ValueType::null: text = "null"; break;
            case ValueType::boolean: text = value.number != 0 ? "true" : "false"; break;
            case ValueType::number: text = to_number_text(value.number); break;
            case ValueType::json: text = value.text; break;
            case ValueType::text: text = json ? to_json_text(value.text) : std::string(value.text); break;
        }
        if (form != plan::PartForm::json_escaped) return text;
        const std::string quoted = to_json_text(text);
        return quoted.substr(1, quoted.size() - 2);
    }

    static constexpr std::string_view kRandom = "rrrrrrrrrrrrrrrr";
    const std::vector<plan::Slot>& slots_;
    const Variables& variables_;
};

}  // namespace wsblast::test
