// The performance targets: what a run's numbers are worth. Six metrics, each healthy, a warning or
// critical; a run is as good as its worst metric that counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stats/histogram.hpp"

namespace wsblast::stats {

// The mildest first.
enum class VerdictStatus : std::uint8_t { healthy, warning, critical };
[[nodiscard]] std::string_view to_text(VerdictStatus status);

// Whether a connection waits for its answers before it sends more.
enum class Loop : std::uint8_t { closed, open };
[[nodiscard]] std::string_view to_text(Loop loop);

struct VerdictInput {
    std::uint64_t attempted = 0;
    std::uint64_t successful = 0;
    std::uint64_t failed = 0;
    std::uint64_t due = 0;
    std::uint64_t sent = 0;
    std::uint64_t lost = 0;
    std::uint64_t protocol_errors = 0;
    Loop loop = Loop::open;
    double offered_per_s = 0;                // due / max(1 s, last due - first due)
    std::optional<double> received_per_s{};  // none when nothing was awaited
    std::optional<Summary> latency{};
};

// One row of the table.
struct Check {
    std::string_view metric;  // "p99_latency": the JSON name
    std::string_view label;   // "P99 latency"
    std::string_view unit;    // "%", "/s", "ms"
    std::string_view target;  // "< 100 ms": when it is healthy
    std::optional<double> value{};
    std::optional<VerdictStatus> status{};  // none when the row takes no part
    std::string why_not{};                  // then the reason
};

struct Verdict {
    std::optional<VerdictStatus> status{};  // none when no connection succeeded
    std::vector<Check> checks{};            // all six, in the table's order; empty when there is no status
};

[[nodiscard]] Verdict judge(const VerdictInput& input);

}  // namespace wsblast::stats
