#include "load/health.hpp"

#include <algorithm>
#include <utility>

#include "text/format.hpp"

namespace wsblast::load {

namespace {

using stats::GeneratorStatus;

double share(TimeNs part_ns, TimeNs whole_ns) {
    return whole_ns == 0 ? 0.0 : static_cast<double>(part_ns) / static_cast<double>(whole_ns);
}

double wait_share(const ThreadUse& from, const ThreadUse& to, TimeNs whole_ns) {
    return from.wait_ns && to.wait_ns ? share(*to.wait_ns - *from.wait_ns, whole_ns) : 0.0;
}

double ms_of(TimeNs time_ns) {
    return static_cast<double>(time_ns) / 1e6;
}

// The lag that is held against a bound. Of fewer than a hundred values the p99 is their maximum, and says
// no more than that something was touched for the first time: then the median counts.
struct Lag {
    const char* name = "p99";
    TimeNs value_ns = 0;
};
Lag lag_of(const std::optional<stats::Summary>& lags) {
    constexpr std::uint64_t kCountMin = 100;
    if (!lags) return {};
    return lags->count < kCountMin ? Lag{"p50", lags->p50} : Lag{"p99", lags->p99};
}

void blame(stats::GeneratorHealth& health, GeneratorStatus status, std::string reason) {
    health.status = std::max(health.status, status);
    health.reasons.push_back(std::move(reason));
}

}  // namespace

HealthMonitor::HealthMonitor(TimeNs now_ns, std::vector<ThreadUse> start, std::vector<TimeNs> steal_ns)
    : start_ns_(now_ns),
      window_ns_(now_ns),
      last_ns_(now_ns),
      start_(std::move(start)),
      window_(start_),
      last_(start_),
      starved_ns_(start_.size()),
      stolen_until_ns_(now_ns),
      steal_start_ns_(std::move(steal_ns)),
      steal_ns_(steal_start_ns_) {}

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
        const double waiting = wait_share(window_[i], last_[i], length_ns);
        starved_ns_[i] += waiting * static_cast<double>(length_ns);
        if (run_share + waiting > busiest_.share) busiest_ = {run_share + waiting, run_share, last_[i].cpu};
    }
    if (counted == Counted::yes) counted_ns_ += length_ns;
    window_ns_ = now_ns;
    window_ = last_;
}

void HealthMonitor::note_steal(TimeNs now_ns, std::vector<TimeNs> steal_ns) {
    if (steal_ns.size() != steal_start_ns_.size()) return;  // a CPU came or went
    stolen_until_ns_ = now_ns;
    steal_ns_ = std::move(steal_ns);
}

double HealthMonitor::steal_share(std::uint32_t cpu) const {
    if (cpu >= steal_ns_.size()) return 0;
    return share(steal_ns_[cpu] - steal_start_ns_[cpu], stolen_until_ns_ - start_ns_);
}

std::optional<double> HealthMonitor::mean_steal_share() const {
    if (steal_ns_.empty() || last_.empty() || stolen_until_ns_ == start_ns_) return std::nullopt;
    double sum = 0;
    for (const ThreadUse& thread : last_) sum += steal_share(thread.cpu);
    return sum / static_cast<double>(last_.size());
}

void HealthMonitor::judge_lateness(const HealthEvidence& evidence, stats::GeneratorHealth& health) const {
    const double median_ns = evidence.latency ? static_cast<double>(evidence.latency->p50) : 0.0;
    const TimeNs allowed_ns = std::max(kLagFloorNs, static_cast<TimeNs>(median_ns * kLagShareOfMedian));
    const Lag own_lag = lag_of(evidence.own_lag);
    const Lag loop_lag = lag_of(evidence.loop_lag);
    if (std::max(own_lag.value_ns, loop_lag.value_ns) <= allowed_ns) return;
    const bool sent_late = own_lag.value_ns > allowed_ns;
    const Lag& lag = sent_late ? own_lag : loop_lag;
    const std::string late =
        text::format("{} {} {:.2f} ms, allowed {:.2f} ms",
                     sent_late ? "messages left late: send lag" : "answers waited to be read: loop lag",
                     lag.name, ms_of(lag.value_ns), ms_of(allowed_ns));
    const double stolen = steal_share(busiest_.cpu);
    if (busiest_.share + stolen <= kBusyShareMax)
        return blame(health, GeneratorStatus::suspect, late + circumstance());
    const double others = std::min(busiest_.share, 1.0) - busiest_.run_share + stolen;
    blame(health, GeneratorStatus::saturated,
          text::format("{}, while CPU {} had no time left ({:.0f} % running wsblast, {:.0f} % given to "
                       "others): offer less, use more cores, or move the target to another machine",
                       late, busiest_.cpu, busiest_.run_share * 100, std::max(0.0, others) * 100));
}

HealthMonitor::Starved HealthMonitor::most_starved() const {
    if (counted_ns_ == 0 || starved_ns_.empty()) return {};
    const auto most = std::max_element(starved_ns_.begin(), starved_ns_.end());
    return {*most / static_cast<double>(counted_ns_),
            last_[static_cast<std::size_t>(most - starved_ns_.begin())].cpu};
}

// Of lateness that no full core explains.
std::string HealthMonitor::circumstance() const {
    const Starved starved = most_starved();
    if (starved.share <= kStarvedShareMax) return ", though no core was short of time";
    return text::format(", while others had CPU {} for {:.0f} % of the time", starved.cpu,
                        starved.share * 100);
}

void HealthMonitor::judge_starvation(stats::GeneratorHealth& health) const {
    const Starved starved = most_starved();
    if (busiest_.share <= kBusyShareMax || starved.share <= kStarvedShareMax) return;
    blame(
        health, GeneratorStatus::saturated,
        text::format("answers were read late: others had CPU {} for {:.0f} % of the time, and it had none "
                     "left: use other cores, or move the target to another machine",
                     starved.cpu, starved.share * 100));
}

stats::GeneratorHealth HealthMonitor::judge(const HealthEvidence& evidence) const {
    stats::GeneratorHealth health;
    const TimeNs length_ns = last_ns_ - start_ns_;
    for (std::size_t i = 0; i < last_.size(); ++i) {
        stats::CoreUse use{.cpu = last_[i].cpu,
                           .busy = share(last_[i].run_ns - start_[i].run_ns, length_ns),
                           .waiting = {}};
        if (start_[i].wait_ns && last_[i].wait_ns) use.waiting = wait_share(start_[i], last_[i], length_ns);
        health.cores.push_back(use);
        health.involuntary_switches += last_[i].involuntary_switches - start_[i].involuntary_switches;
    }
    health.own_lag = evidence.own_lag;
    health.loop_lag = evidence.loop_lag;
    health.cq_overflow = evidence.cq_overflows;
    health.buffers_exhausted = evidence.buffers_exhausted;
    health.steal = mean_steal_share();
    if (evidence.cq_overflows > 0) {
        blame(health, GeneratorStatus::saturated,
              text::format("a completion queue overflowed {} times", evidence.cq_overflows));
    }
    judge_lateness(evidence, health);
    if (evidence.loop == stats::Loop::closed && health.status != GeneratorStatus::saturated)
        judge_starvation(health);
    if (health.steal.value_or(0) > kStealShareMax) {
        blame(health, GeneratorStatus::suspect,
              text::format("the hypervisor took {:.0f} % of the CPUs' time", *health.steal * 100));
    }
    const double exhausted_max = kExhaustedShareMax * static_cast<double>(evidence.received);
    if (static_cast<double>(evidence.buffers_exhausted) > exhausted_max) {
        blame(health, GeneratorStatus::suspect,
              text::format("receives found no free buffer {} times, and answers waited for one",
                           evidence.buffers_exhausted));
    }
    return health;
}

}  // namespace wsblast::load
