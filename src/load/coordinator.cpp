#include "load/coordinator.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/clock.hpp"
#include "load/outcome.hpp"
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
      has_start_gate_(program.has_start_gate()),
      started_at_(wall_clock_text()),
      start_ns_(monotonic_now()),
      observer_(engine, start_ns_),
      slos_(options.slos),
      row_ns_(start_ns_) {}

void Coordinator::lead() {
    engine_.go(start_ns_);
    while (!engine_.ended()) {
        std::this_thread::sleep_for(std::chrono::nanoseconds(kStepNs));
        const TimeNs now_ns = monotonic_now();
        if (ending_ == Ending::natural && hooks_.stop_requested()) stop(Ending::interrupted, now_ns);
        if (engine_.stage() == Stage::opening) give_up_if_hopeless(now_ns);
        open_gates(now_ns);
        observe(now_ns);
    }
    if (const auto rest = observer_.finish(monotonic_now())) hooks_.add_interval(*rest);
}

void Coordinator::stop(Ending ending, TimeNs now_ns) {
    if (engine_.stage() < Stage::settled) end_checks(now_ns);
    ending_ = ending;
    stopped_ns_ = now_ns;
    engine_.raise(Stage::stopping);
}

void Coordinator::give_up_if_hopeless(TimeNs now_ns) {
    const stats::CounterValues counters = engine_.counters();
    if (counters.successful > 0 || counters.failed < limits::kHopelessFailures) return;
    if (counters.failed >= program_.connections_all()) return;  // it is over anyway
    const auto kind = shared_kind(counters);
    if (!kind) return;
    why_stopped_ = text::format("stopped early: the first {} connections all failed: {}", counters.failed,
                                stats::info(*kind).label);
    stop(Ending::hopeless, now_ns);
}

void Coordinator::open_gates(TimeNs now_ns) {
    const Stage stage = engine_.stage();
    if (stage == Stage::opening && has_start_gate_) {
        std::uint64_t at_gate = 0;
        for (const auto& report : engine_.reports()) at_gate += report->at_gate.get();
        if (at_gate >= program_.connections_all()) engine_.raise_gate(now_ns);
    }
    if (stage < Stage::settled && all_settled(now_ns)) {
        settled_ns_ = now_ns;
        end_checks(now_ns);
        observer_.note_memory();
        engine_.raise(Stage::settled);
    }
}

// Those that send have nothing left, and what they sent has come to those that listen, or had its time.
// When all has come, second copies have a moment.
bool Coordinator::all_settled(TimeNs now_ns) {
    const std::uint64_t settled = engine_.counters().settled;
    if (settled + engine_.listening() < program_.connections_all()) return false;
    if (program_.listeners == 0) return true;
    if (senders_settled_ns_ == 0) senders_settled_ns_ = now_ns;
    const bool all_came = engine_.counters().pushes >= engine_.board()->totals().expected;
    if (all_came && all_delivered_ns_ == 0) all_delivered_ns_ = now_ns;
    if (all_came && now_ns >= all_delivered_ns_ + kSecondCopiesNs) return true;
    return now_ns >= senders_settled_ns_ + program_.answer_timeout_ns;
}

void Coordinator::observe(TimeNs now_ns) {
    const bool sending = engine_.stage() < Stage::settled;
    observer_.look(now_ns, sending ? HealthMonitor::Counted::yes : HealthMonitor::Counted::no);
    if (now_ns - row_ns_ >= kRowNs) {
        row_ns_ += kRowNs;
        end_row(now_ns);
        abort_on_slo(now_ns);
    }
    if (now_ns - shown_ns_ >= kProgressStepNs) show_progress(now_ns);
}

void Coordinator::end_row(TimeNs now_ns) {
    const stats::Interval interval = observer_.end_row(now_ns);
    hooks_.add_interval(interval);
    if (engine_.stage() >= Stage::settled) return;
    const stats::CounterValues counters = engine_.counters();
    if (sending_is_over(counters, now_ns)) {
        slos_.add_rest(interval, {counters, first_due_s()});
    } else {
        slos_.add(interval, {counters, first_due_s()});
    }
}

// Only answers and timeouts are awaited: no window of a throughput any more.
bool Coordinator::sending_is_over(const stats::CounterValues& counters, TimeNs now_ns) const {
    if (!options_.duration_ns) return phase(counters, now_ns) == stats::RunPhase::settling;
    const TimeNs first_ns = first_due_ns();
    return first_ns != kNever && now_ns >= first_ns + *options_.duration_ns;
}

// What came after the last whole second belongs to the checks too; holding and closing do not.
void Coordinator::end_checks(TimeNs now_ns) {
    slos_.add_rest(observer_.since_last_row(now_ns), {engine_.counters(), first_due_s()});
}

void Coordinator::abort_on_slo(TimeNs now_ns) {
    if (options_.slo_policy != plan::SloPolicy::abort || engine_.stage() >= Stage::settled) return;
    const auto failed = slos_.failed();
    if (!failed) return;
    why_stopped_ = *failed;
    stop(Ending::aborted, now_ns);
}

// Of all measured messages; kNever: none was due yet.
TimeNs Coordinator::first_due_ns() const {
    TimeNs first_ns = kNever;
    for (const auto& report : engine_.reports()) first_ns = std::min(first_ns, report->first_due_ns.get());
    return first_ns;
}

std::optional<double> Coordinator::first_due_s() const {
    const TimeNs first_ns = first_due_ns();
    if (first_ns == kNever) return std::nullopt;
    return static_cast<double>(first_ns - std::min(first_ns, start_ns_)) / 1e9;
}

// --- progress ------------------------------------------------------------------------------------

stats::RunPhase Coordinator::phase(const stats::CounterValues& counters, TimeNs now_ns) const {
    if (engine_.stage() == Stage::stopping) return stats::RunPhase::closing;
    if (engine_.stage() == Stage::settled) {
        const bool holding = counters.open > 0 && now_ns < settled_ns_ + options_.hold_ns;
        return holding ? stats::RunPhase::holding : stats::RunPhase::closing;
    }
    if (stats::connections_done(counters) < program_.connections_all()) return stats::RunPhase::ramp;
    const bool all_sent =
        program_.schedule.duration_ns == kNever &&
        counters.sent + counters.unsent >= counters.successful * program_.schedule.messages;
    return all_sent ? stats::RunPhase::settling : stats::RunPhase::messages;
}

std::optional<TimeNs> Coordinator::time_left(stats::RunPhase phase, TimeNs now_ns) const {
    const auto until = [now_ns](TimeNs end_ns) { return end_ns > now_ns ? end_ns - now_ns : TimeNs{0}; };
    if (phase == stats::RunPhase::holding) return until(settled_ns_ + options_.hold_ns);
    if (phase != stats::RunPhase::messages) return std::nullopt;
    const TimeNs first_ns = first_due_ns();
    if (first_ns == kNever) return std::nullopt;
    if (options_.duration_ns) return until(first_ns + *options_.duration_ns);
    switch (options_.pacing) {
        case plan::Pacing::closed: return std::nullopt;
        case plan::Pacing::interval:
            return until(first_ns + program_.schedule.messages * options_.interval_ns);
        case plan::Pacing::rate: return until(engine_.last_due_ns());
    }
    return std::nullopt;
}

void Coordinator::show_progress(TimeNs now_ns) {
    shown_ns_ = now_ns;
    stats::Progress progress = observer_.progress(now_ns);
    progress.phase = phase(engine_.counters(), now_ns);
    progress.wanted = program_.connections_all();
    progress.left_ns = time_left(progress.phase, now_ns);
    hooks_.show_progress(progress);
}

// --- the result ----------------------------------------------------------------------------------

stats::RunResult Coordinator::result() {
    const stats::Snapshot totals = observer_.totals();
    const Measured measured{totals, engine_.warm_counters(), start_ns_, settled_ns_, stopped_ns_};
    stats::RunResult result = Outcome(engine_, program_, options_, measured).result();
    result.started_at = started_at_;
    result.interrupted = ending_ == Ending::interrupted;
    if (ending_ == Ending::hopeless) result.warnings.push_back(why_stopped_);
    if (ending_ == Ending::aborted) result.aborted = why_stopped_;

    observer_.fill(result);
    result.verdict = stats::judge(stats::verdict_input(result));
    result.slos = slos_.results({result.counters, totals.latency, totals.service_time, result.duration_s});
    return result;
}

}  // namespace wsblast::load
