#include "stats/verdict.hpp"

#include <algorithm>
#include <array>

#include "base/limits.hpp"
#include "stats/counters.hpp"
#include "text/format.hpp"

namespace wsblast::stats {

namespace {

// Healthy on one side of `healthy`, critical on the other side of `critical`, a warning on and between
// them.
struct Band {
    std::string_view metric;
    std::string_view label;
    std::string_view unit;
    std::string_view target;
    double healthy;
    double critical;
};

constexpr Band kSuccessRate{"connection_success_rate", "Connection success rate", "%", "> 99 %", 99, 95};
constexpr Band kThroughput{"message_throughput", "Message throughput", "/s", "> 1000/s", 1000, 500};
constexpr Band kP50{"p50_latency", "P50 latency", "ms", "< 20 ms", 20, 100};
constexpr Band kP95{"p95_latency", "P95 latency", "ms", "< 50 ms", 50, 200};
constexpr Band kP99{"p99_latency", "P99 latency", "ms", "< 100 ms", 100, 500};
constexpr Band kErrorRate{"error_rate", "Error rate", "%", "< 0.1 %", 0.1, 5};

VerdictStatus judge_value(const Band& band, double value) {
    const bool more_is_better = band.healthy > band.critical;
    if (more_is_better ? value > band.healthy : value < band.healthy) return VerdictStatus::healthy;
    if (more_is_better ? value < band.critical : value > band.critical) return VerdictStatus::critical;
    return VerdictStatus::warning;
}

Check check(const Band& band, std::optional<double> value) {
    Check row{band.metric, band.label, band.unit, band.target, value, std::nullopt, ""};
    if (value) {
        row.status = judge_value(band, *value);
    } else {
        row.why_not = "no samples";
    }
    return row;
}

// Throughput says something about the server only where enough was offered to it.
std::string why_throughput_does_not_count(const VerdictInput& input) {
    if (input.offered_per_s <= kThroughput.healthy) {
        return text::format("only {:.0f}/s were offered", input.offered_per_s);
    }
    if (input.loop == Loop::closed && input.due < limits::kClosedLoopMessagesMin) {
        return text::format("a closed loop of only {} messages", input.due);
    }
    return "";
}

Check check_throughput(const VerdictInput& input) {
    Check row = check(kThroughput, input.received_per_s);
    if (!row.status) return row;
    row.why_not = why_throughput_does_not_count(input);
    if (!row.why_not.empty()) row.status.reset();
    return row;
}

std::optional<double> latency_ms(const std::optional<Summary>& latency, TimeNs Summary::*percentile) {
    if (!latency) return std::nullopt;
    return static_cast<double>((*latency).*percentile) / static_cast<double>(kMillisecond);
}

}  // namespace

std::string_view to_text(VerdictStatus status) {
    switch (status) {
        case VerdictStatus::healthy: return "healthy";
        case VerdictStatus::warning: return "warning";
        case VerdictStatus::critical: return "critical";
    }
    return "";
}

std::string_view to_text(Loop loop) {
    switch (loop) {
        case Loop::closed: return "closed";
        case Loop::open: return "open";
    }
    return "";
}

Verdict judge(const VerdictInput& input) {
    if (input.successful == 0) return {};
    const std::uint64_t errors = input.failed + input.lost + input.protocol_errors;
    Verdict verdict;
    verdict.checks = {
        check(kSuccessRate, percent(input.successful, input.attempted)),
        check_throughput(input),
        check(kP50, latency_ms(input.latency, &Summary::p50)),
        check(kP95, latency_ms(input.latency, &Summary::p95)),
        check(kP99, latency_ms(input.latency, &Summary::p99)),
        check(kErrorRate, percent(errors, input.attempted + input.sent)),
    };
    // An empty status is below every other.
    for (const Check& row : verdict.checks) verdict.status = std::max(verdict.status, row.status);
    return verdict;
}

}  // namespace wsblast::stats
