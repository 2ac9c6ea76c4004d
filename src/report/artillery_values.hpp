// Metrics as Artillery shows them, in text and in JSON.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "stats/script_result.hpp"

namespace wsblast::report {

// To a tenth.
[[nodiscard]] inline double rounded(double value) {
    return std::round(value * 10) / 10;
}

// Unix time in ms; 0: nothing was measured.
[[nodiscard]] inline std::int64_t first_metric_ms(const stats::MetricWindow& window) {
    const std::int64_t counter_ms = window.first_counter_ms;
    const std::int64_t histogram_ms = window.first_histogram_ms;
    if (counter_ms == 0 || histogram_ms == 0) return std::max(counter_ms, histogram_ms);
    return std::min(counter_ms, histogram_ms);
}
[[nodiscard]] inline std::int64_t last_metric_ms(const stats::MetricWindow& window) {
    return std::max(window.last_counter_ms, window.last_histogram_ms);
}

}  // namespace wsblast::report
