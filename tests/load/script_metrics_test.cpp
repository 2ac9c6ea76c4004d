#include "load/script_metrics.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::load;

namespace {

plan::Scenario two_flows() {
    plan::Scenario scenario;
    scenario.flows = {{.name = "talk"}, {.name = "listen"}};
    scenario.labels = {"", "ping"};
    return scenario;
}

stats::UserSnapshot counted_of(const stats::UserShard& shard) {
    stats::UserSnapshot counted;
    counted.add(shard);
    return counted;
}

}  // namespace

TEST_CASE("script metrics: nothing counted is nothing named", "[load][script_metrics]") {
    const stats::UserShard shard(2, 2);
    const stats::MetricWindow window = to_window(two_flows(), counted_of(shard), {.period_ms = 70'000});
    CHECK(window.counters.empty());
    CHECK(window.rates.empty());
    CHECK(window.summaries.empty());
    CHECK(window.period_ms == 70'000);
}

TEST_CASE("script metrics: counters have Artillery's names", "[load][script_metrics]") {
    stats::UserShard shard(2, 2);
    shard.started.add(9);
    shard.started_by_flow[1].add(9);
    shard.completed.add(5);
    shard.interrupted.add(4);
    shard.skipped.add(2);
    shard.messages_sent.add(30);
    shard.messages_scripted.add(7);
    shard.messages_received.add(20);
    shard.named.count(stats::MetricKind::counter, "errors.some", 3);
    const stats::MetricWindow window = to_window(two_flows(), counted_of(shard), {.duration_s = 10});
    CHECK(window.counters ==
          std::map<std::string, std::uint64_t>{{"vusers.created", 9},
                                               {"vusers.created_by_name.listen", 9},
                                               {"vusers.completed", 5},
                                               {"vusers.failed", 0},  // Artillery's zero
                                               {"vusers.interrupted", 4},
                                               {"vusers.skipped", 2},
                                               {"websocket.messages_sent", 30},
                                               {"websocket.messages_sent_by_javascript", 7},
                                               {"websocket.messages_received", 20},
                                               {"errors.some", 3}});
}

TEST_CASE("script metrics: rates are of the window's length", "[load][script_metrics]") {
    stats::UserShard shard(2, 2);
    shard.messages_sent.add(30);
    shard.messages_received.add(20);
    shard.named.count(stats::MetricKind::rate, "own", 5);
    const stats::MetricWindow window = to_window(two_flows(), counted_of(shard), {.duration_s = 4});
    CHECK(window.rates == std::map<std::string, double>{
                              {"websocket.send_rate", 7.5}, {"websocket.receive_rate", 5}, {"own", 1.25}});
}

TEST_CASE("script metrics: times are summaries of their names, labels and JavaScript's own too",
          "[load][script_metrics]") {
    stats::UserShard shard(2, 2);
    shard.session_length.record(2 * kSecond);
    shard.start_lag.record(1 * kMillisecond);
    shard.connect_time.record(3 * kMillisecond);
    shard.response_time.record(4 * kMillisecond);
    shard.response_by_label[1].record(5 * kMillisecond);
    shard.named.record("own", 6 * kMillisecond);
    const stats::MetricWindow window = to_window(two_flows(), counted_of(shard), {});
    std::map<std::string, double> longest;
    for (const auto& [name, summary] : window.summaries) longest[name] = summary.max;
    CHECK(longest == std::map<std::string, double>{{"vusers.session_length", 2000},
                                                   {"vusers.start_lag", 1},
                                                   {"websocket.connect_time", 3},
                                                   {"websocket.response_time", 4},
                                                   {"websocket.response_time.ping", 5},
                                                   {"own", 6}});
}

TEST_CASE("script metrics: a summary is in milliseconds with one decimal", "[load][script_metrics]") {
    stats::Histogram values;
    for (std::uint64_t i = 1; i <= 1000; ++i) values.record(i * 100 * kMicrosecond);  // 0.1 to 100 ms
    const stats::MetricSummary summary = to_summary(values.snapshot());
    CHECK(summary.count == 1000);
    CHECK(summary.min == 0.1);
    CHECK(summary.max == 100);
    CHECK(summary.mean == Approx(50.1).margin(0.06));  // 50.05
    CHECK(summary.p50 == Approx(50).epsilon(0.001));
    CHECK(summary.p75 == Approx(75).epsilon(0.001));
    CHECK(summary.p99 == Approx(99).epsilon(0.001));
    CHECK(summary.p999 == Approx(99.9).epsilon(0.001));
    CHECK(to_summary({}).count == 0);
}

TEST_CASE("script metrics: no percentile is above the longest, or below the shortest",
          "[load][script_metrics]") {
    // Buckets are 0.1 % wide, and a percentile is the upper edge of its bucket.
    const TimeNs base_ns = GENERATE(900 * kMicrosecond, 7'001 * kMillisecond, 163'456'789'012u);
    stats::Histogram values;
    values.record(base_ns);
    values.record(base_ns + base_ns / 2000);
    stats::HistogramSnapshot earlier = values.snapshot();
    for (int i = 0; i < 20; ++i) values.record(base_ns + base_ns / 3000);
    stats::HistogramSnapshot window = values.snapshot();
    SECTION("of the whole") {}
    SECTION("of a window, whose ends are those of its buckets") {
        window.subtract(earlier);
    }
    const stats::MetricSummary summary = to_summary(window);
    double last = summary.min;
    for (const double value :
         {summary.p50, summary.p75, summary.p90, summary.p95, summary.p99, summary.p999, summary.max}) {
        CHECK(value >= last);
        last = value;
    }
    CHECK(summary.mean >= summary.min);
    CHECK(summary.mean <= summary.max);
}
