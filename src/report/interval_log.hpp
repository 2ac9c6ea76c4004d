// The lines of an HdrHistogram interval log, version 1.3: one line for each interval and tag, with all
// values of that interval. Read by HistogramLogAnalyzer, hdr-histogram-js and others.
#pragma once

#include <string>

#include "stats/timeline.hpp"

namespace wsblast::report {

// What the log begins with. Times of intervals count from `unix_s`, the start of the run.
[[nodiscard]] std::string interval_log_head(double unix_s);

// Two lines: tag "latency" and tag "service_time". Values are nanoseconds, the largest one of the interval
// is told in milliseconds too.
[[nodiscard]] std::string interval_log_lines(const stats::Interval& interval);

}  // namespace wsblast::report
