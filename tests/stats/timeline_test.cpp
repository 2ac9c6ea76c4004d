#include "stats/timeline.hpp"

#include <catch2/catch.hpp>

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
