// What a scenario file's run has come to, in Artillery's terms: counters, rates and summaries by name, for
// windows of ten seconds and for the whole.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stats/result.hpp"

namespace wsblast::stats {

// Of the values of one metric, in the unit of its name's own (times: milliseconds).
struct MetricSummary {
    std::uint64_t count = 0;
    double min = 0;
    double max = 0;
    double mean = 0;
    double p50 = 0;
    double p75 = 0;
    double p90 = 0;
    double p95 = 0;
    double p99 = 0;
    double p999 = 0;
};

struct MetricWindow {
    std::int64_t period_ms = 0;  // Unix time at which the window began; of the whole: of its last window
    std::map<std::string, std::uint64_t> counters;
    std::map<std::string, double> rates;  // per second
    std::map<std::string, MetricSummary> summaries;
    // Unix time in ms; 0: there was none.
    std::int64_t first_counter_ms = 0;
    std::int64_t last_counter_ms = 0;
    std::int64_t first_histogram_ms = 0;
    std::int64_t last_histogram_ms = 0;
};

// One number for each name that a check may use: counters, rates,
// "<summary>.<min|max|count|mean|p50|median| p75|p90|p95|p99|p999>".
[[nodiscard]] std::map<std::string, double> flat_metrics(const MetricWindow& window);

struct ScriptResult {
    RunResult run;  // connections, errors, health of the generator, messages that were awaited
    std::vector<MetricWindow> windows;
    MetricWindow total;
};

}  // namespace wsblast::stats
