#include "app/validate_command.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <unistd.h>

#include "app/output.hpp"
#include "app/script_command.hpp"
#include "base/limits.hpp"
#include "js/machine.hpp"
#include "plan/scenario_estimate.hpp"
#include "proto/secrets.hpp"
#include "report/doctor_report.hpp"
#include "search/doctor.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

// A world in which a processor does nothing: it is only loaded.
class NoHost final : public js::Host {
  public:
    bool send(js::UserId, std::string_view) override { return false; }
    [[nodiscard]] bool is_open(js::UserId) const override { return false; }
    [[nodiscard]] TimeNs now_ns() const override { return 0; }
    void emit(js::EmitKind, std::string_view, double) override {}
    void log(js::LogLevel, std::string_view) override {}
    void on_done(js::UserId, js::CallState, bool) override {}  // tidy: JavaScript's own word
};

// The functions that the scenario names.
std::set<std::string> functions_of(const plan::Scenario& scenario) {
    std::set<std::string> names;
    for (const plan::CallPlan& call : scenario.calls) names.insert(call.function);
    for (const plan::LoopPlan& loop : scenario.loops) names.insert(loop.function);
    for (const plan::ConnectPlan& connect : scenario.connects) names.insert(connect.function);
    names.erase("");
    return names;
}

// "ws://host/{{0}}" is a URL only with something in the hole's place.
std::string without_holes(std::string url) {
    for (std::size_t at = url.find("{{"); at != std::string::npos; at = url.find("{{", at)) {
        const std::size_t end = url.find("}}", at);
        if (end == std::string::npos) break;
        url.replace(at, end + 2 - at, "x");
    }
    return url;
}

report::PlanNotes notes_of(const script::Script& script, std::vector<std::string> functions) {
    report::PlanNotes notes{.file = script.scenario.file,
                            .processor = script.scenario.processor,
                            .functions = std::move(functions),
                            .warnings = script.warnings};
    for (const plan::ScenarioTarget& target : script.scenario.targets) {
        notes.targets.push_back(proto::shown_url(target.url));
        notes.secure = notes.secure || target.url.starts_with("wss:");
    }
    return notes;
}

// This machine's limits against the plan; where they cannot be found, why.
std::string machine_text(const plan::RunOptions& run) {
    const auto facts = search::gather_facts(run, {});
    if (!facts) return "this machine was not examined: " + facts.error().what + "\n";
    const bool colour = run.colour == plan::ColourChoice::automatic && isatty(STDOUT_FILENO) == 1;
    return report::doctor_text(search::examine(*facts),
                               {.colour = colour ? report::Colour::on : report::Colour::off});
}

}  // namespace

Result<std::vector<std::string>> dry_run(const plan::Scenario& scenario) {
    const std::set<std::string> wanted = functions_of(scenario);
    if (scenario.processor.empty()) {
        if (wanted.empty()) return std::vector<std::string>();
        return usage_error(text::format("{}: the function {} is called, and there is no config.processor",
                                        scenario.file, *wanted.begin()));
    }
    js::MachineOptions options{.file = scenario.processor, .slot_names = {}, .users_max = 1};
    for (const plan::Slot& slot : scenario.slots) options.slot_names.push_back(slot.name);
    options.call_timeout_ns = scenario.call_timeout_ns;
    NoHost host;
    const auto machine = js::Machine::create(options, host);
    if (!machine) return machine.error();
    for (const std::string& name : wanted) {
        if ((*machine)->function(name)) continue;
        return usage_error(
            text::format("{}: {} exports no function {}", scenario.file, scenario.processor, name));
    }
    return (*machine)->names();
}

plan::RunOptions run_of(const script::Script& script, const plan::RunOptions& given,
                        std::uint64_t connections) {
    plan::RunOptions run = merged_options(script.run, given);
    run.urls.clear();
    for (const plan::ScenarioTarget& target : script.scenario.targets)
        run.urls.push_back(without_holes(target.url));
    run.connections =
        static_cast<std::uint32_t>(std::clamp<std::uint64_t>(connections, 1, limits::kConnectionsMax));
    return run;
}

ExitStatus validate_command(const ValidateCommandOptions& options) {
    const auto fail = [](const Error& error) {
        print_error(error.what);
        return ExitStatus::usage;
    };
    const auto script = script::load(options.script.file);
    if (!script) return fail(script.error());
    const auto functions = dry_run(script->scenario);
    if (!functions) return fail(functions.error());
    const plan::ScenarioEstimate estimate = plan::estimate(script->scenario);
    const report::PlanNotes notes = notes_of(*script, *functions);
    const plan::RunOptions run = run_of(*script, options.script.run, estimate.peak_bound);
    const std::string text = report::plan_text(estimate, notes) + "\n" +
                             report::needs_text(estimate, notes) + "\n" + machine_text(run) + "\n" +
                             script->scenario.file + " is sound\n";
    if (const auto written = write_text(STDOUT_FILENO, text); !written) {
        print_error(written.error().what);
        return ExitStatus::impossible;
    }
    return ExitStatus::ok;
}

}  // namespace wsblast::app
