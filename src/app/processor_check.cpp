#include "app/processor_check.hpp"

#include <algorithm>
#include <string_view>

#include "base/clock.hpp"
#include "js/machine.hpp"
#include "session/user_scripts.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

// A world that takes everything and answers nothing.
class SilentHost final : public js::Host {
  public:
    [[nodiscard]] js::SendOutcome send(js::UserId, std::string_view) override {
        return js::SendOutcome::sent;
    }
    [[nodiscard]] bool is_open(js::UserId) const override { return true; }
    [[nodiscard]] TimeNs now_ns() const override { return monotonic_now(); }
    void emit(js::EmitKind, std::string_view, double) override {}
    void log(js::LogLevel, std::string_view) override {}
    void on_done(js::UserId, js::CallState, bool) override {}  // tidy: JavaScript's own word
    void on_fault(js::UserId, std::string_view) override {}    // tidy: of JavaScript, too
};

// A function that the scenario names, and how it is called.
enum class Form : std::uint8_t { step, test, connect };
struct Named {
    std::string name;
    Form form = Form::step;
    std::uint32_t line = 0;
};

std::vector<Named> functions_of(const plan::Scenario& scenario) {
    std::vector<Named> functions;
    const auto add = [&](const std::string& name, Form form, std::uint32_t line) {
        const bool known =
            std::ranges::any_of(functions, [&](const Named& one) { return one.name == name; });
        if (!name.empty() && !known) functions.push_back({name, form, line});
    };
    for (const plan::Action& action : scenario.actions) {
        if (action.kind == plan::ActionKind::call)
            add(scenario.calls[action.index].function, Form::step, action.line);
        if (action.kind == plan::ActionKind::loop)
            add(scenario.loops[action.index].function, Form::test, action.line);
        if (action.kind == plan::ActionKind::connect)
            add(scenario.connects[action.index].function, Form::connect, action.line);
    }
    return functions;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "none" : text;
}

// Of what differs from user to user, the first.
void give_values(js::Machine& machine, const plan::Scenario& scenario) {
    for (plan::SlotId id = 0; id < scenario.slots.size(); ++id) {
        const plan::Slot& slot = scenario.slots[id];
        if (slot.kind == plan::SlotKind::choice) machine.set(0, id, slot.values.front().view());
        if (slot.kind == plan::SlotKind::column)
            machine.set(0, id, scenario.payloads[slot.payload].cell(0, slot.column));
    }
}

js::CallState call(js::Machine& machine, const plan::Scenario& scenario, const Named& function) {
    const js::FunctionId id = *machine.function(function.name);
    switch (function.form) {
        case Form::step: return machine.call(0, id);
        case Form::test: return machine.call_test(0, id);
        case Form::connect: break;
    }
    const std::string target = scenario.targets.empty() ? "" : scenario.targets.front().url;
    return machine.call_connect(
        0, id, R"({"target":")" + target + R"(","subprotocols":[],"options":{"headers":{}}})");
}

// Empty: it is sound.
std::string try_function(js::Machine& machine, const plan::Scenario& scenario, const Named& function) {
    switch (call(machine, scenario, function)) {
        case js::CallState::done:
        case js::CallState::waiting: return "";
        case js::CallState::failed: return text::format("failed when it was tried: {}", machine.error());
        case js::CallState::stopped:
            return text::format("was stopped when it was tried: {}", machine.error());
    }
    return "";
}

}  // namespace

Result<ProcessorCheck> check_processor(const plan::Scenario& scenario, TryFunctions try_functions) {
    const std::vector<Named> wanted = functions_of(scenario);
    const auto about = [&](const Named& function, std::string_view what) {
        return text::format("{}:{}: function '{}' {}", scenario.file, function.line, function.name, what);
    };
    if (scenario.processor.empty()) {
        if (wanted.empty()) return ProcessorCheck{};
        return usage_error(about(wanted.front(), "is called, and there is no config.processor"));
    }
    SilentHost host;
    const auto machine = js::Machine::create(session::machine_options(scenario), host);
    if (!machine) return machine.error();
    ProcessorCheck check{.exported = (*machine)->names(), .failures = {}};
    for (const Named& function : wanted) {
        if ((*machine)->function(function.name)) continue;
        return usage_error(about(function, text::format("is not exported by {}; exported are: {}",
                                                        scenario.processor, joined(check.exported))));
    }
    if (try_functions == TryFunctions::no) return check;
    (*machine)->begin_user(0);
    give_values(**machine, scenario);
    for (const Named& function : wanted) {
        const std::string failure = try_function(**machine, scenario, function);
        if (!failure.empty()) check.failures.push_back(about(function, failure));
    }
    return check;
}

}  // namespace wsblast::app
