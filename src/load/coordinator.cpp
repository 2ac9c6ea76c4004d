#include "load/coordinator.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/clock.hpp"
#include "host/resources.hpp"
#include "text/format.hpp"

namespace wsblast::load {

namespace {

using session::Stage;
using stats::ErrorKind;

// A kind that all failed connections share, where there is one.
std::optional<ErrorKind> shared_kind(const stats::CounterValues& counters) {
    for (const stats::ErrorCount& error : stats::errors_by_count(counters)) {
        if (error.count == counters.failed) return error.kind;
    }
    return std::nullopt;
}

}  // namespace

Coordinator::Coordinator(Engine& engine, const plan::Program& program, const plan::RunOptions& options,
                         const RunHooks& hooks)
    : engine_(engine),
      program_(program),
      options_(options),
      hooks_(hooks),
      started_at_(wall_clock_text()),
      start_ns_(monotonic_now()),
      cpu_at_start_(process_cpu_times()),
      health_(start_ns_, engine.thread_use()),
      timeline_(sample(start_ns_)),
      row_ns_(start_ns_) {
    has_start_gate_ = std::any_of(program.steps.begin(), program.steps.end(), [](const plan::Step& step) {
        return step.kind == plan::StepKind::gate_opened;
    });
}

void Coordinator::lead() {
    engine_.go(start_ns_);
    while (!engine_.ended()) {
        std::this_thread::sleep_for(std::chrono::nanoseconds(kStepNs));
        const TimeNs now_ns = monotonic_now();
        if (interrupted_ns_ == 0 && hooks_.stop_requested()) stop(now_ns);
        if (engine_.stage() == Stage::opening) give_up_if_hopeless();
        open_gates(now_ns);
        observe(now_ns);
    }
    const TimeNs end_ns = monotonic_now();
    health_.sample(end_ns, engine_.thread_use(), HealthMonitor::Counted::no);
    rss_bytes_max_ = std::max(rss_bytes_max_, host::rss_bytes());
    timeline_.finish(sample(end_ns));
}

void Coordinator::stop(TimeNs now_ns) {
    interrupted_ns_ = now_ns;
    engine_.raise(Stage::stopping);
}

void Coordinator::give_up_if_hopeless() {
    const stats::CounterValues counters = engine_.counters();
    if (counters.successful > 0 || counters.failed < limits::kHopelessFailures) return;
    if (counters.failed >= program_.connections) return;  // it is over anyway
    const auto kind = shared_kind(counters);
    if (!kind) return;
    hopeless_ = text::format("stopped early: the first {} connections all failed: {}", counters.failed,
                             stats::info(*kind).label);
    engine_.raise(Stage::stopping);
}

void Coordinator::open_gates(TimeNs now_ns) {
    const Stage stage = engine_.stage();
    if (stage == Stage::opening && has_start_gate_) {
        std::uint64_t at_gate = 0;
        for (const auto& report : engine_.reports()) at_gate += report->at_gate.get();
        if (at_gate >= program_.connections) engine_.raise_gate(now_ns);
    }
    if (stage < Stage::settled && engine_.counters().settled >= program_.connections) {
        settled_ns_ = now_ns;
        rss_bytes_max_ = std::max(rss_bytes_max_, host::rss_bytes());
        engine_.raise(Stage::settled);
    }
}

void Coordinator::observe(TimeNs now_ns) {
    const bool sending = engine_.stage() < Stage::settled;
    health_.sample(now_ns, engine_.thread_use(),
                   sending ? HealthMonitor::Counted::yes : HealthMonitor::Counted::no);
    if (now_ns - row_ns_ >= kRowNs) {
        row_ns_ += kRowNs;
        rss_bytes_max_ = std::max(rss_bytes_max_, host::rss_bytes());
        timeline_.add(sample(now_ns));
    }
    if (now_ns - shown_ns_ >= kProgressStepNs) show_progress(now_ns);
}

stats::TimelineSample Coordinator::sample(TimeNs now_ns) const {
    const stats::Snapshot snapshot = engine_.snapshot();
    const double seconds = static_cast<double>(now_ns - start_ns_) / 1e9;
    return {.t_s = seconds,
            .open = snapshot.counters.open,
            .sent = snapshot.counters.sent,
            .received = snapshot.counters.received,
            .errors = stats::errors_total(snapshot.counters),
            .latency = snapshot.latency,
            .cpu = process_cpu_times()};
}

// --- progress ------------------------------------------------------------------------------------

stats::RunPhase Coordinator::phase(const stats::CounterValues& counters, TimeNs now_ns) const {
    if (engine_.stage() == Stage::stopping) return stats::RunPhase::closing;
    if (engine_.stage() == Stage::settled) {
        const bool holding = counters.open > 0 && now_ns < settled_ns_ + options_.hold_ns;
        return holding ? stats::RunPhase::holding : stats::RunPhase::closing;
    }
    if (stats::connections_done(counters) < program_.connections) return stats::RunPhase::ramp;
    const bool all_sent =
        program_.schedule.duration_ns == kNever &&
        counters.sent + counters.unsent >= counters.successful * program_.schedule.messages;
    return all_sent ? stats::RunPhase::settling : stats::RunPhase::messages;
}

std::optional<TimeNs> Coordinator::time_left(stats::RunPhase phase, TimeNs now_ns) const {
    const auto until = [now_ns](TimeNs end_ns) { return end_ns > now_ns ? end_ns - now_ns : TimeNs{0}; };
    if (phase == stats::RunPhase::holding) return until(settled_ns_ + options_.hold_ns);
    if (phase != stats::RunPhase::messages) return std::nullopt;
    TimeNs first_ns = kNever;
    for (const auto& report : engine_.reports()) first_ns = std::min(first_ns, report->first_due_ns.get());
    if (first_ns == kNever) return std::nullopt;
    if (options_.duration_ns) return until(first_ns + *options_.duration_ns);
    const double messages = static_cast<double>(program_.schedule.messages);
    if (options_.pacing == plan::Pacing::interval)
        return until(first_ns + program_.schedule.messages * options_.interval_ns);
    if (options_.pacing != plan::Pacing::rate) return std::nullopt;
    return until(first_ns + static_cast<TimeNs>(messages * static_cast<double>(program_.connections) * 1e9 /
                                                options_.rate_per_s));
}

void Coordinator::show_progress(TimeNs now_ns) {
    const stats::Snapshot snapshot = engine_.snapshot();
    const double seconds = static_cast<double>(now_ns - std::max(shown_ns_, start_ns_)) / 1e9;
    if (seconds > 0)
        shown_rate_ = static_cast<double>(snapshot.counters.received - shown_received_) / seconds;
    shown_ns_ = now_ns;
    shown_received_ = snapshot.counters.received;
    stats::Progress progress{.phase = phase(snapshot.counters, now_ns), .elapsed_ns = now_ns - start_ns_};
    progress.open = snapshot.counters.open;
    progress.wanted = program_.connections;
    progress.messages_per_s = shown_rate_;
    progress.p50_ns = snapshot.latency.percentile(0.5);
    progress.p99_ns = snapshot.latency.percentile(0.99);
    progress.errors = stats::errors_total(snapshot.counters);
    progress.left_ns = time_left(progress.phase, now_ns);
    hooks_.show_progress(progress);
}

// --- the result ----------------------------------------------------------------------------------

// The first connect to the last measured message settled; of a run without messages, to the end of its
// ramp.
TimeNs Coordinator::measured_end_ns() const {
    if (interrupted_ns_ != 0) return interrupted_ns_;
    TimeNs end_ns = 0;
    for (const auto& report : engine_.reports()) end_ns = std::max(end_ns, report->last_settled_ns.get());
    if (end_ns != 0) return end_ns;
    for (const auto& report : engine_.reports()) end_ns = std::max(end_ns, report->ramp_end_ns.get());
    return std::max({end_ns, settled_ns_, start_ns_ + 1});
}

std::optional<stats::Ramp> Coordinator::ramp(const stats::CounterValues& counters) const {
    TimeNs end_ns = 0;
    TimeNs first_ns = 0;
    TimeNs last_ns = 0;
    bool complete = true;
    for (const auto& report : engine_.reports()) {
        const auto& marks = report->ramp_cpu_ns;
        end_ns = std::max(end_ns, report->ramp_end_ns.get());
        first_ns += marks[1].get() - std::min(marks[0].get(), marks[1].get());
        last_ns += marks[3].get() - std::min(marks[2].get(), marks[3].get());
        complete = complete && marks[3].get() != 0 && marks[2].get() != 0;
    }
    if (end_ns == 0 || !complete) return std::nullopt;
    const auto workers = engine_.reports().size();
    const std::uint64_t window = std::min<std::uint64_t>(session::Ledger::kRampWindow / workers,
                                                         program_.connections / workers / 2) *
                                 workers;
    stats::Ramp ramp;
    ramp.connections_per_s =
        static_cast<double>(counters.attempted) * 1e9 / static_cast<double>(end_ns - start_ns_);
    ramp.window = window;
    if (window == 0) return ramp;
    ramp.cpu_us_first = static_cast<double>(first_ns) / 1e3 / static_cast<double>(window);
    ramp.cpu_us_last = static_cast<double>(last_ns) / 1e3 / static_cast<double>(window);
    return ramp;
}

std::optional<double> Coordinator::offered_per_s(const stats::CounterValues& counters) const {
    TimeNs first_ns = kNever;
    TimeNs last_ns = 0;
    for (const auto& report : engine_.reports()) {
        first_ns = std::min(first_ns, report->first_due_ns.get());
        last_ns = std::max(last_ns, report->last_due_ns.get());
    }
    if (first_ns == kNever) return std::nullopt;
    const double seconds = std::max(1.0, static_cast<double>(last_ns - first_ns) / 1e9);
    // What a lost connection had still to send has no due time here; the rate before is the rate that was
    // offered.
    return static_cast<double>(counters.sent) / seconds;
}

void Coordinator::note_resources(stats::RunResult& result) const {
    if (hopeless_) result.warnings.push_back(*hopeless_);
    const std::uint64_t ports = result.counters.error(ErrorKind::no_free_source_port);
    if (ports > 0) {
        result.warnings.push_back(
            text::format("{} connections found no free source port: other programs or connections in "
                         "TIME_WAIT hold them; widen "
                         "net.ipv4.ip_local_port_range, or add --source-ip",
                         ports));
    }
    const std::uint64_t memory = result.counters.error(ErrorKind::no_memory);
    if (memory > 0) {
        result.warnings.push_back(text::format(
            "{} connections failed for lack of kernel memory: raise net.ipv4.tcp_mem or the memory limit",
            memory));
    }
}

stats::RunResult Coordinator::result() const {
    stats::RunResult result;
    stats::set_totals(result, engine_.snapshot());
    result.version = WSBLAST_VERSION;
    result.command = options_.command;
    result.started_at = started_at_;
    result.duration_s = static_cast<double>(measured_end_ns() - start_ns_) / 1e9;
    result.interrupted = interrupted_ns_ != 0;
    result.seed = program_.seed;
    result.target.urls = options_.urls;
    result.target.builtin = options_.target == plan::TargetChoice::built_in;
    stats::WorkloadInfo& workload = result.workload;
    workload.loop = options_.pacing == plan::Pacing::closed ? stats::Loop::closed : stats::Loop::open;
    workload.cores = static_cast<std::uint32_t>(engine_.reports().size());
    workload.connections = program_.connections;
    if (!options_.duration_ns) workload.messages_per_connection = program_.schedule.messages;
    if (options_.pacing != plan::Pacing::rate)
        workload.interval_s = static_cast<double>(options_.interval_ns) / 1e9;
    if (options_.pacing == plan::Pacing::closed) workload.interval_s = 0;
    if (options_.pacing == plan::Pacing::rate) workload.rate_per_s = options_.rate_per_s;
    if (program_.pipeline != plan::kPipelineUnlimited) workload.pipeline = program_.pipeline;
    if (options_.duration_ns) workload.duration_s = static_cast<double>(*options_.duration_ns) / 1e9;
    result.offered_per_s = offered_per_s(result.counters);
    result.ramp = ramp(result.counters);

    const transport::TransportCounters transports = engine_.transport_counters();
    result.generator = health_.judge({result.generator.send_lag, result.latency, transports.cq_overflows});
    result.generator.wait_max_ns = transports.batch_wait_ns_max;
    result.generator.rss_bytes = rss_bytes_max_;
    const CpuTimes cpu = process_cpu_times() - cpu_at_start_;
    result.generator.cpu_user_s = static_cast<double>(cpu.user_ns) / 1e9;
    result.generator.cpu_system_s = static_cast<double>(cpu.system_ns) / 1e9;
    result.verdict = stats::judge(stats::verdict_input(result));
    result.timeline = timeline_.rows();
    result.timeline_step_s = timeline_.steps_per_row();
    note_resources(result);
    return result;
}

}  // namespace wsblast::load
