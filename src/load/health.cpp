#include "load/health.hpp"

#include <algorithm>
#include <utility>

#include "text/format.hpp"

namespace wsblast::load {

namespace {

constexpr TimeNs kSendLagFloorNs = 1 * kMillisecond;
constexpr double kSendLagShareOfMedian = 0.1;

double share(TimeNs part_ns, TimeNs whole_ns) {
    return whole_ns == 0 ? 0.0 : static_cast<double>(part_ns) / static_cast<double>(whole_ns);
}

double wait_share(const ThreadUse& from, const ThreadUse& to, TimeNs whole_ns) {
    return from.wait_ns && to.wait_ns ? share(*to.wait_ns - *from.wait_ns, whole_ns) : 0.0;
}

}  // namespace

HealthMonitor::HealthMonitor(TimeNs now_ns, std::vector<ThreadUse> start)
    : start_ns_(now_ns),
      window_ns_(now_ns),
      last_ns_(now_ns),
      start_(std::move(start)),
      window_(start_),
      last_(start_) {}

void HealthMonitor::sample(TimeNs now_ns, std::vector<ThreadUse> now, Counted counted) {
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (!now[i].wait_ns) now[i].wait_ns = last_[i].wait_ns;  // a thread that has ended waits no more
    }
    last_ns_ = now_ns;
    last_ = std::move(now);
    const TimeNs length_ns = now_ns - window_ns_;
    if (length_ns < kWindowNs) return;
    for (std::size_t i = 0; i < last_.size() && counted == Counted::yes; ++i) {
        const double run_share = share(last_[i].run_ns - window_[i].run_ns, length_ns);
        const double total = run_share + wait_share(window_[i], last_[i], length_ns);
        if (total > busiest_.share) busiest_ = {total, run_share, last_[i].cpu};
    }
    window_ns_ = now_ns;
    window_ = last_;
}

stats::GeneratorHealth HealthMonitor::judge(const Lateness& lateness) const {
    stats::GeneratorHealth health;
    const TimeNs length_ns = last_ns_ - start_ns_;
    for (std::size_t i = 0; i < last_.size(); ++i) {
        stats::CoreUse use{.cpu = last_[i].cpu,
                           .busy = share(last_[i].run_ns - start_[i].run_ns, length_ns),
                           .waiting = {}};
        if (start_[i].wait_ns && last_[i].wait_ns) use.waiting = wait_share(start_[i], last_[i], length_ns);
        health.cores.push_back(use);
    }
    health.send_lag = lateness.send_lag;
    health.cq_overflow = lateness.cq_overflows;
    if (lateness.cq_overflows > 0) {
        health.status = stats::GeneratorStatus::saturated;
        health.reasons.push_back(
            text::format("a completion queue overflowed {} times", lateness.cq_overflows));
    }
    if (!lateness.send_lag) return health;
    const double median_ns = lateness.latency ? static_cast<double>(lateness.latency->p50) : 0.0;
    const TimeNs allowed_ns =
        std::max(kSendLagFloorNs, static_cast<TimeNs>(median_ns * kSendLagShareOfMedian));
    if (lateness.send_lag->p99 <= allowed_ns) return health;
    const std::string late = text::format("messages left late: send lag p99 {:.2f} ms, allowed {:.2f} ms",
                                          static_cast<double>(lateness.send_lag->p99) / 1e6,
                                          static_cast<double>(allowed_ns) / 1e6);
    if (busiest_.share <= kBusyShareMax) {
        health.status = std::max(health.status, stats::GeneratorStatus::suspect);
        health.reasons.push_back(late + ", though no core was short of time");
        return health;
    }
    health.status = stats::GeneratorStatus::saturated;
    const double others_share = std::min(busiest_.share, 1.0) - busiest_.run_share;
    health.reasons.push_back(text::format(
        "{}, while CPU {} had no time left ({:.0f} % running wsblast, {:.0f} % given to others): offer "
        "less, use more cores, or move the target to another machine",
        late, busiest_.cpu, busiest_.run_share * 100, std::max(0.0, others_share) * 100));
    return health;
}

}  // namespace wsblast::load
