// How a run went, second by second. A reader hands in cumulative samples at a fixed step; the rows are
// their differences.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "stats/histogram.hpp"

namespace wsblast::stats {

// Everything since the start of the run, but `open`, which is what it was at that moment.
struct TimelineSample {
    double t_s = 0;
    std::uint64_t open = 0;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t errors = 0;
    std::uint64_t lost = 0;
    std::uint64_t blocked = 0;
    std::uint64_t late = 0;
    HistogramSnapshot latency{};
    HistogramSnapshot service_time{};
    CpuTimes cpu{};               // of this process
    std::uint64_t rss_bytes = 0;  // of this process, at that moment
};

// What happened up to t_s, since the row before. Latencies are in microseconds, none without an answer.
struct TimelineRow {
    double t_s = 0;
    std::uint64_t open = 0;  // at t_s
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t errors = 0;
    std::uint64_t lost = 0;
    std::uint64_t blocked = 0;
    std::uint64_t late = 0;
    std::optional<double> p50_us{};
    std::optional<double> p99_us{};
    std::optional<double> max_us{};  // the highest value of the highest bucket: exact to 1/1,024
    std::optional<double> service_p99_us{};
    double cpu_user_s = 0;
    double cpu_system_s = 0;
    std::uint64_t rss_bytes = 0;  // at t_s
};

// What happened between two samples, in full: a row, and the times of all its answers.
struct Interval {
    TimelineRow row;
    double start_s = 0;  // since the start of the run; row.t_s is its end
    HistogramSnapshot latency;
    HistogramSnapshot service_time;

    [[nodiscard]] double length_s() const { return row.t_s - start_s; }
};
[[nodiscard]] Interval interval_between(const TimelineSample& earlier, const TimelineSample& later);

// One thread uses it.
// Invariant: rows().size() <= rows_max; every row but the last spans samples_per_row_ samples.
class Timeline {
  public:
    // `start` is the state at the start of the run (its CPU times are not 0). `rows_max` is even. Rows take
    // memory as they come: a round of many has few.
    explicit Timeline(TimelineSample start, std::size_t rows_max = limits::kTimelineRowsMax);

    // The next sample, one step after the one before it. When there are rows_max rows already, they are
    // first merged in pairs, and from then on a row takes twice as many samples. Percentiles of a merged
    // row are the larger of the two: an upper bound.
    void add(TimelineSample sample);

    // The last sample, whatever the time since the one before: what is left becomes the last row.
    void finish(TimelineSample sample);

    [[nodiscard]] const std::vector<TimelineRow>& rows() const { return rows_; }
    // How many of the caller's steps a row spans: 1, 2, 4, ...
    [[nodiscard]] std::uint32_t steps_per_row() const { return samples_per_row_; }

  private:
    void append(TimelineSample sample);
    void merge_pairs();

    std::size_t rows_max_;
    std::uint32_t samples_per_row_ = 1;
    std::uint32_t samples_waiting_ = 0;
    TimelineSample last_;  // the end of the last row
    std::vector<TimelineRow> rows_;
};

}  // namespace wsblast::stats
