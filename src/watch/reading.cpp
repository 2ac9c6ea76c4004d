#include "watch/reading.hpp"

#include <algorithm>
#include <utility>

#include <unistd.h>

#include "base/limits.hpp"

namespace wsblast::watch {

namespace {

using stats::BackendUse;

double growth(std::uint64_t before, std::uint64_t after) {
    return after > before ? static_cast<double>(after - before) : 0;
}

template <class Value>
void add(std::optional<Value>& sum, const std::optional<Value>& value) {
    if (value) sum = sum.value_or(0) + *value;
}

// The same process, or thread, in the other reading.
template <class Use, class Id>
const Use* find_same(const std::vector<Use>& uses, const Use& use, Id Use::*id) {
    const auto found = std::find_if(uses.begin(), uses.end(), [&](const Use& other) {
        return other.*id == use.*id && other.start_ticks == use.start_ticks;
    });
    return found == uses.end() ? nullptr : &*found;
}

// What of the interval is added up over processes and threads.
struct Sums {
    double user_ns = 0;
    double system_ns = 0;
    double voluntary = 0;
    double involuntary = 0;
};

void add_thread(const host::ThreadUse& before, const host::ThreadUse& after, Sums& sums) {
    sums.user_ns += growth(before.user_ns, after.user_ns);
    sums.system_ns += growth(before.system_ns, after.system_ns);
    sums.voluntary += growth(before.voluntary_switches, after.voluntary_switches);
    sums.involuntary += growth(before.involuntary_switches, after.involuntary_switches);
}

// Of a process's threads, which live at the later reading.
void add_threads(const host::ProcessUse& before, const host::ProcessUse& after, BackendUse& use,
                 Sums& sums) {
    const double interval_ns = use.seconds * static_cast<double>(kSecond);
    for (const host::ThreadUse& thread : after.threads) {
        const host::ThreadUse* same = find_same(before.threads, thread, &host::ThreadUse::tid);
        Sums own;
        add_thread(same != nullptr ? *same : host::ThreadUse{}, thread, own);
        sums.voluntary += own.voluntary;
        sums.involuntary += own.involuntary;
        if (own.user_ns + own.system_ns == 0) continue;
        use.by_thread.push_back({.pid = after.pid,
                                 .tid = thread.tid,
                                 .name = thread.name,
                                 .user = own.user_ns / interval_ns,
                                 .system = own.system_ns / interval_ns});
    }
}

void keep_busiest(std::vector<stats::BackendThread>& threads) {
    const auto busier = [](const stats::BackendThread& a, const stats::BackendThread& b) {
        return a.user + a.system > b.user + b.system;
    };
    std::stable_sort(threads.begin(), threads.end(), busier);
    if (threads.size() > limits::kBackendThreadsMax) threads.resize(limits::kBackendThreadsMax);
}

// Where it stood at the earlier reading: at nothing, if it has been started since.
const host::ProcessUse& start_of(const BackendReading& earlier, const host::ProcessUse& process) {
    static const host::ProcessUse nothing;
    static const TimeNs tick_ns = kSecond / static_cast<TimeNs>(sysconf(_SC_CLK_TCK));
    const host::ProcessUse* same = find_same(earlier.processes, process, &host::ProcessUse::pid);
    if (same != nullptr) return *same;
    const TimeNs found_by_ns = process.start_ticks * tick_ns + limits::kBackendSearchNs + tick_ns;
    return found_by_ns >= earlier.since_boot_ns ? nothing : process;
}

void add_files(const host::ProcessUse& process, std::optional<stats::BackendFiles>& files) {
    if (!process.files) return;
    if (!files) files.emplace();
    files->open += *process.files;
    const std::uint64_t limit = process.files_max.value_or(0);
    if (limit == 0) return;  // unlimited
    const double fullness = static_cast<double>(*process.files) / static_cast<double>(limit);
    const bool is_first = files->fullest_limit == 0;
    if (!is_first &&
        fullness <= static_cast<double>(files->fullest_open) / static_cast<double>(files->fullest_limit)) {
        return;
    }
    files->fullest_open = *process.files;
    files->fullest_limit = limit;
}

void add_processes(const BackendReading& earlier, const BackendReading& later, BackendUse& use) {
    Sums sums;
    for (const host::ProcessUse& process : later.processes) {
        const host::ProcessUse& before = start_of(earlier, process);
        sums.user_ns += growth(before.user_ns, process.user_ns);
        sums.system_ns += growth(before.system_ns, process.system_ns);
        add_threads(before, process, use, sums);
        add(use.rss_bytes, process.rss_bytes);
        add(use.anonymous_bytes, process.anonymous_bytes);
        add_files(process, use.files);
        use.threads = use.threads.value_or(0) + process.threads.size();
    }
    keep_busiest(use.by_thread);
    if (later.processes.empty()) return;
    const double interval_ns = use.seconds * static_cast<double>(kSecond);
    use.cpu_user = sums.user_ns / interval_ns;
    use.cpu_system = sums.system_ns / interval_ns;
    use.voluntary_switches_per_s = sums.voluntary / use.seconds;
    use.involuntary_switches_per_s = sums.involuntary / use.seconds;
}

stats::BackendCgroup cgroup_between(const host::CgroupUse& before, const host::CgroupUse& after,
                                    double seconds) {
    stats::BackendCgroup use{.cpu = {},
                             .throttled = {},
                             .memory_bytes = after.memory_bytes,
                             .memory_max_bytes = after.memory_max_bytes};
    if (before.cpu_ns && after.cpu_ns)
        use.cpu = growth(*before.cpu_ns, *after.cpu_ns) / (seconds * static_cast<double>(kSecond));
    if (!before.periods || !after.periods || !before.periods_throttled || !after.periods_throttled)
        return use;
    const double periods = growth(*before.periods, *after.periods);
    const double throttled = growth(*before.periods_throttled, *after.periods_throttled);
    if (*after.periods > 0) use.throttled = periods > 0 ? std::min(throttled / periods, 1.0) : 0;
    return use;
}

// A rate needs two answers of the endpoint, which have times of their own.
stats::BackendMetric metric_between(const std::optional<Scrape>& before, const Scrape& after,
                                    std::size_t index) {
    const MetricValue& value = after.values[index];
    stats::BackendMetric metric{.name = value.name, .value = value.value, .rate_per_s = {}, .gap = {}};
    if (!value.value) {
        metric.gap = "the endpoint has no such metric";
        return metric;
    }
    if (value.kind != MetricKind::counter) return metric;
    const bool has_earlier = before && index < before->values.size() && before->values[index].value &&
                             before->at_ns < after.at_ns;
    if (!has_earlier) {
        metric.gap = "no rate: only one answer of the endpoint in the interval";
        return metric;
    }
    const double increase = *value.value - *before->values[index].value;
    if (increase < 0) {
        metric.gap = "no rate: the counter began anew in the interval";
        return metric;
    }
    metric.rate_per_s = increase / (static_cast<double>(after.at_ns - before->at_ns) / kSecond);
    return metric;
}

void add_metrics(const std::optional<Scrape>& before, const Scrape& after, BackendUse& use) {
    if (!after.gap.empty()) {
        use.metrics.push_back({.name = "", .value = {}, .rate_per_s = {}, .gap = after.gap});
        return;
    }
    for (std::size_t index = 0; index < after.values.size(); ++index)
        use.metrics.push_back(metric_between(before, after, index));
}

}  // namespace

BackendUse use_between(const BackendReading& earlier, const BackendReading& later) {
    BackendUse use;
    use.presence = later.presence;
    use.why = later.why;
    use.seconds = growth(earlier.at_ns, later.at_ns) / static_cast<double>(kSecond);
    use.processes = static_cast<std::uint32_t>(later.processes.size());
    if (use.seconds <= 0) return use;
    const auto has_ended = [&](const host::ProcessUse& process) {
        return find_same(later.processes, process, &host::ProcessUse::pid) == nullptr;
    };
    if (later.presence == stats::BackendPresence::alive &&
        std::any_of(earlier.processes.begin(), earlier.processes.end(), has_ended)) {
        use.presence = stats::BackendPresence::partly_gone;
    }
    add_processes(earlier, later, use);
    if (earlier.cgroup && later.cgroup)
        use.cgroup = cgroup_between(*earlier.cgroup, *later.cgroup, use.seconds);
    if (later.scrape) add_metrics(earlier.scrape, *later.scrape, use);
    return use;
}

}  // namespace wsblast::watch
