// Values as the JSON reports show them: times in microseconds, what is unknown as null.
#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/units.hpp"
#include "stats/histogram.hpp"

namespace wsblast::report {

using Json = nlohmann::ordered_json;

template <class Value>
[[nodiscard]] Json or_null(const std::optional<Value>& value) {
    return value ? Json(*value) : Json(nullptr);
}

[[nodiscard]] inline Json text_or_null(std::string_view text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

[[nodiscard]] inline double to_us(double time_ns) {
    return time_ns / static_cast<double>(kMicrosecond);
}
[[nodiscard]] inline double to_us(TimeNs time_ns) {
    return to_us(static_cast<double>(time_ns));
}

[[nodiscard]] inline Json summary_us(const std::optional<stats::Summary>& summary) {
    if (!summary) return nullptr;
    return {{"count", summary->count},          {"min", to_us(summary->min)},
            {"mean", to_us(summary->mean)},     {"stddev", to_us(summary->stddev)},
            {"p50", to_us(summary->p50)},       {"p75", to_us(summary->p75)},
            {"p90", to_us(summary->p90)},       {"p95", to_us(summary->p95)},
            {"p99", to_us(summary->p99)},       {"p99_9", to_us(summary->p99_9)},
            {"p99_99", to_us(summary->p99_99)}, {"max", to_us(summary->max)}};
}

}  // namespace wsblast::report
