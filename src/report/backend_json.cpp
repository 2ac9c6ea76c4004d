#include "report/backend_json.hpp"

#include <cmath>
#include <optional>

#include "report/json_values.hpp"

namespace wsblast::report {

namespace {

// JSON has no NaN and no infinity, Prometheus has.
Json finite_or_null(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

Json threads(const std::vector<stats::BackendThread>& threads) {
    Json list = Json::array();
    for (const stats::BackendThread& thread : threads) {
        list.push_back({{"pid", thread.pid},
                        {"tid", thread.tid},
                        {"name", thread.name},
                        {"cpu_user", thread.user},
                        {"cpu_system", thread.system}});
    }
    return list;
}

Json files(const std::optional<stats::BackendFiles>& files) {
    if (!files) return nullptr;
    const bool limited = files->fullest_limit > 0;
    return {{"open", files->open},
            {"fullest_open", limited ? Json(files->fullest_open) : Json(nullptr)},
            {"fullest_limit", limited ? Json(files->fullest_limit) : Json(nullptr)}};
}

Json cgroup(const std::optional<stats::BackendCgroup>& cgroup) {
    if (!cgroup) return nullptr;
    return {{"cpu", or_null(cgroup->cpu)},
            {"throttled_share", or_null(cgroup->throttled)},
            {"memory_bytes", or_null(cgroup->memory_bytes)},
            {"memory_max_bytes", or_null(cgroup->memory_max_bytes)}};
}

Json metrics(const std::vector<stats::BackendMetric>& metrics) {
    Json list = Json::array();
    for (const stats::BackendMetric& metric : metrics) {
        list.push_back({{"name", text_or_null(metric.name)},
                        {"value", finite_or_null(metric.value)},
                        {"rate_per_s", finite_or_null(metric.rate_per_s)},
                        {"gap", text_or_null(metric.gap)}});
    }
    return list;
}

}  // namespace

Json backend_json(const stats::BackendUse& use) {
    return {{"presence", stats::to_text(use.presence)},
            {"why", text_or_null(use.why)},
            {"seconds", use.seconds},
            {"processes", use.processes},
            {"cpu_user", or_null(use.cpu_user)},
            {"cpu_system", or_null(use.cpu_system)},
            {"by_thread", threads(use.by_thread)},
            {"threads", or_null(use.threads)},
            {"rss_bytes", or_null(use.rss_bytes)},
            {"anonymous_bytes", or_null(use.anonymous_bytes)},
            {"files", files(use.files)},
            {"voluntary_switches_per_s", or_null(use.voluntary_switches_per_s)},
            {"involuntary_switches_per_s", or_null(use.involuntary_switches_per_s)},
            {"cgroup", cgroup(use.cgroup)},
            {"metrics", metrics(use.metrics)}};
}

}  // namespace wsblast::report
