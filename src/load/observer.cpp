#include "load/observer.hpp"

#include <algorithm>
#include <utility>

#include "host/resources.hpp"

namespace wsblast::load {

Observer::Observer(Engine& engine, TimeNs start_ns)
    : engine_(engine),
      start_ns_(start_ns),
      before_(engine.snapshot()),
      transports_before_(engine.transport_counters()),
      cpu_before_(process_cpu_times()),
      health_(start_ns, engine.thread_use(), host::steal_by_cpu()),
      last_sample_(sample(start_ns)),
      timeline_(last_sample_) {}

stats::Snapshot Observer::totals() const {
    stats::Snapshot snapshot = engine_.snapshot();
    snapshot.subtract(before_);
    return snapshot;
}

void Observer::look(TimeNs now_ns, HealthMonitor::Counted counted) {
    if (now_ns - health_ns_ < kHealthStepNs) return;
    health_ns_ = now_ns;
    health_.sample(now_ns, engine_.thread_use(), counted);
}

void Observer::note_memory() {
    rss_bytes_max_ = std::max(rss_bytes_max_, host::rss_bytes());
}

// Cumulative since the engine began: only differences of samples are looked at.
stats::TimelineSample Observer::sample(TimeNs now_ns) const {
    const stats::CounterValues counters = engine_.counters();
    return {.t_s = static_cast<double>(now_ns - start_ns_) / 1e9,
            .open = counters.open,
            .sent = counters.sent,
            .received = counters.received,
            .errors = stats::errors_total(counters),
            .lost = counters.lost,
            .blocked = counters.blocked,
            .late = counters.late,
            .latency = engine_.sum(&stats::Shard::latency),
            .service_time = engine_.sum(&stats::Shard::service_time),
            .cpu = process_cpu_times(),
            .rss_bytes = host::rss_bytes()};
}

stats::Interval Observer::since_last_row(TimeNs now_ns) const {
    return stats::interval_between(last_sample_, sample(now_ns));
}

stats::Interval Observer::end_row(TimeNs now_ns) {
    note_memory();
    stats::TimelineSample next = sample(now_ns);
    stats::Interval interval = stats::interval_between(last_sample_, next);
    last_sample_ = next;
    timeline_.add(std::move(next));
    return interval;
}

stats::Progress Observer::progress(TimeNs now_ns) {
    const stats::CounterValues counters = engine_.counters();
    const stats::CounterValues now = stats::difference(counters, before_.counters);
    stats::HistogramSnapshot latency = engine_.sum(&stats::Shard::latency);
    latency.subtract(before_.latency);
    const double seconds = static_cast<double>(now_ns - std::max(shown_ns_, start_ns_)) / 1e9;
    if (seconds > 0) shown_rate_ = static_cast<double>(now.received - shown_received_) / seconds;
    shown_ns_ = now_ns;
    shown_received_ = now.received;
    stats::Progress progress;
    progress.elapsed_ns = now_ns - start_ns_;
    progress.open = counters.open;
    progress.messages_per_s = shown_rate_;
    progress.p50_ns = latency.percentile(0.5);
    progress.p99_ns = latency.percentile(0.99);
    progress.errors = stats::errors_total(now);
    return progress;
}

std::optional<stats::Interval> Observer::finish(TimeNs now_ns) {
    health_.sample(now_ns, engine_.thread_use(), HealthMonitor::Counted::no);
    health_.note_steal(now_ns, host::steal_by_cpu());
    note_memory();
    stats::TimelineSample last = sample(now_ns);
    std::optional<stats::Interval> rest;
    if (last.t_s > last_sample_.t_s) rest = stats::interval_between(last_sample_, last);
    timeline_.finish(std::move(last));
    return rest;
}

stats::GeneratorHealth Observer::judge(const stats::Snapshot& totals, stats::Loop loop) const {
    const transport::TransportCounters transports = engine_.transport_counters();
    stats::HistogramSnapshot own_lag = totals.send_lag;
    own_lag.subtract(totals.blocked_lag);
    stats::GeneratorHealth health = health_.judge(
        {.own_lag = own_lag.summarize(),
         .loop_lag = totals.loop_lag.summarize(),
         .latency = totals.latency.summarize(),
         .cq_overflows = transports.cq_overflows - transports_before_.cq_overflows,
         .buffers_exhausted = transports.buffers_exhausted - transports_before_.buffers_exhausted,
         .received = totals.counters.received,
         .loop = loop});
    health.send_lag = totals.send_lag.summarize();
    health.wait_max_ns = transports.batch_wait_ns_max;
    health.rss_bytes = rss_bytes_max_;
    const CpuTimes cpu = process_cpu_times() - cpu_before_;
    health.cpu_user_s = static_cast<double>(cpu.user_ns) / 1e9;
    health.cpu_system_s = static_cast<double>(cpu.system_ns) / 1e9;
    return health;
}

void Observer::fill(stats::RunResult& result) const {
    result.generator = judge(result.totals, result.workload.loop);
    result.timeline = timeline_.rows();
    result.timeline_step_s = timeline_.steps_per_row();
}

}  // namespace wsblast::load
