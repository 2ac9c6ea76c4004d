// The JavaScript of a worker's virtual users: its machine, and what scripts count and print.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "js/machine.hpp"
#include "plan/scenario.hpp"
#include "session/user_log.hpp"
#include "session/user_texts.hpp"
#include "stats/user_shard.hpp"

namespace wsblast::session {

// What a scenario's machine is made with.
[[nodiscard]] inline js::MachineOptions machine_options(const plan::Scenario& scenario) {
    js::MachineOptions options;
    options.file = scenario.processor;
    for (const plan::Slot& slot : scenario.slots) options.slot_names.push_back(slot.name);
    options.call_timeout_ns = scenario.call_timeout_ns;
    options.vars_json = "[{";
    for (const plan::Slot& slot : scenario.slots) {
        if (slot.kind != plan::SlotKind::constant) continue;
        options.vars_json += options.vars_json.ends_with('{') ? "\"" : ",\"";
        append_escaped(options.vars_json, slot.name);
        options.vars_json += "\":";
        append_json(options.vars_json, slot.values.front().view());
    }
    options.vars_json += "}," + scenario.script_vars_json + "]";
    options.scenarios_json = "[";
    for (const plan::ScenarioFlow& flow : scenario.flows)
        options.scenarios_json += (options.scenarios_json.size() == 1 ? "" : ",") + flow.json;
    options.scenarios_json += "]";
    return options;
}

// The part of a host that needs no connection.
class UserScripts : public js::Host {
  public:
    UserScripts(stats::UserShard& shard, UserLog& log) : shard_(shard), log_(log) {}

    // Null where the scenario has none, or the machine could not be made: see error().
    [[nodiscard]] js::Machine* make(const plan::Scenario& scenario) {
        if (scenario.processor.empty()) return nullptr;
        made_ = std::make_unique<Made>(js::Machine::create(machine_options(scenario), *this));
        if (!*made_) return nullptr;
        for (const plan::ConnectPlan& connect : scenario.connects)
            connects_.push_back(connect.function.empty() ? 0 : find(connect.function));
        for (const plan::CallPlan& call : scenario.calls) calls_.push_back(find(call.function));
        for (const plan::LoopPlan& loop : scenario.loops)
            loops_.push_back(loop.function.empty() ? 0 : find(loop.function));
        return (*made_)->get();
    }
    // Errors: the processor's own, or a function that it does not export.
    [[nodiscard]] Result<void> made() const {
        if (made_ && !*made_) return made_->error();
        if (missing_.empty()) return {};
        return usage_error(missing_);
    }
    [[nodiscard]] js::FunctionId function_of_connect(plan::TableIndex connect) const {
        return connects_[connect];
    }
    [[nodiscard]] js::FunctionId function_of_call(plan::TableIndex call) const { return calls_[call]; }
    [[nodiscard]] js::FunctionId function_of_loop(plan::TableIndex loop) const { return loops_[loop]; }

    void emit(js::EmitKind kind, std::string_view name, double value) override {
        const double positive = std::max(value, 0.0);
        switch (kind) {
            case js::EmitKind::counter:
                return shard_.named.count(stats::MetricKind::counter, name,
                                          static_cast<std::uint64_t>(positive));
            case js::EmitKind::rate: return shard_.named.count(stats::MetricKind::rate, name);
            case js::EmitKind::histogram:
                return shard_.named.record(name, static_cast<TimeNs>(positive * 1e6));
        }
    }
    void log(js::LogLevel, std::string_view text) override { log_.write(text); }

  private:
    using Made = Result<std::unique_ptr<js::Machine>>;

    [[nodiscard]] js::FunctionId find(const std::string& name) {
        if (const auto function = (*made_)->get()->function(name)) return *function;
        if (!missing_.empty()) return 0;
        missing_ = "processor: there is no exported function '" + name + "'; exported are:";
        for (const std::string& exported : (*made_)->get()->names()) missing_ += " " + exported;
        return 0;
    }

    stats::UserShard& shard_;
    UserLog& log_;
    std::unique_ptr<Made> made_;
    std::vector<js::FunctionId> connects_;
    std::vector<js::FunctionId> calls_;
    std::vector<js::FunctionId> loops_;
    std::string missing_;  // what is wrong with the first function that is not there
};

}  // namespace wsblast::session
