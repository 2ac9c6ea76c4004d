#include "load/script_leader.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "load/outcome.hpp"
#include "load/script_metrics.hpp"

namespace wsblast::load {

using session::Stage;

ScriptLeader::ScriptLeader(const Input& input)
    : input_(input),
      started_at_(wall_clock_text()),
      start_ns_(monotonic_now()),
      observer_(input.engine, start_ns_),
      slos_(input.options.slos),
      row_ns_(start_ns_),
      window_begin_ns_(start_ns_),
      period_ms_(unix_ms(start_ns_) / kWindowMs * kWindowMs) {}

std::int64_t ScriptLeader::unix_ms(TimeNs time_ns) const {
    return static_cast<std::int64_t>(wall_clock_.unix_ms(time_ns));
}

void ScriptLeader::lead() {
    input_.engine.go(start_ns_);
    while (!input_.engine.ended()) {
        std::this_thread::sleep_for(std::chrono::nanoseconds(kStepNs));
        const TimeNs now_ns = monotonic_now();
        if (stopped_ns_ == 0 && input_.hooks.stop_requested()) {
            stopped_ns_ = now_ns;
            input_.engine.raise(Stage::stopping);
        }
        watch(now_ns);
    }
    const TimeNs now_ns = monotonic_now();
    show_logs();
    end_window(input_.engine.users(), now_ns);
    (void)observer_.finish(now_ns);
}

void ScriptLeader::watch(TimeNs now_ns) {
    const stats::UserGauges users = input_.engine.user_gauges();
    users_peak_ = std::max(users_peak_, users.active);
    note_times(users);
    const bool working = input_.engine.stage() < Stage::settled;
    observer_.look(now_ns, working ? HealthMonitor::Counted::yes : HealthMonitor::Counted::no);
    if (working && users.arrivals_left == 0 && users.active == 0) {
        settled_ns_ = now_ns;
        observer_.note_memory();
        input_.engine.raise(Stage::settled);
    }
    if (now_ns - row_ns_ >= kRowNs) {
        row_ns_ += kRowNs;
        end_row(now_ns);
    }
    if (unix_ms(now_ns) >= period_ms_ + kWindowMs) end_window(input_.engine.users(), now_ns);
    show_logs();
    if (now_ns - shown_ns_ >= kProgressStepNs) show_progress(now_ns);
}

// The limits of `wsblast: slo` hold while users are at work.
void ScriptLeader::end_row(TimeNs now_ns) {
    const stats::Interval interval = observer_.end_row(now_ns);
    if (input_.engine.stage() < Stage::settled) slos_.add(interval, {input_.engine.counters(), 0.0});
}

void ScriptLeader::show_logs() {
    input_.engine.read_logs([&](std::string_view line) { input_.hooks.show_log(line); });
}

void ScriptLeader::show_progress(TimeNs now_ns) {
    shown_ns_ = now_ns;
    stats::Progress progress = observer_.progress(now_ns);
    const bool working = input_.engine.stage() < Stage::settled;
    progress.phase = working ? stats::RunPhase::messages : stats::RunPhase::closing;
    const TimeNs end_ns = start_ns_ + input_.arrivals.end_ns();
    if (working && now_ns < end_ns) progress.left_ns = end_ns - now_ns;
    input_.hooks.show_progress(progress);
}

void ScriptLeader::note_times(const stats::UserGauges& users) {
    const auto in_window = [&](TimeNs last_ns) { return last_ns >= window_begin_ns_; };
    if (first_counter_ms_ == 0 && in_window(users.last_counted_ns))
        first_counter_ms_ = unix_ms(users.last_counted_ns);
    if (first_histogram_ms_ == 0 && in_window(users.last_recorded_ns))
        first_histogram_ms_ = unix_ms(users.last_recorded_ns);
}

void ScriptLeader::end_window(const stats::UserSnapshot& users, TimeNs now_ns) {
    note_times(users.now);
    stats::UserSnapshot counted = users;
    counted.subtract(window_begin_);
    const WindowTimes times{
        .period_ms = period_ms_,
        .duration_s = static_cast<double>(now_ns - window_begin_ns_) / 1e9,
        .first_counter_ms = first_counter_ms_,
        .last_counter_ms = first_counter_ms_ == 0 ? 0 : unix_ms(users.now.last_counted_ns),
        .first_histogram_ms = first_histogram_ms_,
        .last_histogram_ms = first_histogram_ms_ == 0 ? 0 : unix_ms(users.now.last_recorded_ns)};
    stats::MetricWindow window = to_window(input_.scenario, counted, times);
    const bool empty = window.counters.empty() && window.summaries.empty();
    window_begin_ = users;
    window_begin_ns_ = now_ns;
    period_ms_ = unix_ms(now_ns) / kWindowMs * kWindowMs;
    first_counter_ms_ = first_histogram_ms_ = 0;
    if (empty) return;
    input_.hooks.show_window(window);
    result_.windows.push_back(std::move(window));
}

stats::ScriptResult ScriptLeader::result() {
    const stats::Snapshot totals = observer_.totals();
    const Measured measured{totals, input_.engine.warm_counters(), start_ns_, settled_ns_, stopped_ns_};
    result_.run = Outcome(input_.engine, input_.program, input_.options, measured).result();
    result_.run.command = "script";
    result_.run.started_at = started_at_;
    result_.run.interrupted = stopped_ns_ != 0;
    const TimeNs end_ns = stopped_ns_ != 0 ? stopped_ns_ : std::max(settled_ns_, start_ns_ + 1);
    result_.run.duration_s = static_cast<double>(end_ns - start_ns_) / 1e9;
    observer_.fill(result_.run);
    result_.run.slos =
        slos_.results({result_.run.counters, totals.latency, totals.service_time, result_.run.duration_s});

    const stats::UserSnapshot users = input_.engine.users();
    WindowTimes times{.period_ms = 0, .duration_s = result_.run.duration_s};
    for (const stats::MetricWindow& window : result_.windows) {
        times.period_ms = window.period_ms;
        if (times.first_counter_ms == 0) times.first_counter_ms = window.first_counter_ms;
        if (times.first_histogram_ms == 0) times.first_histogram_ms = window.first_histogram_ms;
        if (window.last_counter_ms != 0) times.last_counter_ms = window.last_counter_ms;
        if (window.last_histogram_ms != 0) times.last_histogram_ms = window.last_histogram_ms;
    }
    result_.total = to_window(input_.scenario, users, times);
    // Those that an interrupt met were all there, even if the last of them came after the last look.
    const std::uint64_t peak = std::max({users_peak_, users.active_peak, users.interrupted});
    result_.run.users = stats::UserTotals{.created = users.started,
                                          .completed = users.completed,
                                          .failed = users.failed,
                                          .interrupted = users.interrupted,
                                          .skipped = users.skipped,
                                          .peak = peak};
    return std::move(result_);
}

}  // namespace wsblast::load
