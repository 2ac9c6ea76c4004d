#include "app/script_command.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "app/option_values.hpp"
#include "app/output.hpp"
#include "app/processor_check.hpp"
#include "app/remedies.hpp"
#include "app/script_memory.hpp"
#include "app/script_words.hpp"
#include "app/validate_command.hpp"
#include "base/prng.hpp"
#include "host/interrupts.hpp"
#include "host/resources.hpp"
#include "load/script_run.hpp"
#include "plan/scenario_estimate.hpp"
#include "report/artillery_json.hpp"
#include "report/artillery_text.hpp"
#include "report/json_report.hpp"
#include "report/message_report.hpp"
#include "report/progress.hpp"
#include "session/user_errors.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

// Where words go, and how.
struct Paper {
    int fd = STDOUT_FILENO;
    report::SummaryStyle style{};
    bool quiet = false;
};

Paper paper_for(const plan::RunOptions& options) {
    Paper paper;
    if (options.json_path == kStandardOutput) paper.fd = STDERR_FILENO;
    const bool colour = options.colour == plan::ColourChoice::automatic && isatty(paper.fd) == 1;
    paper.style.colour = colour ? report::Colour::on : report::Colour::off;
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    if (localtime_r(&now, &local) != nullptr)
        paper.style.utc_offset_s = static_cast<std::int32_t>(local.tm_gmtoff);
    paper.quiet = options.progress == plan::ProgressStyle::quiet;
    return paper;
}

// The file of -o; a directory gets one that is named by the time.
Result<std::string> report_path(const std::string& output, std::int32_t utc_offset_s) {
    if (output.empty()) return output;
    std::error_code error;
    const std::filesystem::path path(output);
    if (std::filesystem::is_directory(path, error)) {
        return (path / report::report_file_name(std::time(nullptr) * std::int64_t{1000}, utc_offset_s))
            .string();
    }
    const Result<void> writable = check_result_path(output);
    if (!writable) return Error{writable.error().fault, "--output: " + writable.error().what};
    return output;
}

void print_header(const script::Script& script) {
    std::string header = text::format("wsblast {}: {} to", WSBLAST_VERSION, script.scenario.file);
    for (const std::string& target : shown_targets(script.scenario.targets)) header += " " + target;
    header += text::format("\n  seed = {}\n", script.scenario.seed);
    for (const std::string& warning : script.warnings) header += "warning: " + warning + "\n";
    std::fputs(header.c_str(), stderr);
}

// What follows the summary: was it me, the checks of the file and of the command line.
std::string closing_text(const stats::ScriptResult& result, const std::vector<stats::EnsureCheck>& checks,
                         const Paper& paper) {
    std::string text;
    if (!paper.quiet) {
        const auto ending =
            result.run.interrupted ? report::RunEnding::interrupted : report::RunEnding::natural;
        const report::RunEnd end{result.run.duration_s, std::time(nullptr) * std::int64_t{1000}, ending};
        text = report::summary_text(result.total, end, paper.style) +
               report::compression_section(result.run) + report::generator_section(result.run.generator);
    }
    return text + report::slo_section(result.run) + report::refusals_section(result.run.excerpts) +
           report::warnings_section(result.run.warnings) + report::checks_text(checks, paper.style.colour);
}

// Empty: some did, or none was asked for.
std::string why_none_succeeded(const script::Script& script, plan::RunOptions options,
                               const stats::ScriptResult& result) {
    if (result.run.counters.successful > 0) return "";
    options.command = "script";
    for (const plan::ScenarioTarget& target : script.scenario.targets) options.urls.push_back(target.url);
    return failure_text(result.run, options);
}

// As judge_memory() has it.
Result<std::string> check_memory(const script::Script& script, const plan::RunOptions& given) {
    const plan::ScenarioEstimate estimate = plan::estimate(script.scenario);
    const plan::RunOptions run = run_of(script, given, estimate.peak_bound);
    return judge_memory({estimate, run, script.scenario.file}, host::memory_available_bytes());
}

bool ensure_is_on() {
    return std::getenv("ARTILLERY_DISABLE_ENSURE") == nullptr;
}

Result<stats::ScriptResult> run(const script::Script& script, const plan::RunOptions& options,
                                const Paper& paper) {
    // Elsewhere than on a terminal the summaries are the progress.
    const report::ProgressMode found = report::progress_mode_of(STDERR_FILENO);
    const bool live = !paper.quiet && found == report::ProgressMode::live;
    report::ProgressWriter progress(STDERR_FILENO, live ? found : report::ProgressMode::quiet);
    const auto print = [&](std::string_view words) {
        progress.clear();
        static_cast<void>(write_text(paper.fd, words));
    };
    load::ScriptHooks hooks;
    hooks.show_window = [&](const stats::MetricWindow& window) {
        if (!paper.quiet) print(report::period_text(window, paper.style));
    };
    hooks.show_progress = [&](const stats::Progress& now) { progress.show(now); };
    hooks.stop_requested = [] { return host::stop_requested(); };
    hooks.show_log = [&](std::string_view line) { print(std::string(line) + "\n"); };
    auto result = load::run_script(script.scenario, options, hooks);
    progress.clear();
    return result;
}

}  // namespace

plan::RunOptions merged_options(const plan::RunOptions& of_file, const plan::RunOptions& given) {
    plan::RunOptions merged = of_file;
    merged.command = given.command;
    merged.cores = given.cores;
    if (!given.source_addresses.empty()) merged.source_addresses = given.source_addresses;
    if (given.source_ports) merged.source_ports = given.source_ports;
    const auto timeout = [](const plan::Setting& setting) { return setting.name == "connect-timeout"; };
    if (std::any_of(given.settings.begin(), given.settings.end(), timeout))
        merged.connect_timeout_ns = given.connect_timeout_ns;
    merged.seed = given.seed;
    merged.json_path = given.json_path;
    merged.slos.insert(merged.slos.end(), given.slos.begin(), given.slos.end());
    merged.progress = given.progress;
    merged.colour = given.colour;
    merged.saturation = given.saturation;
    merged.settings = given.settings;
    return merged;
}

ExitStatus script_status(const stats::ScriptResult& result, const std::vector<stats::EnsureCheck>& checks,
                         plan::SaturationPolicy policy) {
    ExitStatus status = ExitStatus::ok;
    const stats::CounterValues& counters = result.run.counters;
    if (result.run.interrupted) status = first_of(status, ExitStatus::interrupted);
    const bool resource_missing = counters.error(stats::ErrorKind::no_free_source_port) +
                                      counters.error(stats::ErrorKind::no_memory) >
                                  0;
    const bool no_capacity =
        result.total.counters.contains("errors." + std::string(session::user_error::kNoCapacity));
    const bool none_succeeded = counters.attempted > 0 && counters.successful == 0;
    if (none_succeeded || resource_missing || no_capacity)
        status = first_of(status, ExitStatus::impossible);
    const bool saturated = result.run.generator.status == stats::GeneratorStatus::saturated;
    if (saturated && policy == plan::SaturationPolicy::fail)
        status = first_of(status, ExitStatus::saturated);
    const auto fails = [](const stats::SloResult& slo) { return slo.status == stats::SloStatus::fail; };
    const bool slo_failed = std::any_of(result.run.slos.begin(), result.run.slos.end(), fails);
    if (slo_failed || stats::any_failed(checks)) status = first_of(status, ExitStatus::failed);
    return status;
}

ExitStatus script_command(const ScriptCommandOptions& options) {
    script::ScriptOptions wanted = options.file;
    wanted.seed = options.run.seed.value_or(random_seed());
    auto script = script::load(wanted);
    if (!script) return fail(script.error());
    const auto processor = check_processor(script->scenario, TryFunctions::no);
    if (!processor) return fail(processor.error());
    const auto memory = check_memory(*script, options.run);
    if (!memory) return fail(memory.error());
    if (!memory->empty()) script->warnings.push_back(*memory);
    plan::RunOptions of_file = script->run;
    of_file.slos = script->slos;
    plan::RunOptions run_options = merged_options(of_file, options.run);
    run_options.seed = wanted.seed;
    const Paper paper = paper_for(run_options);
    const auto path = report_path(options.output_path, paper.style.utc_offset_s);
    if (!path) return fail(path.error());
    print_header(*script);
    auto result = run(*script, run_options, paper);
    if (!result) return fail(result.error());

    std::vector<stats::EnsureCheck> checks;
    if (ensure_is_on()) checks = stats::check(script->ensure, stats::flat_metrics(result->total));
    ExitStatus status = script_status(*result, checks, run_options.saturation);
    result->run.exit_status = to_int(status);
    const auto check = [&status](const Result<void>& written) {
        if (!written) status = first_of(status, fail(written.error()));
    };
    check(write_text(paper.fd, closing_text(*result, checks, paper)));
    if (!path->empty()) check(write_file(*path, report::artillery_json(*result)));
    if (!path->empty() && !paper.quiet) check(write_text(paper.fd, "Log file: " + *path + "\n"));
    if (!run_options.json_path.empty()) {
        const std::string json = report::json_report(result->run);
        const bool to_output = run_options.json_path == kStandardOutput;
        check(to_output ? write_text(STDOUT_FILENO, json) : write_file(run_options.json_path, json));
    }
    if (const std::string failure = why_none_succeeded(*script, run_options, *result); !failure.empty())
        print_error(failure);
    return status;
}

}  // namespace wsblast::app
