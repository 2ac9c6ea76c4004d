#include "stats/timeline.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace wsblast::stats {

namespace {

std::optional<double> percentile_us(const HistogramSnapshot& values, double q) {
    const std::optional<TimeNs> value_ns = values.percentile(q);
    if (!value_ns) return std::nullopt;
    return static_cast<double>(*value_ns) / static_cast<double>(kMicrosecond);
}

HistogramSnapshot difference(const HistogramSnapshot& later, const HistogramSnapshot& earlier) {
    HistogramSnapshot values = later;
    values.subtract(earlier);
    return values;
}

// An empty optional is below every value.
TimelineRow merged(const TimelineRow& first, const TimelineRow& second) {
    return {
        .t_s = second.t_s,
        .open = second.open,
        .sent = first.sent + second.sent,
        .received = first.received + second.received,
        .errors = first.errors + second.errors,
        .lost = first.lost + second.lost,
        .blocked = first.blocked + second.blocked,
        .late = first.late + second.late,
        .p50_us = std::max(first.p50_us, second.p50_us),
        .p99_us = std::max(first.p99_us, second.p99_us),
        .max_us = std::max(first.max_us, second.max_us),
        .service_p99_us = std::max(first.service_p99_us, second.service_p99_us),
        .cpu_user_s = first.cpu_user_s + second.cpu_user_s,
        .cpu_system_s = first.cpu_system_s + second.cpu_system_s,
        .rss_bytes = second.rss_bytes,
    };
}

}  // namespace

Interval interval_between(const TimelineSample& earlier, const TimelineSample& later) {
    Interval interval;
    interval.start_s = earlier.t_s;
    interval.latency = difference(later.latency, earlier.latency);
    interval.service_time = difference(later.service_time, earlier.service_time);
    const CpuTimes cpu = later.cpu - earlier.cpu;
    interval.row = {
        .t_s = later.t_s,
        .open = later.open,
        .sent = later.sent - earlier.sent,
        .received = later.received - earlier.received,
        .errors = later.errors - earlier.errors,
        .lost = later.lost - earlier.lost,
        .blocked = later.blocked - earlier.blocked,
        .late = later.late - earlier.late,
        .p50_us = percentile_us(interval.latency, 0.5),
        .p99_us = percentile_us(interval.latency, 0.99),
        .max_us = percentile_us(interval.latency, 1),
        .service_p99_us = percentile_us(interval.service_time, 0.99),
        .cpu_user_s = to_seconds(cpu.user_ns),
        .cpu_system_s = to_seconds(cpu.system_ns),
        .rss_bytes = later.rss_bytes,
    };
    return interval;
}

Timeline::Timeline(TimelineSample start, std::size_t rows_max)
    : rows_max_(rows_max), last_(std::move(start)) {
    assert(rows_max >= 2 && rows_max % 2 == 0);
}

void Timeline::add(TimelineSample sample) {
    ++samples_waiting_;
    if (samples_waiting_ < samples_per_row_) return;
    if (rows_.size() == rows_max_) {
        merge_pairs();
        if (samples_waiting_ < samples_per_row_) return;
    }
    append(std::move(sample));
}

void Timeline::finish(TimelineSample sample) {
    if (sample.t_s <= last_.t_s) return;
    if (rows_.size() == rows_max_) merge_pairs();
    append(std::move(sample));
}

void Timeline::append(TimelineSample sample) {
    rows_.push_back(interval_between(last_, sample).row);
    last_ = std::move(sample);
    samples_waiting_ = 0;
}

void Timeline::merge_pairs() {
    for (std::size_t i = 0; i < rows_.size() / 2; ++i) rows_[i] = merged(rows_[2 * i], rows_[2 * i + 1]);
    rows_.resize(rows_.size() / 2);
    samples_per_row_ *= 2;
}

}  // namespace wsblast::stats
