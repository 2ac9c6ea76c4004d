#include "stats/slo.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/units.hpp"
#include "text/format.hpp"

namespace wsblast::stats {

namespace {

constexpr std::string_view kAllowed =
    "; a check is METRIC[@WINDOW] OPERATOR VALUE, as in 'p99<50ms', 'p99@10s<100ms', 'error_rate<0.1%' or "
    "'throughput>5k/s'. Metrics: p50 to p99.999, mean, min, max (and the same with service_ before them), "
    "error_rate, success_rate, throughput, lost, late, duplicates, out_of_order, blocked. "
    "Operators: < <= > >=. Windows are whole seconds";

struct MetricName {
    std::string_view name;
    SloMetric metric;
    std::string_view unit;
};
constexpr std::array<MetricName, 8> kMetricNames{{{"error_rate", SloMetric::error_rate, "%"},
                                                  {"success_rate", SloMetric::success_rate, "%"},
                                                  {"throughput", SloMetric::throughput, "/s"},
                                                  {"lost", SloMetric::lost, ""},
                                                  {"late", SloMetric::late, ""},
                                                  {"duplicates", SloMetric::duplicates, ""},
                                                  {"out_of_order", SloMetric::out_of_order, ""},
                                                  {"blocked", SloMetric::blocked, ""}}};

Error refuse(std::string_view text, std::string_view why) {
    return usage_error(text::format("'{}': {}{}", text, why, kAllowed));
}

bool is_time(SloMetric metric) {
    return metric == SloMetric::latency || metric == SloMetric::service_time;
}

// "p99.9", "mean", "service_max", "lost".
bool read_metric(std::string_view name, SloRule& rule) {
    constexpr std::string_view kService = "service_";
    for (const MetricName& known : kMetricNames) {
        if (known.name != name) continue;
        rule.metric = known.metric;
        rule.unit = known.unit;
        return true;
    }
    rule.unit = "ms";
    if (name.starts_with(kService)) {
        rule.metric = SloMetric::service_time;
        name.remove_prefix(kService.size());
    }
    constexpr std::array<std::pair<std::string_view, SloFigure>, 3> kFigures{
        {{"mean", SloFigure::mean}, {"min", SloFigure::min}, {"max", SloFigure::max}}};
    for (const auto& [figure_name, figure] : kFigures) {
        if (figure_name != name) continue;
        rule.figure = figure;
        return true;
    }
    if (!name.starts_with('p')) return false;
    const auto percent = parse_rate(name.substr(1));
    if (!percent || *percent >= 100) return false;
    rule.percentile = *percent / 100;
    return true;
}

// "50ms", "0.1%", "5k/s", "10", by the metric's unit.
std::optional<double> read_limit(std::string_view text, const SloRule& rule) {
    if (is_time(rule.metric)) {
        const auto limit_ns = parse_duration(text);
        if (!limit_ns) return std::nullopt;
        return static_cast<double>(*limit_ns) / static_cast<double>(kMillisecond);
    }
    if (!rule.unit.empty()) {
        if (text.ends_with(rule.unit)) {
            text.remove_suffix(rule.unit.size());
        } else if (rule.unit == "%") {
            return std::nullopt;
        }
    }
    if (text == "0") return 0.0;
    const auto limit = parse_rate(text);
    return limit ? std::optional(*limit) : std::nullopt;
}

}  // namespace

std::string_view to_text(SloStatus status) {
    switch (status) {
        case SloStatus::ok: return "ok";
        case SloStatus::fail: return "fail";
    }
    return "";
}

Result<SloRule> parse_slo(std::string_view written) {
    SloRule rule;
    for (const char letter : written) {
        if (letter != ' ' && letter != '\t') rule.text += letter;
    }
    const std::string_view text = rule.text;
    const std::size_t at = text.find_first_of("<>");
    if (at == std::string_view::npos) return refuse(written, "it has no operator");
    const bool equal = at + 1 < text.size() && text[at + 1] == '=';
    if (text[at] == '<') rule.comparison = equal ? SloOperator::at_most : SloOperator::below;
    if (text[at] == '>') rule.comparison = equal ? SloOperator::at_least : SloOperator::above;
    std::string_view metric = text.substr(0, at);
    if (const std::size_t window = metric.find('@'); window != std::string_view::npos) {
        const auto window_ns = parse_duration(metric.substr(window + 1));
        if (!window_ns || *window_ns == 0 || *window_ns % kSecond != 0 || *window_ns > kHour)
            return refuse(written, "its window is no number of whole seconds up to an hour");
        rule.window_s = static_cast<std::uint32_t>(*window_ns / kSecond);
        metric = metric.substr(0, window);
    }
    if (!read_metric(metric, rule)) return refuse(written, text::format("'{}' is no metric", metric));
    const std::string_view value = text.substr(at + (equal ? 2 : 1));
    const auto limit = read_limit(value, rule);
    if (!limit) {
        const std::string_view unit = is_time(rule.metric) ? "a duration" : rule.unit;
        return refuse(written, text::format("'{}' is no value for it{}{}", value,
                                            unit.empty() ? "" : ", which needs ", unit));
    }
    rule.limit = *limit;
    return rule;
}

bool holds(const SloRule& rule, double value) {
    switch (rule.comparison) {
        case SloOperator::below: return value < rule.limit;
        case SloOperator::at_most: return value <= rule.limit;
        case SloOperator::above: return value > rule.limit;
        case SloOperator::at_least: return value >= rule.limit;
    }
    return false;
}

bool wants_less(const SloRule& rule) {
    return rule.comparison == SloOperator::below || rule.comparison == SloOperator::at_most;
}

std::optional<double> figure_of(const SloRule& rule, const HistogramSnapshot& values) {
    const auto summary = values.summarize();
    if (!summary) return std::nullopt;
    const auto ms = [](auto time_ns) { return static_cast<double>(time_ns) / 1e6; };
    switch (rule.figure) {
        case SloFigure::percentile: return ms(*values.percentile(rule.percentile));
        case SloFigure::mean: return ms(summary->mean);
        case SloFigure::min: return ms(summary->min);
        case SloFigure::max: return ms(summary->max);
    }
    return std::nullopt;
}

std::string value_text(const SloRule& rule, double value) {
    constexpr double kWholeFrom = 1'000;  // of more, nobody reads fractions
    const std::string number =
        value < kWholeFrom ? text::format("{:.4g}", value) : text::format("{:.0f}", value);
    return number + (is_time(rule.metric) ? " " : "") + std::string(rule.unit);
}

SloMonitor::SloMonitor(std::vector<SloRule> rules) {
    for (SloRule& rule : rules) watches_.push_back({.rule = std::move(rule)});
}

std::optional<double> SloMonitor::value_of(const SloRule& rule, const Stretch& stretch) {
    const CounterValues& counters = stretch.counters;
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    switch (rule.metric) {
        case SloMetric::latency: return figure_of(rule, stretch.latency);
        case SloMetric::service_time: return figure_of(rule, stretch.service_time);
        case SloMetric::error_rate:
            return percent(counters.failed + counters.lost + protocol_errors(counters),
                           counters.attempted + counters.sent);
        case SloMetric::success_rate: return percent(counters.successful, counters.attempted);
        case SloMetric::throughput:
            if (stretch.duration_s <= 0) return std::nullopt;
            return count(counters.received) / stretch.duration_s;
        case SloMetric::lost: return count(counters.lost);
        case SloMetric::late: return count(counters.late);
        case SloMetric::duplicates: return count(counters.duplicates);
        case SloMetric::out_of_order: return count(counters.out_of_order);
        case SloMetric::blocked: return count(counters.blocked);
    }
    return std::nullopt;
}

void SloMonitor::add(const Interval& interval, const SoFar& so_far) {
    constexpr double kJitter = 0.5;  // seconds are measured, not counted
    extend(interval, so_far);
    for (Watch& watch : watches_) {
        if (watch.rule.window_s == 0) {
            judge_so_far(watch.rule);
        } else if (watch.window.duration_s + kJitter >= watch.rule.window_s) {
            judge_window(watch);
        }
    }
}

void SloMonitor::add_rest(const Interval& interval, const SoFar& so_far) {
    extend(interval, so_far);
}

void SloMonitor::extend(const Interval& interval, const SoFar& so_far) {
    const double end_s = interval.row.t_s;
    const double messages_from_s = std::max(interval.start_s, so_far.first_due_s.value_or(end_s));
    so_far_.counters = so_far.counters;
    so_far_.latency.add(interval.latency);
    so_far_.service_time.add(interval.service_time);
    so_far_.duration_s = end_s_ = end_s;
    for (Watch& watch : watches_) {
        if (watch.rule.window_s == 0) continue;
        const bool of_messages = watch.rule.metric == SloMetric::throughput;
        watch.window.latency.add(interval.latency);
        watch.window.service_time.add(interval.service_time);
        watch.window.counters = difference(so_far.counters, watch.at_start);
        watch.window.duration_s +=
            of_messages ? std::max(0.0, end_s - messages_from_s) : interval.length_s();
    }
}

void SloMonitor::judge_so_far(const SloRule& rule) {
    const auto value = value_of(rule, so_far_);
    if (value && !holds(rule, *value) && is_settled(rule, so_far_)) note_failure(rule, *value);
}

void SloMonitor::note_failure(const SloRule& rule, double value) {
    if (!failed_) failed_ = text::format("{} at {:.0f} s: {}", rule.text, end_s_, value_text(rule, value));
}

// Whether what does not hold now will not hold at the end either. Counts only grow; of a percentile a
// hundred messages have to lie beyond it, so that it is no accident of the start.
bool SloMonitor::is_settled(const SloRule& rule, const Stretch& so_far) {
    constexpr double kMessagesMin = 1'000;
    constexpr double kBeyondMin = 100;
    switch (rule.metric) {
        case SloMetric::latency:
        case SloMetric::service_time: {
            const auto count = static_cast<double>(so_far.latency.count());
            return count >= kMessagesMin && count * (1 - rule.percentile) >= kBeyondMin;
        }
        case SloMetric::error_rate:
            return static_cast<double>(so_far.counters.attempted + so_far.counters.sent) >= kMessagesMin;
        case SloMetric::success_rate: return static_cast<double>(so_far.counters.attempted) >= kMessagesMin;
        case SloMetric::throughput: return false;  // it may still rise: give it a window
        case SloMetric::lost:
        case SloMetric::late:
        case SloMetric::duplicates:
        case SloMetric::out_of_order:
        case SloMetric::blocked: return wants_less(rule);
    }
    return false;
}

// A window without a sample says nothing: the ramp, or a pause of the schedule.
void SloMonitor::judge_window(Watch& watch) {
    const SloRule& rule = watch.rule;
    if (const auto value = value_of(rule, watch.window); value) {
        const bool worse =
            !watch.worst || (wants_less(rule) ? *value > *watch.worst : *value < *watch.worst);
        if (worse) {
            watch.worst = value;
            watch.worst_at_s = end_s_;
        }
        if (!holds(rule, *value)) note_failure(rule, *value);
    }
    watch.at_start = so_far_.counters;
    watch.window = {};
}

std::vector<SloResult> SloMonitor::results(const Totals& totals) {
    const Stretch whole{totals.counters, totals.latency, totals.service_time, totals.duration_s};
    std::vector<SloResult> results;
    for (Watch& watch : watches_) {
        SloResult& result = results.emplace_back();
        result.rule = watch.rule;
        if (watch.rule.window_s == 0) {
            result.value = value_of(watch.rule, whole);
        } else {
            const bool half_full = watch.rule.metric != SloMetric::throughput &&
                                   2 * watch.window.duration_s >= watch.rule.window_s;
            if (half_full || !watch.worst) judge_window(watch);
            result.value = watch.worst;
            result.worst_at_s = watch.worst_at_s;
        }
        if (result.value && holds(watch.rule, *result.value)) result.status = SloStatus::ok;
    }
    return results;
}

}  // namespace wsblast::stats
