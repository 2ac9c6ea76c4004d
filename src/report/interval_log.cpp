#include "report/interval_log.hpp"

#include "report/hdr_encoding.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

std::string line(std::string_view tag, const stats::Interval& interval,
                 const stats::HistogramSnapshot& values) {
    return text::format("Tag={},{:.3f},{:.3f},{:.3f},{}\n", tag, interval.start_s, interval.length_s(),
                        static_cast<double>(values.max_ns()) / 1e6, hdr_text(values));
}

}  // namespace

std::string interval_log_head(double unix_s) {
    std::string head = "#[Histogram log format version 1.3]\n";
    head += text::format("#[wsblast: values in nanoseconds, Interval_Max in milliseconds]\n");
    head += text::format("#[StartTime: {:.3f} (seconds since epoch)]\n", unix_s);
    head += text::format("#[BaseTime: {:.3f} (seconds since epoch)]\n", unix_s);
    return head +
           "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n";
}

std::string interval_log_lines(const stats::Interval& interval) {
    return line("latency", interval, interval.latency) +
           line("service_time", interval, interval.service_time);
}

}  // namespace wsblast::report
