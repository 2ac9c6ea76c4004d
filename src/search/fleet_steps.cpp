#include "search/fleet_steps.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "text/format.hpp"

namespace wsblast::search {

namespace {

using stats::LoadAxis;

void pause(TimeNs time_ns) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(time_ns));
}

// What a backend gets done are all its answers: above the knee they are to messages of the warm-up for
// long.
Batch batch_of(const load::RoundSoFar& so_far) {
    const stats::Interval& interval = so_far.interval;
    Batch batch{.length_s = interval.length_s(),
                .sent = interval.row.sent,
                .received = interval.row.received + so_far.warm_received,
                .errors = interval.row.errors,
                .lost = interval.row.lost,
                .late = interval.row.late,
                .blocked = interval.row.blocked};
    batch.latency = interval.latency;
    batch.service_time = interval.service_time;
    return batch;
}

// Messages a second over all connections, of a load that is not a rate.
double rate_of(const plan::RunOptions& run, std::uint64_t connections) {
    const auto count = static_cast<double>(connections);
    switch (run.pacing) {
        case plan::Pacing::closed: return 0;
        case plan::Pacing::interval: return count * 1e9 / static_cast<double>(run.interval_ns);
        case plan::Pacing::rate:
            return run.rate.to_per_s * (run.rate_scope == plan::RateScope::per_connection ? count : 1);
    }
    return 0;
}

// The options of a fleet for this load.
plan::RunOptions options_for(const plan::RunOptions& run, const StepLoad& load) {
    plan::RunOptions options = run;
    options.connections = static_cast<std::uint32_t>(load.connections);
    if (load.connect_rate_per_s > 0) options.connect_rate_per_s = load.connect_rate_per_s;
    if (load.size_bytes > 0) {
        options.message_kind = plan::MessageKind::padding;
        options.message_size = load.size_bytes;
    }
    return options;
}

// Cuts a round into the batches of its measured part. Nothing is counted in the warm-up, and the first
// interval after it began in it.
class RoundCutter {
  public:
    RoundCutter(StepRun& run, const WatchStep& watch) : run_(run), watch_(watch) {}

    std::function<void()> on_start = [] {};

    bool take(const load::RoundSoFar& so_far) {
        if (!started_) {
            started_ = so_far.interval.row.sent > 0;
            if (started_) on_start();
            return false;
        }
        run_.batches.push_back(batch_of(so_far));
        return watch_({run_.offered_per_s, run_.batches, &so_far.generator}) == StepState::over;
    }

  private:
    StepRun& run_;
    const WatchStep& watch_;
    bool started_ = false;
};

}  // namespace

StepLoad load_of(const plan::SaturateOptions& options, const StepPlan& plan) {
    const plan::RunOptions& run = options.run;
    StepLoad load{.connections = run.connections};
    std::optional<double> rate;
    const auto set = [&](LoadAxis axis, double value) {
        switch (axis) {
            case LoadAxis::rate: rate = value; break;
            case LoadAxis::connections: load.connections = static_cast<std::uint64_t>(value); break;
            case LoadAxis::size: load.size_bytes = static_cast<std::uint32_t>(value); break;
            case LoadAxis::connect_rate: load.connect_rate_per_s = value; break;
        }
    };
    set(options.over, plan.load);
    if (options.grid && plan.fixed) set(options.grid->axis, *plan.fixed);
    load.rate_per_s = rate.value_or(rate_of(run, load.connections));
    if (options.over == LoadAxis::connect_rate) {
        const double seconds = static_cast<double>(plan.warmup_ns + plan.length_max_ns) / 1e9;
        const double count = std::ceil(plan.load * seconds);
        load.connections = std::min(static_cast<std::uint64_t>(count), limits::kConnectionsMax);
    }
    return load;
}

Result<StepRun> FleetSteps::make(const StepPlan& plan, const WatchStep& watch) {
    const StepLoad load = load_of(options_, plan);
    if (options_.over == LoadAxis::connect_rate) return opening(plan, load, watch);
    const bool same = fleet_ && opened_.connections == load.connections &&
                      opened_.size_bytes == load.size_bytes && is_complete();
    if (!same) {
        if (const auto opened = open(load); !opened) return opened.error();
    }
    if (stop_requested_()) return StepRun{};
    return round(plan, load, watch);
}

void FleetSteps::close() {
    if (!fleet_) return;
    fleet_->close({.stop_requested = stop_requested_});
    keep_tls(fleet_->snapshot());
    fleet_.reset();
}

void FleetSteps::keep_tls(const stats::Snapshot& step) {
    const auto add = [](stats::KeyCountValues& sum, const stats::KeyCountValues& more) {
        for (const auto& [key, count] : more) sum[key] += count;
    };
    add(tls_totals_.tls_full, step.tls_full);
    add(tls_totals_.tls_resumed, step.tls_resumed);
    add(tls_totals_.tls_faults, step.tls_faults);
}

// As many as there were when they had been opened: a connection that broke is missed by all later steps.
bool FleetSteps::is_complete() const {
    return fleet_->status().counters.open == open_count_;
}

Result<void> FleetSteps::open(const StepLoad& load) {
    close();
    auto fleet = load::Fleet::start(options_for(options_.run, load), stop_requested_);
    if (!fleet) return fleet.error();
    fleet_ = std::move(*fleet);
    fleet_->open_to(load.connections);
    constexpr TimeNs kLookNs = 2 * kMillisecond;
    while (!fleet_->status().at_rest() && !stop_requested_()) pause(kLookNs);
    const stats::CounterValues counters = fleet_->status().counters;
    open_count_ = counters.open;
    opened_ = load;
    if (counters.open > 0 || stop_requested_()) return {};
    const auto errors = stats::errors_by_count(counters);
    return environment_error(text::format("no connection succeeded{}{}: check --url, or use --with-target",
                                          errors.empty() ? "" : ": ",
                                          errors.empty() ? "" : stats::info(errors.front().kind).label));
}

void FleetSteps::begin_watching() {
    if (watcher_ != nullptr) reading_ = watcher_->read();
}

void FleetSteps::end_watching(StepRun& run) {
    if (watcher_ == nullptr || !reading_) return;
    run.backend = watch::Watcher::between(*reading_, watcher_->read());
    reading_.reset();
}

Result<StepRun> FleetSteps::round(const StepPlan& plan, const StepLoad& load, const WatchStep& watch) {
    StepRun run{.offered_per_s = load.rate_per_s};
    RoundCutter cutter(run, watch);
    cutter.on_start = [this] { begin_watching(); };
    load::FleetHooks hooks;
    hooks.stop_requested = stop_requested_;
    hooks.interval_ns = plan.batch_ns;
    hooks.round_is_over = [&](const load::RoundSoFar& so_far) {
        const bool over = cutter.take(so_far);
        if (over) end_watching(run);
        return over;
    };
    // The judge ends it: what is due for some batches more than it needs is never sent.
    const plan::Round round{.rate_per_s = load.rate_per_s,
                            .arrivals = options_.run.arrivals,
                            .warmup_ns = plan.warmup_ns,
                            .duration_ns = plan.length_max_ns + 4 * plan.batch_ns};
    const auto result = fleet_->round(round, hooks);
    if (!result) return result.error();
    end_watching(run);
    run.latency = result->totals.latency;
    run.counters = result->counters;
    run.generator = result->generator;
    return run;
}

Result<StepRun> FleetSteps::opening(const StepPlan& plan, const StepLoad& load, const WatchStep& watch) {
    auto started = load::Fleet::start(options_for(options_.run, load), stop_requested_);
    if (!started) return started.error();
    load::Fleet& fleet = **started;
    StepRun run{.offered_per_s = load.connect_rate_per_s};
    fleet.open_to(load.connections);
    pause(plan.warmup_ns);
    begin_watching();
    load::FleetStatus status = fleet.status();
    stats::Snapshot snapshot = fleet.snapshot();
    TimeNs last_ns = monotonic_now();
    while (!stop_requested_()) {
        pause(plan.batch_ns);
        const load::FleetStatus next_status = fleet.status();
        stats::Snapshot next = fleet.snapshot();
        const TimeNs now_ns = monotonic_now();
        Batch batch{.length_s = static_cast<double>(now_ns - last_ns) / 1e9};
        batch.sent = next_status.started - status.started;
        batch.received = next.counters.successful - snapshot.counters.successful;
        batch.errors = stats::errors_total(next.counters) - stats::errors_total(snapshot.counters);
        // Handshakes in flight are bounded: who does not begin more of them waits for the backend.
        batch.blocked = next_status.opening >= limits::kHandshakesMax / 2 ? next_status.opening : 0;
        batch.latency = next.connect_total;
        batch.latency.subtract(snapshot.connect_total);
        run.latency.add(batch.latency);
        run.batches.push_back(std::move(batch));
        status = next_status;
        snapshot = std::move(next);
        last_ns = now_ns;
        if (watch({run.offered_per_s, run.batches, nullptr}) == StepState::over) break;
    }
    end_watching(run);
    run.counters = snapshot.counters;
    keep_tls(fleet.snapshot());
    return run;
}

}  // namespace wsblast::search
