#include "app/run_command.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

#include "app/output.hpp"
#include "app/remedies.hpp"
#include "app/result_files.hpp"
#include "app/target_process.hpp"
#include "base/prng.hpp"
#include "host/interrupts.hpp"
#include "load/run.hpp"
#include "proto/secrets.hpp"
#include "report/json_report.hpp"
#include "report/progress.hpp"
#include "report/text_report.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

using stats::ErrorKind;

std::string_view to_text(plan::Origin origin) {
    switch (origin) {
        case plan::Origin::built_in: return "default";
        case plan::Origin::preset: return "preset";
        case plan::Origin::environment: return "environment";
        case plan::Origin::option: return "option";
    }
    return "";
}

// What is run, and each setting that is not the default with where it came from.
void print_header(const plan::RunOptions& options, SeedDrawn drawn) {
    std::string header = text::format("wsblast {}: {} to", WSBLAST_VERSION,
                                      text::counted(options.connections, "connection"));
    for (const std::string& url : options.urls) header += " " + proto::shown_url(url);
    header += "\n";
    for (const plan::Setting& setting : options.settings) {
        header += text::format("  {} = {} ({})\n", setting.name, setting.value, to_text(setting.origin));
    }
    if (drawn == SeedDrawn::yes) header += text::format("  seed = {} (random)\n", *options.seed);
    std::fputs(header.c_str(), stderr);
}

bool verdict_fails(const stats::RunResult& result, plan::FailOn fail_on) {
    if (!result.verdict.status) return false;
    switch (fail_on) {
        case plan::FailOn::never: return false;
        case plan::FailOn::critical: return *result.verdict.status == stats::VerdictStatus::critical;
        case plan::FailOn::warning: return *result.verdict.status != stats::VerdictStatus::healthy;
    }
    return false;
}

ExitStatus judge(const stats::RunResult& result, const plan::RunOptions& options) {
    ExitStatus status = ExitStatus::ok;
    const stats::CounterValues& counters = result.counters;
    if (result.interrupted) status = first_of(status, ExitStatus::interrupted);
    const bool resource_missing =
        counters.error(ErrorKind::no_free_source_port) + counters.error(ErrorKind::no_memory) > 0;
    if (counters.successful == 0 || resource_missing) status = first_of(status, ExitStatus::impossible);
    const bool saturated = result.generator.status == stats::GeneratorStatus::saturated;
    if (saturated && options.saturation == plan::SaturationPolicy::fail)
        status = first_of(status, ExitStatus::saturated);
    const auto fails = [](const stats::SloResult& slo) { return slo.status == stats::SloStatus::fail; };
    // A check that ended the run has failed, whatever its figure is at the end.
    if (result.aborted || std::any_of(result.slos.begin(), result.slos.end(), fails))
        status = first_of(status, ExitStatus::failed);
    if (verdict_fails(result, options.fail_on)) status = first_of(status, ExitStatus::failed);
    return status;
}

ExitStatus report(stats::RunResult& result, const plan::RunOptions& options) {
    const bool json_to_output = options.json_path == kStandardOutput;
    const int text_fd = json_to_output ? STDERR_FILENO : STDOUT_FILENO;
    const bool colour = options.colour == plan::ColourChoice::automatic && isatty(text_fd) == 1;
    ExitStatus status = judge(result, options);
    result.exit_status = to_int(status);
    const auto check = [&status](const Result<void>& written) {
        if (written) return;
        print_error(written.error().what);
        status = first_of(status, ExitStatus::impossible);
    };
    check(write_text(text_fd,
                     report::text_report(result, colour ? report::Colour::on : report::Colour::off)));
    if (!options.json_path.empty()) {
        const std::string json = report::json_report(result);
        check(json_to_output ? write_text(STDOUT_FILENO, json) : write_file(options.json_path, json));
    }
    const std::string failure = result.counters.successful == 0 ? failure_text(result, options) : "";
    if (!failure.empty()) print_error(failure);
    return status;
}

}  // namespace

ExitStatus run_command(plan::RunOptions options) {
    std::optional<TargetProcess> target;
    if (options.target == plan::TargetChoice::built_in) {
        auto started = TargetProcess::start(options);
        if (!started) return fail(started.error());
        target.emplace(std::move(*started));
        options.urls = {target->url()};
        options.cores = target->cores_left();
    }
    const SeedDrawn drawn = options.seed ? SeedDrawn::no : SeedDrawn::yes;
    if (!options.seed) options.seed = random_seed();
    print_header(options, drawn);
    const bool quiet = options.progress == plan::ProgressStyle::quiet;
    const report::ProgressMode mode =
        quiet ? report::ProgressMode::quiet : report::progress_mode_of(STDERR_FILENO);
    auto files = ResultFiles::open(options);
    if (!files) return fail(files.error());
    report::ProgressWriter progress(STDERR_FILENO, mode);
    auto result =
        load::run(options, {.add_interval = [&](const stats::Interval& second) { files->add(second); },
                            .show_progress = [&](const stats::Progress& now) { progress.show(now); },
                            .stop_requested = [] { return host::stop_requested(); }});
    progress.clear();
    if (!result) return fail(result.error());
    const ExitStatus status = report(*result, options);
    if (const auto written = files->finish(); !written) {
        print_error(written.error().what);
        return first_of(status, ExitStatus::impossible);
    }
    return status;
}

}  // namespace wsblast::app
