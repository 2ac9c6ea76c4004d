#include "stats/script_result.hpp"

namespace wsblast::stats {

std::map<std::string, double> flat_metrics(const MetricWindow& window) {
    std::map<std::string, double> flat;
    for (const auto& [name, count] : window.counters) flat[name] = static_cast<double>(count);
    for (const auto& [name, rate] : window.rates) flat[name] = rate;
    for (const auto& [name, summary] : window.summaries) {
        flat[name + ".count"] = static_cast<double>(summary.count);
        flat[name + ".min"] = summary.min;
        flat[name + ".max"] = summary.max;
        flat[name + ".mean"] = summary.mean;
        flat[name + ".p50"] = summary.p50;
        flat[name + ".median"] = summary.p50;
        flat[name + ".p75"] = summary.p75;
        flat[name + ".p90"] = summary.p90;
        flat[name + ".p95"] = summary.p95;
        flat[name + ".p99"] = summary.p99;
        flat[name + ".p999"] = summary.p999;
    }
    return flat;
}

}  // namespace wsblast::stats
