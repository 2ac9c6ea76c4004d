// What of the backend is watched beside the load, as the command line says it. Plain data.
//
// Which processes: those of `pid`, of `port` or of `cgroup`, at most one of the three; without any, whoever
// listens on this machine on a target's port. Children are watched with their parents.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace wsblast::plan {

struct WatchOptions {
    std::optional<pid_t> pid{};
    std::optional<std::uint16_t> port{};  // whoever listens on it here
    // A control group, v2 or v1: "system.slice/chat.service", or its folder below /sys/fs/cgroup.
    std::string cgroup{};
    // An http:// or https:// URL that answers in Prometheus's text format 0.0.4.
    std::string prometheus_url{};
    // NAME or NAME{label="value"} there; empty: kProcessMetrics, as far as it has them.
    std::vector<std::string> metrics{};

    [[nodiscard]] bool any() const {
        return pid || port || !cgroup.empty() || !prometheus_url.empty() || !metrics.empty();
    }
};

// What client libraries tell of their own process
// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
inline constexpr std::string_view kProcessMetrics[] = {"process_cpu_seconds_total",
                                                       "process_resident_memory_bytes", "process_open_fds"};

}  // namespace wsblast::plan
