// What a scenario file's run prints, in the form that people and scripts know from Artillery: a summary
// every ten seconds, one at the end, and what became of `ensure`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/text_sections.hpp"
#include "stats/ensure.hpp"
#include "stats/script_result.hpp"

namespace wsblast::report {

struct SummaryStyle {
    Colour colour = Colour::off;
    std::int32_t utc_offset_s = 0;  // of the local time zone: times of day are shown in it
};

// "Metrics for period to: 10:20:30(+0100) (width: 9.812s)" and the metrics, each on a line of its own, in
// the order of their names; two empty lines follow.
[[nodiscard]] std::string period_text(const stats::MetricWindow& window, const SummaryStyle& style);

enum class RunEnding : std::uint8_t { natural, interrupted };

struct RunEnd {
    double duration_s = 0;
    std::int64_t at_ms = 0;  // Unix time
    RunEnding ending = RunEnding::natural;
};

// "All VUs finished. Total time: ...", or how many had not when it was interrupted, and the "Summary report
// @ 10:20:30(+0100)" of the whole run.
[[nodiscard]] std::string summary_text(const stats::MetricWindow& total, const RunEnd& end,
                                       const SummaryStyle& style);

// "Checks:", then "ok: ..." and "fail: ..." with what was missing; nothing without checks. Those that hold
// come first.
[[nodiscard]] std::string checks_text(const std::vector<stats::EnsureCheck>& checks, Colour colour);

// "1 minute, 5 seconds".
[[nodiscard]] std::string long_duration(double seconds);

}  // namespace wsblast::report
