#include "app/saturate_command.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

#include "app/output.hpp"
#include "app/target_process.hpp"
#include "base/prng.hpp"
#include "crypto/tls_options.hpp"
#include "host/interrupts.hpp"
#include "proto/secrets.hpp"
#include "report/progress.hpp"
#include "report/saturation_json.hpp"
#include "report/saturation_text.hpp"
#include "search/saturate.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

// A target of our own takes as many connections as a search may come to.
constexpr std::uint32_t kTargetConnections = 1'000'000;

// The built-in target, where it is asked for; the options then go to it.
Result<std::optional<TargetProcess>> start_target(plan::SaturateOptions& options) {
    if (options.run.target != plan::TargetChoice::built_in) return std::optional<TargetProcess>();
    plan::RunOptions wanted = options.run;
    if (options.over != stats::LoadAxis::rate || options.grid) {
        wanted.connections = std::max(wanted.connections, kTargetConnections);
    }
    auto started = TargetProcess::start(wanted);
    if (!started) return started.error();
    options.run.urls = {started->url()};
    options.run.cores = started->cores_left();
    return std::optional(std::move(*started));
}

void print_header(const plan::SaturateOptions& options) {
    std::string header =
        text::format("wsblast {}: saturate over {}:", WSBLAST_VERSION, stats::to_text(options.over));
    for (const std::string& url : options.run.urls) header += " " + proto::shown_url(url);
    header += text::format("\n  seed = {}\n", *options.run.seed);
    std::fputs(header.c_str(), stderr);
}

ExitStatus report(stats::SaturationResult& result, const plan::SaturateOptions& options) {
    ExitStatus status = status_of(result, options.run.saturation);
    result.exit_status = to_int(status);
    const bool json_to_output = options.run.json_path == kStandardOutput;
    const auto check = [&status](const Result<void>& written) {
        if (written) return;
        print_error(written.error().what);
        status = first_of(status, ExitStatus::impossible);
    };
    check(write_text(json_to_output ? STDERR_FILENO : STDOUT_FILENO, report::saturation_text(result)));
    if (options.run.json_path.empty()) return status;
    const std::string json = report::saturation_json(result);
    check(json_to_output ? write_text(STDOUT_FILENO, json) : write_file(options.run.json_path, json));
    return status;
}

ExitStatus search_status(const stats::LoadSearch& search, plan::SaturationPolicy policy) {
    switch (search.ending) {
        case stats::SearchEnding::knee:
        case stats::SearchEnding::all_passed: return ExitStatus::ok;
        case stats::SearchEnding::none_passed: return ExitStatus::failed;
        case stats::SearchEnding::generator:
            return policy == plan::SaturationPolicy::allow ? ExitStatus::ok : ExitStatus::saturated;
        case stats::SearchEnding::budget: return search.knee ? ExitStatus::ok : ExitStatus::failed;
        case stats::SearchEnding::interrupted: return ExitStatus::interrupted;
    }
    return ExitStatus::failed;
}

}  // namespace

ExitStatus status_of(const stats::SaturationResult& result, plan::SaturationPolicy policy) {
    ExitStatus status = ExitStatus::ok;
    for (const stats::LoadSearch& search : result.searches)
        status = first_of(status, search_status(search, policy));
    return status;
}

ExitStatus saturate_command(plan::SaturateOptions options) {
    const auto target = start_target(options);
    if (!target) return fail(target.error());
    if (!options.run.seed) options.run.seed = random_seed();
    print_header(options);
    const bool quiet = options.run.progress == plan::ProgressStyle::quiet;
    report::ProgressWriter progress(
        STDERR_FILENO, quiet ? report::ProgressMode::quiet : report::progress_mode_of(STDERR_FILENO));
    search::SearchHooks hooks;
    hooks.stop_requested = [] { return host::stop_requested(); };
    hooks.show_progress = [&](const stats::SearchProgress& now) {
        progress.show_live([&](std::size_t width) { return report::search_progress_text(now, width); });
    };
    hooks.show_step = [&](const stats::StepRow& row) {
        progress.clear();
        if (!quiet) std::fputs((report::step_line(row, options.over) + "\n").c_str(), stderr);
    };
    auto result = search::saturate(options, hooks);
    progress.clear();
    if (!result) return fail(result.error());
    if (options.run.tls.check == crypto::PeerCheck::none)
        result->warnings.emplace_back(crypto::kUncheckedWarning);
    return report(*result, options);
}

}  // namespace wsblast::app
