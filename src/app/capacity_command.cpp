#include "app/capacity_command.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

#include "app/output.hpp"
#include "app/target_process.hpp"
#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/prng.hpp"
#include "crypto/tls_options.hpp"
#include "host/interrupts.hpp"
#include "load/fleet.hpp"
#include "load/room.hpp"
#include "load/ways.hpp"
#include "proto/secrets.hpp"
#include "report/capacity_report.hpp"
#include "search/capacity.hpp"
#include "search/live_parts.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

using stats::CapacityEnding;
using stats::CapacityResult;
using stats::LimitKind;

std::uint64_t wanted_of(const plan::CapacityOptions& options) {
    return options.connections_max.value_or(limits::kCapacityMax);
}

// Attempts that fail by chance are replaced by others: so many are allowed for.
std::uint32_t with_spare(std::uint64_t wanted) {
    constexpr std::uint64_t kPercent = 100;
    const std::uint64_t all = wanted + wanted * limits::kGivesPercent / kPercent + 2 * limits::kGivesCount;
    return static_cast<std::uint32_t>(std::min(all, limits::kConnectionsMax));
}

LimitKind kind_of(load::RoomLimit limit) {
    switch (limit) {
        case load::RoomLimit::none:
        case load::RoomLimit::source_pairs: return LimitKind::source_ports;
        case load::RoomLimit::files: return LimitKind::file_limit;
        case load::RoomLimit::memory: return LimitKind::memory;
    }
    return LimitKind::source_ports;
}

search::CapacityPlan plan_of(const plan::CapacityOptions& options, const load::Room& room) {
    search::CapacityPlan plan;
    plan.wanted = wanted_of(options);
    plan.allowed_max = room.connections;
    plan.plateaus = search::plateaus_to(std::min(plan.wanted, room.connections), options.step);
    if (room.connections < plan.wanted)
        plan.ceiling = stats::Limit{kind_of(room.limit), 0, {room.arithmetic}};
    plan.sample = options.sample;
    plan.hold_ns = options.hold_ns;
    plan.churn_per_s = options.churn_per_s;
    if (options.storm_share) plan.storm = plan::Storm{*options.storm_share, options.reconnect};
    plan.cores = room.cores;
    plan.connect_rate_per_s = options.run.connect_rate_per_s;
    plan.connect_timeout_ns = options.run.connect_timeout_ns;
    plan.answer_timeout_ns = options.run.answer_timeout_ns;
    return plan;
}

void print_header(const plan::CapacityOptions& options, SeedDrawn drawn) {
    std::string header = text::format("wsblast {}: up to {} connections to", WSBLAST_VERSION,
                                      with_thousands(wanted_of(options)));
    for (const std::string& url : options.run.urls) header += " " + proto::shown_url(url);
    header += "\n";
    for (const plan::Setting& setting : options.run.settings) {
        header += text::format("  {} = {}\n", setting.name, setting.value);
    }
    if (drawn == SeedDrawn::yes) header += text::format("  seed = {} (random)\n", *options.run.seed);
    std::fputs(header.c_str(), stderr);
}

ExitStatus report(CapacityResult& result, const plan::CapacityOptions& options) {
    const std::string& json_path = options.run.json_path;
    const bool json_to_output = json_path == kStandardOutput;
    ExitStatus status = status_of(result, options);
    result.exit_status = to_int(status);
    const auto check = [&status](const Result<void>& written) {
        if (written) return;
        print_error(written.error().what);
        status = first_of(status, ExitStatus::impossible);
    };
    check(write_text(json_to_output ? STDERR_FILENO : STDOUT_FILENO, report::capacity_text(result)));
    if (json_path.empty()) return status;
    const std::string json = report::capacity_json(result);
    check(json_to_output ? write_text(STDOUT_FILENO, json) : write_file(json_path, json));
    return status;
}

// From the first connection to the report; then they are closed.
Result<ExitStatus> search_and_report(const plan::CapacityOptions& options) {
    const auto room = load::find_room(options.run);
    if (!room) return room.error();
    auto watcher = options.watch.any() ? watch::Watcher::open(options.watch, room->targets)
                                       : watch::Watcher::find_local(room->targets);
    if (!watcher) return watcher.error();
    plan::RunOptions run = options.run;
    run.connections = static_cast<std::uint32_t>(room->connections);
    const std::string started_at = wall_clock_text();
    const auto interrupted = [] { return host::stop_requested(); };
    auto fleet = load::Fleet::start(run, interrupted);
    if (!fleet) return fleet.error();
    const bool quiet = run.progress == plan::ProgressStyle::quiet;
    report::CapacityProgressWriter progress(
        STDERR_FILENO, quiet ? report::ProgressMode::quiet : report::progress_mode_of(STDERR_FILENO));
    search::LiveConnections connections(std::move(*fleet), interrupted);
    search::LiveSurroundings surroundings(
        std::move(*watcher),
        {interrupted, [&progress](const stats::CapacityProgress& now) { progress.show(now); }});
    CapacityResult result = search::find_capacity(plan_of(options, *room), connections, surroundings);
    progress.clear();
    result.version = WSBLAST_VERSION;
    result.started_at = started_at;
    result.seed = *run.seed;
    result.target = {proto::shown_urls(run.urls), run.target == plan::TargetChoice::built_in};
    result.target_process = surroundings.target_process();
    result.tls = load::tls_result(connections.snapshot(), run);
    if (run.tls.check == crypto::PeerCheck::none) result.warnings.emplace_back(crypto::kUncheckedWarning);
    for (const std::string& warning : surroundings.warnings()) result.warnings.push_back(warning);
    const ExitStatus status = report(result, options);
    if (interrupted()) return status;
    stats::CapacityProgress closing;
    closing.phase = stats::CapacityPhase::closing;
    closing.elapsed_ns = static_cast<TimeNs>(result.duration_s * 1e9);
    closing.open = connections.status().counters.open;
    progress.show(closing);
    connections.close();
    progress.clear();
    return status;
}

}  // namespace

ExitStatus status_of(const CapacityResult& result, const plan::CapacityOptions& options) {
    if (result.ending == CapacityEnding::interrupted) return ExitStatus::interrupted;
    if (result.counters.successful == 0) return ExitStatus::impossible;
    const bool own = result.limit && stats::info(result.limit->kind).owner == stats::LimitOwner::process;
    // Who has no time to read answers in time has no right to call them late.
    const bool unanswered = result.limit && result.limit->kind == LimitKind::no_answer;
    const auto& plateaus = result.plateaus;
    const bool saturated = !plateaus.empty() && plateaus.back().probe &&
                           plateaus.back().probe->generator == stats::GeneratorStatus::saturated;
    if ((own || (unanswered && saturated)) && options.run.saturation == plan::SaturationPolicy::fail)
        return ExitStatus::saturated;
    if (result.ending == CapacityEnding::unsteady) return ExitStatus::failed;
    const bool asked = options.connections_max.has_value();
    return asked && result.ending == CapacityEnding::limit ? ExitStatus::failed : ExitStatus::ok;
}

ExitStatus capacity_command(plan::CapacityOptions options) {
    options.run.connections = with_spare(wanted_of(options));
    std::optional<TargetProcess> target;
    if (options.run.target == plan::TargetChoice::built_in) {
        auto started = TargetProcess::start(options.run);
        if (!started) return fail(started.error());
        target.emplace(std::move(*started));
        options.run.urls = {target->url()};
        options.run.cores = target->cores_left();
    }
    const SeedDrawn drawn = options.run.seed ? SeedDrawn::no : SeedDrawn::yes;
    if (!options.run.seed) options.run.seed = random_seed();
    print_header(options, drawn);
    const auto status = search_and_report(options);
    return status ? *status : fail(status.error());
}

}  // namespace wsblast::app
