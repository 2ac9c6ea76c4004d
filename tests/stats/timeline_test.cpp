#include "stats/timeline.hpp"

#include <catch2/catch.hpp>

#include "tests/support/histogram_counts.hpp"

namespace wsblast::stats {

namespace {

// A run that sends 10 and receives 9 messages a second, each answered after `second` ms.
class SteadyRun {
  public:
    TimelineSample at(std::uint64_t second) {
        while (recorded_ < second) histogram_.record_many(++recorded_ * kMillisecond, 9);
        return {.t_s = static_cast<double>(second),
                .open = 100 - second,
                .sent = 10 * second,
                .received = 9 * second,
                .errors = second,
                .latency = histogram_.snapshot(),
                .cpu = {second * kSecond / 4 + kSecond, second * kSecond / 2}};
    }

  private:
    Histogram histogram_;
    std::uint64_t recorded_ = 0;
};

Timeline filled(SteadyRun& run, std::uint64_t seconds, std::size_t rows_max) {
    Timeline timeline(run.at(0), rows_max);
    for (std::uint64_t second = 1; second <= seconds; ++second) timeline.add(run.at(second));
    return timeline;
}

}  // namespace

TEST_CASE("timeline: a row is the difference of two samples", "[stats][timeline]") {
    SteadyRun run;
    const Timeline timeline = filled(run, 3, 8);
    REQUIRE(timeline.rows().size() == 3);
    const TimelineRow& row = timeline.rows()[1];
    REQUIRE(row.t_s == 2);
    REQUIRE(row.open == 98);
    REQUIRE(row.sent == 10);
    REQUIRE(row.received == 9);
    REQUIRE(row.errors == 1);
    REQUIRE(*row.p50_us == Approx(2'000).epsilon(1.0 / 1'024));
    REQUIRE(*row.max_us == Approx(2'000).epsilon(1.0 / 1'024));
    REQUIRE(row.cpu_user_s == 0.25);
    REQUIRE(row.cpu_system_s == 0.5);
}

TEST_CASE("timeline: rows take memory as they come", "[stats][timeline]") {
    SteadyRun run;
    constexpr std::size_t kRows = 3;
    const Timeline timeline = filled(run, kRows, limits::kTimelineRowsMax);
    REQUIRE(timeline.rows().capacity() <= 2 * kRows);
}

TEST_CASE("timeline: of what is lost, blocked or late a row has its own share", "[stats][timeline]") {
    TimelineSample earlier{.t_s = 1, .lost = 10, .blocked = 20, .late = 30, .rss_bytes = 5'000};
    TimelineSample later{.t_s = 2, .lost = 13, .blocked = 24, .late = 35, .rss_bytes = 4'000};
    const TimelineRow row = interval_between(earlier, later).row;
    REQUIRE(row.lost == 3);
    REQUIRE(row.blocked == 4);
    REQUIRE(row.late == 5);
    REQUIRE(row.rss_bytes == 4'000);  // at that moment
}

TEST_CASE("timeline: an interval has all times that were recorded within it", "[stats][timeline]") {
    Histogram latency;
    Histogram service_time;
    latency.record(5 * kMillisecond);
    service_time.record(3 * kMillisecond);
    TimelineSample earlier{.t_s = 1.5, .latency = latency.snapshot()};
    earlier.service_time = service_time.snapshot();
    latency.record_many(9 * kMillisecond, 4);
    service_time.record_many(2 * kMillisecond, 4);
    TimelineSample later{.t_s = 4, .latency = latency.snapshot()};
    later.service_time = service_time.snapshot();
    const Interval interval = interval_between(earlier, later);
    REQUIRE(interval.start_s == 1.5);
    REQUIRE(interval.length_s() == 2.5);
    REQUIRE(interval.latency.count() == 4);
    REQUIRE(interval.latency.max_ns() == 9 * kMillisecond);
    REQUIRE(interval.service_time.count() == 4);
    REQUIRE(*interval.row.p99_us == Approx(9'000).epsilon(1.0 / 1'024));
    REQUIRE(*interval.row.service_p99_us == Approx(2'000).epsilon(1.0 / 1'024));
}

TEST_CASE("timeline: intervals one after the other make the whole run", "[stats][timeline]") {
    SteadyRun run;
    HistogramSnapshot sum;
    for (std::uint64_t second = 0; second < 9; ++second) {
        const TimelineSample earlier = run.at(second);
        sum.add(interval_between(earlier, run.at(second + 1)).latency);
    }
    const HistogramSnapshot whole = run.at(9).latency;
    REQUIRE(test::counts_of(sum) == test::counts_of(whole));
}

TEST_CASE("timeline: a merged row has the sums of two, and the memory of the second", "[stats][timeline]") {
    Timeline timeline(TimelineSample{}, 2);
    Histogram service_time;
    for (std::uint64_t second = 1; second <= 4; ++second) {
        service_time.record(second * kMillisecond);
        timeline.add({.t_s = static_cast<double>(second),
                      .lost = 2 * second,
                      .blocked = 3 * second,
                      .late = 4 * second,
                      .service_time = service_time.snapshot(),
                      .rss_bytes = 100 * second});
    }
    REQUIRE(timeline.rows().size() == 2);
    const TimelineRow& row = timeline.rows()[0];
    REQUIRE(row.t_s == 2);
    REQUIRE(row.lost == 4);
    REQUIRE(row.blocked == 6);
    REQUIRE(row.late == 8);
    REQUIRE(row.rss_bytes == 200);
    REQUIRE(*row.service_p99_us == Approx(2'000).epsilon(1.0 / 1'024));
    REQUIRE_FALSE(row.p50_us.has_value());
}

TEST_CASE("timeline: a row without an answer has no latency", "[stats][timeline]") {
    Timeline timeline(TimelineSample{});
    TimelineSample sample;
    sample.t_s = 1;
    sample.sent = 5;
    timeline.add(sample);
    REQUIRE(timeline.rows().size() == 1);
    REQUIRE_FALSE(timeline.rows()[0].p50_us.has_value());
    REQUIRE_FALSE(timeline.rows()[0].p99_us.has_value());
    REQUIRE_FALSE(timeline.rows()[0].max_us.has_value());
}

TEST_CASE("timeline: a full table is merged in pairs and the step doubles", "[stats][timeline]") {
    SteadyRun run;
    const Timeline timeline = filled(run, 6, 4);
    REQUIRE(timeline.steps_per_row() == 2);
    REQUIRE(timeline.rows().size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        const TimelineRow& row = timeline.rows()[i];
        CAPTURE(i);
        REQUIRE(row.t_s == 2.0 * static_cast<double>(i + 1));
        REQUIRE(row.sent == 20);
        REQUIRE(row.received == 18);
        REQUIRE(row.errors == 2);
        REQUIRE(row.cpu_user_s == 0.5);
        REQUIRE(*row.max_us == Approx(row.t_s * 1'000).epsilon(1.0 / 1'024));
    }
    // Of merged rows the larger percentile, of a row of two samples its own.
    REQUIRE(*timeline.rows()[0].p50_us == Approx(2'000).epsilon(1.0 / 1'024));
    REQUIRE(*timeline.rows()[2].p50_us == Approx(5'000).epsilon(1.0 / 1'024));
}

TEST_CASE("timeline: nothing is lost however long the run", "[stats][timeline]") {
    SteadyRun run;
    Timeline timeline = filled(run, 99, 4);
    timeline.finish(run.at(100));
    REQUIRE(timeline.rows().size() <= 4);
    REQUIRE(timeline.steps_per_row() == 32);
    REQUIRE(timeline.rows().back().t_s == 100);
    std::uint64_t sent = 0;
    for (const TimelineRow& row : timeline.rows()) sent += row.sent;
    REQUIRE(sent == 1'000);
}

TEST_CASE("timeline: finishing twice at the same time adds no row", "[stats][timeline]") {
    SteadyRun run;
    Timeline timeline = filled(run, 2, 4);
    timeline.finish(run.at(2));
    REQUIRE(timeline.rows().size() == 2);
    timeline.finish(run.at(3));
    REQUIRE(timeline.rows().size() == 3);
}

TEST_CASE("timeline: a run of two hours keeps at most 3,600 rows", "[stats][timeline]") {
    Timeline timeline(TimelineSample{});
    TimelineSample sample;
    for (int second = 1; second <= 7'201; ++second) {
        sample.t_s = second;
        timeline.add(sample);
    }
    REQUIRE(timeline.rows().size() <= limits::kTimelineRowsMax);
    REQUIRE(timeline.steps_per_row() == 2);
}

}  // namespace wsblast::stats
