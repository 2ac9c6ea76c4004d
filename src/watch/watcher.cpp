#include "watch/watcher.hpp"

#include <algorithm>
#include <utility>

#include <unistd.h>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "host/listeners.hpp"
#include "text/format.hpp"

namespace wsblast::watch {

namespace {

constexpr pid_t kInit = 1;

// Who listens there; why nobody is known, when nobody is.
struct Found {
    std::vector<pid_t> pids;
    std::string why_not;
};

// With a supervisor's socket handed down (sd_listen_fds(3)) init holds it too, and everything is its child.
Found find_holders(const std::vector<host::ListeningSocket>& sockets, std::uint16_t port) {
    if (sockets.empty()) return {{}, text::format("nobody listens on port {} of this machine", port)};
    Found found{host::holders_of(sockets), {}};
    if (found.pids.size() > 1) std::erase(found.pids, kInit);
    if (found.pids.empty()) {
        found.why_not = text::format(
            "whoever listens on port {} belongs to user {}, and only that user or root may look; run "
            "wsblast "
            "as one of them",
            port, sockets.front().uid);
    } else if (std::erase(found.pids, getpid()) > 0 && found.pids.empty()) {
        found.why_not = text::format("port {} is listened on by this process itself", port);
    }
    return found;
}

Found find_on_targets(std::span<const Endpoint> targets) {
    Found all{{}, "the target is not on this machine"};
    for (const Endpoint& target : targets) {
        if (!host::is_local(target)) continue;
        std::vector<host::ListeningSocket> sockets = host::sockets_listening_on(target.port());
        std::erase_if(sockets, [&](const host::ListeningSocket& socket) {
            return !socket.address.is_any() && !(socket.address == target);
        });
        Found found = find_holders(sockets, target.port());
        all.pids.insert(all.pids.end(), found.pids.begin(), found.pids.end());
        all.why_not = std::move(found.why_not);
    }
    if (!all.pids.empty()) all.why_not.clear();
    return all;
}

Result<std::vector<MetricQuery>> parse_queries(const plan::WatchOptions& options) {
    std::vector<MetricQuery> queries;
    for (const std::string& metric : options.metrics) {
        auto query = parse_metric_query(metric);
        if (!query) return usage_error("--watch-metric: " + query.error().what);
        queries.push_back(std::move(*query));
    }
    if (!queries.empty()) return queries;
    for (const std::string_view name : plan::kProcessMetrics)
        queries.push_back({.text = std::string(name), .name = std::string(name), .labels = {}});
    return queries;
}

Result<void> check_combination(const plan::WatchOptions& options) {
    const int selected =
        int{options.pid.has_value()} + int{options.port.has_value()} + int{!options.cgroup.empty()};
    if (selected > 1) {
        return usage_error(
            "--watch-pid, --watch-port and --watch-cgroup each say which processes are the backend; "
            "give one of them");
    }
    if (!options.metrics.empty() && options.prometheus_url.empty())
        return usage_error("--watch-metric names a metric of --watch-prometheus URL, which is not given");
    return {};
}

}  // namespace

// The processes that the options name, before their children are looked for.
Result<void> Watcher::select(const plan::WatchOptions& options, std::span<const Endpoint> targets) {
    if (options.pid) {
        if (!host::read_process(*options.pid)) {
            return usage_error(text::format(
                "--watch-pid {}: there is no such process; `pgrep -af NAME` finds one", *options.pid));
        }
        add(*options.pid);
    } else if (options.port) {
        const Found found = find_holders(host::sockets_listening_on(*options.port), *options.port);
        if (found.pids.empty())
            return usage_error(text::format("--watch-port {}: {}", *options.port, found.why_not));
        for (const pid_t pid : found.pids) add(pid);
    } else if (!options.cgroup.empty()) {
        auto group = host::Cgroup::find(options.cgroup);
        if (!group) return usage_error("--watch-cgroup: " + group.error().what);
        cgroup_ = std::move(*group);
        why_not_ = text::format("control group {} has no process", cgroup_->name());
    } else {
        Found found = find_on_targets(targets);
        for (const pid_t pid : found.pids) add(pid);
        why_not_ = std::move(found.why_not);
    }
    look_for_processes(monotonic_now());
    return {};
}

Result<Watcher> Watcher::open(const plan::WatchOptions& options, std::span<const Endpoint> targets) {
    if (const auto checked = check_combination(options); !checked) return checked.error();
    auto queries = parse_queries(options);
    if (!queries) return queries.error();
    Watcher watcher;
    if (const auto selected = watcher.select(options, targets); !selected) return selected.error();
    for (const Watched& watched : watcher.watched_) {
        const auto use = host::read_process(watched.pid);
        if (!use || use->files) continue;
        watcher.warnings_.push_back(
            text::format("the files of process {} ({}) are not counted: only its user or root may look",
                         watched.pid, watched.name));
        break;
    }
    if (options.prometheus_url.empty()) return watcher;
    auto scraper = Scraper::start(options.prometheus_url, std::move(*queries));
    if (!scraper) return scraper.error();
    watcher.scraper_ = std::move(*scraper);
    if (!options.metrics.empty()) {
        const std::vector<std::string>& missing = watcher.scraper_->warnings();
        watcher.warnings_.insert(watcher.warnings_.end(), missing.begin(), missing.end());
    }
    return watcher;
}

Watcher Watcher::find_local(std::span<const Endpoint> targets) {
    Watcher watcher;
    (void)watcher.select({}, targets);  // which fails for what options name only
    return watcher;
}

void Watcher::add(pid_t pid) {
    const auto is_it = [&](const Watched& watched) { return watched.pid == pid; };
    if (pid == getpid() || watched_.size() >= limits::kBackendProcessesMax ||
        std::any_of(watched_.begin(), watched_.end(), is_it)) {
        return;
    }
    if (const auto use = host::read_process(pid)) watched_.push_back({pid, use->start_ticks, use->name});
}

void Watcher::look_for_processes(TimeNs now) {
    looked_at_ns_ = now;
    if (cgroup_) {
        for (const pid_t pid : cgroup_->processes()) add(pid);
    } else {
        const std::vector<Watched> parents = watched_;
        for (const Watched& parent : parents) {
            for (const pid_t child : host::descendants(parent.pid, getpid())) add(child);
        }
    }
    found_any_ = found_any_ || !watched_.empty();
}

BackendReading Watcher::read() {
    BackendReading reading{.at_ns = monotonic_now(), .since_boot_ns = read_clock(CLOCK_BOOTTIME)};
    if (reading.at_ns - looked_at_ns_ >= limits::kBackendSearchNs) look_for_processes(reading.at_ns);
    const auto has_ended = [&](const Watched& watched) {
        auto use = host::read_process(watched.pid);
        if (!use || use->start_ticks != watched.start_ticks) return true;
        reading.processes.push_back(std::move(*use));
        return false;
    };
    std::erase_if(watched_, has_ended);
    if (!watched_.empty()) {
        reading.presence = stats::BackendPresence::alive;
    } else if (found_any_) {
        reading.presence = stats::BackendPresence::gone;
    } else {
        reading.why = why_not_;
    }
    if (cgroup_) reading.cgroup = cgroup_->read();
    if (scraper_) reading.scrape = scraper_->last();
    return reading;
}

std::vector<pid_t> Watcher::pids() const {
    std::vector<pid_t> pids;
    for (const Watched& watched : watched_) pids.push_back(watched.pid);
    return pids;
}

std::string Watcher::what() const {
    if (watched_.empty()) return found_any_ ? "the backend's processes have ended" : why_not_;
    const Watched& first = watched_.front();
    std::string text = text::format("{} (pid {})", first.name, first.pid);
    if (watched_.size() == 2) text += " and 1 other";
    if (watched_.size() > 2) text += text::format(" and {} others", watched_.size() - 1);
    return text;
}

stats::BackendUse Watcher::between(const BackendReading& earlier, const BackendReading& later) {
    return use_between(earlier, later);
}

}  // namespace wsblast::watch
