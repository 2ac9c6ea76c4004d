#include "app/validate_command.hpp"

#include <algorithm>
#include <string>

#include <unistd.h>

#include "app/output.hpp"
#include "app/processor_check.hpp"
#include "app/script_command.hpp"
#include "app/script_words.hpp"
#include "base/limits.hpp"
#include "plan/connection_memory.hpp"
#include "plan/scenario_estimate.hpp"
#include "report/doctor_report.hpp"
#include "search/doctor.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

report::PlanNotes notes_of(const script::Script& script, const plan::RunOptions& run,
                           const ProcessorCheck& processor) {
    const plan::ConnectionMemory each = plan::connection_memory(run);
    report::PlanNotes notes{.file = script.scenario.file,
                            .targets = shown_targets(script.scenario.targets),
                            .connection_bytes = each.bytes(),
                            .connection_text = each.text(),
                            .processor = script.scenario.processor,
                            .functions = processor.exported,
                            .warnings = script.warnings};
    notes.warnings.insert(notes.warnings.end(), processor.failures.begin(), processor.failures.end());
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

plan::RunOptions run_of(const script::Script& script, const plan::RunOptions& given,
                        std::uint64_t connections) {
    plan::RunOptions run = merged_options(script.run, given);
    run.urls.clear();
    for (const plan::ScenarioTarget& target : script.scenario.targets)
        run.urls.push_back(fill_holes(target.url, "x"));
    run.connections =
        static_cast<std::uint32_t>(std::clamp<std::uint64_t>(connections, 1, limits::kConnectionsMax));
    return run;
}

ExitStatus validate_command(const ValidateCommandOptions& options) {
    const auto fail = [](const Error& error) {
        print_error(error.what);
        return ExitStatus::usage;
    };
    script::ScriptOptions wanted = options.script.file;
    wanted.seed = options.script.run.seed;
    const auto script = script::load(wanted);
    if (!script) return fail(script.error());
    const auto processor = check_processor(script->scenario, TryFunctions::yes);
    if (!processor) return fail(processor.error());
    const plan::Draws draws = wanted.seed ? plan::Draws::of_seed : plan::Draws::average;
    const plan::ScenarioEstimate estimate = plan::estimate(script->scenario, draws);
    const plan::RunOptions run = run_of(*script, options.script.run, estimate.peak_bound);
    const report::PlanNotes notes = notes_of(*script, run, *processor);
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
