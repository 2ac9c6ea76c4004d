// Checks that a run has to pass: "p99<50ms", "error_rate<0.1%", "throughput>5k/s", and "p99@10s<100ms" for
// each window of ten seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "stats/counters.hpp"
#include "stats/histogram.hpp"
#include "stats/timeline.hpp"

namespace wsblast::stats {

enum class SloMetric : std::uint8_t {
    latency,  // a percentile, the mean, the least or the largest: of due -> answer
    service_time,
    error_rate,
    success_rate,
    throughput,
    lost,
    late,
    duplicates,
    out_of_order,
    blocked,
};

enum class SloOperator : std::uint8_t { below, at_most, above, at_least };

// Which figure of a distribution.
enum class SloFigure : std::uint8_t { percentile, mean, min, max };

struct SloRule {
    std::string text;  // as it was written, without blanks
    SloMetric metric = SloMetric::latency;
    SloFigure figure = SloFigure::percentile;
    double percentile = 0;  // 0 .. 1
    SloOperator comparison = SloOperator::below;
    double limit = 0;            // in `unit`
    std::string_view unit;       // "ms", "%", "/s" or ""
    std::uint32_t window_s = 0;  // 0: the whole run
};

// Usage error: says which part is wrong, and what is allowed.
[[nodiscard]] Result<SloRule> parse_slo(std::string_view text);

// Whether a value keeps a rule.
[[nodiscard]] bool holds(const SloRule& rule, double value);

// Whether the rule is an upper bound: p99<50ms is, throughput>5k/s is not.
[[nodiscard]] bool wants_less(const SloRule& rule);

// A figure of a distribution in the rule's unit; none without a value.
[[nodiscard]] std::optional<double> figure_of(const SloRule& rule, const HistogramSnapshot& values);

// "12.5 ms", "0.25%", "5120/s", "3".
[[nodiscard]] std::string value_text(const SloRule& rule, double value);

enum class SloStatus : std::uint8_t { ok, fail };
[[nodiscard]] std::string_view to_text(SloStatus status);

struct SloResult {
    SloRule rule;
    SloStatus status = SloStatus::fail;
    std::optional<double> value{};       // of the run, or of the worst window; none without samples: fail
    std::optional<double> worst_at_s{};  // with a window: when the worst one ended
};

// Watches the rules while the run goes on. One thread.
class SloMonitor {
  public:
    explicit SloMonitor(std::vector<SloRule> rules);

    // What is known of the run when a second has passed.
    struct SoFar {
        const CounterValues& counters;
        std::optional<double> first_due_s{};  // of all messages: throughput is measured from then on
    };
    // The next second: windows are judged as they become complete.
    void add(const Interval& interval, const SoFar& so_far);
    // What is left of the run after the last second.
    void add_rest(const Interval& interval, const SoFar& so_far);

    // A rule that has failed for good: a window that did, or a rule of the whole run that does not hold
    // after so many messages that it is no accident. None: not yet.
    [[nodiscard]] std::optional<std::string> failed() const { return failed_; }

    // At the end. `total` has all messages, `duration_s` is what throughput is measured over. A last window
    // that is at least half full counts, but for throughput, which ends within it.
    struct Totals {
        const CounterValues& counters;
        const HistogramSnapshot& latency;
        const HistogramSnapshot& service_time;
        double duration_s = 0;
    };
    [[nodiscard]] std::vector<SloResult> results(const Totals& totals);

  private:
    // What of a stretch of time a rule may look at.
    struct Stretch {
        CounterValues counters{};
        HistogramSnapshot latency{};
        HistogramSnapshot service_time{};
        double duration_s = 0;
    };
    struct Watch {
        SloRule rule;
        Stretch window{};          // since the last one was complete
        CounterValues at_start{};  // of the window
        std::optional<double> worst{};
        std::optional<double> worst_at_s{};
    };
    [[nodiscard]] static std::optional<double> value_of(const SloRule& rule, const Stretch& stretch);
    [[nodiscard]] static bool is_settled(const SloRule& rule, const Stretch& so_far);
    void extend(const Interval& interval, const SoFar& so_far);
    void judge_so_far(const SloRule& rule);
    void judge_window(Watch& watch);
    void note_failure(const SloRule& rule, double value);

    std::vector<Watch> watches_;
    Stretch so_far_;
    double end_s_ = 0;
    std::optional<std::string> failed_;
};

}  // namespace wsblast::stats
