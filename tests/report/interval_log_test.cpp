#include "report/interval_log.hpp"

#include <memory>

#include <catch2/catch.hpp>

#include "report/hdr_encoding.hpp"

namespace wsblast::report {

namespace {

stats::HistogramSnapshot one_value(TimeNs value_ns) {
    const auto histogram = std::make_unique<stats::Histogram>();
    histogram->record(value_ns);
    return histogram->snapshot();
}

}  // namespace

TEST_CASE("interval log: the head says the version, the units and when the run began", "[report][hlog]") {
    CHECK(interval_log_head(1'764'000'000.1234) ==
          "#[Histogram log format version 1.3]\n"
          "#[wsblast: values in nanoseconds, Interval_Max in milliseconds]\n"
          "#[StartTime: 1764000000.123 (seconds since epoch)]\n"
          "#[BaseTime: 1764000000.123 (seconds since epoch)]\n"
          "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n");
}

TEST_CASE("interval log: an interval is a line for each tag, its times since the start of the run",
          "[report][hlog]") {
    stats::Interval interval;
    interval.start_s = 2.0004;
    interval.row.t_s = 3.25;
    interval.latency = one_value(12'345'678);
    interval.service_time = one_value(2'000'000);
    CHECK(interval_log_lines(interval) == "Tag=latency,2.000,1.250,12.346," + hdr_text(interval.latency) +
                                              "\nTag=service_time,2.000,1.250,2.000," +
                                              hdr_text(interval.service_time) + "\n");
}

TEST_CASE("interval log: an interval without an answer has its lines too", "[report][hlog]") {
    stats::Interval interval;
    interval.row.t_s = 1;
    CHECK(interval_log_lines(interval) == "Tag=latency,0.000,1.000,0.000," + hdr_text({}) +
                                              "\nTag=service_time,0.000,1.000,0.000," + hdr_text({}) +
                                              "\n");
}

}  // namespace wsblast::report
