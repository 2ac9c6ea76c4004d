#include "stats/slo.hpp"

#include <memory>

#include <catch2/catch.hpp>

namespace wsblast::stats {

namespace {

constexpr double kBucket = 1.0 / 1'024;  // how far a percentile may be above the value

SloRule rule(std::string_view text) {
    auto parsed = parse_slo(text);
    INFO(text << ": " << (parsed.ok() ? "" : parsed.error().what));
    REQUIRE(parsed.ok());
    return std::move(*parsed);
}

// The first words of the usage error, up to what is always told.
std::string fault(std::string_view text) {
    const auto parsed = parse_slo(text);
    INFO(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().fault == Fault::usage);
    CHECK_THAT(parsed.error().what, Catch::Contains("; a check is METRIC[@WINDOW] OPERATOR VALUE"));
    return parsed.error().what.substr(0, parsed.error().what.find("; a check is"));
}

HistogramSnapshot values_of(TimeNs value_ns, std::uint64_t count = 1) {
    const auto histogram = std::make_unique<Histogram>();
    histogram->record_many(value_ns, count);
    return histogram->snapshot();
}

// A run that a test tells second by second, and the checks that watch it.
class WatchedRun {
  public:
    explicit WatchedRun(std::initializer_list<std::string_view> checks) : monitor_(rules(checks)) {}

    // `count` messages are sent and answered after `latency_ms` each.
    WatchedRun& answer(std::uint64_t count, std::uint64_t latency_ms) {
        if (count > 0 && !first_due_s_) first_due_s_ = end_s_;
        counters.sent += count;
        counters.received += count;
        if (count > 0) latency_.add(values_of(latency_ms * kMillisecond, count));
        return *this;
    }
    WatchedRun& second(double length_s = 1) {
        monitor_.add(interval(length_s), {counters, first_due_s_});
        return *this;
    }
    WatchedRun& rest(double length_s) {
        monitor_.add_rest(interval(length_s), {counters, first_due_s_});
        return *this;
    }
    void first_due_at(double time_s) { first_due_s_ = time_s; }

    [[nodiscard]] std::string failed() const { return monitor_.failed().value_or(""); }
    [[nodiscard]] std::vector<SloResult> results() {
        return monitor_.results({counters, all_, all_, end_s_});
    }
    [[nodiscard]] SloResult result() { return results().at(0); }

    CounterValues counters;

  private:
    static std::vector<SloRule> rules(std::initializer_list<std::string_view> checks) {
        std::vector<SloRule> all;
        for (const std::string_view check : checks) all.push_back(rule(check));
        return all;
    }
    Interval interval(double length_s) {
        Interval interval;
        interval.start_s = end_s_;
        interval.row.t_s = end_s_ += length_s;
        interval.latency = interval.service_time = latency_;
        all_.add(latency_);
        latency_ = {};
        return interval;
    }

    SloMonitor monitor_;
    double end_s_ = 0;
    std::optional<double> first_due_s_;
    HistogramSnapshot latency_;  // since the last second
    HistogramSnapshot all_;
};

}  // namespace

TEST_CASE("slo: every metric is read, with the unit of its values", "[stats][slo]") {
    const auto [text, metric, limit, unit] = GENERATE(table<const char*, SloMetric, double, const char*>({
        {"p99<50ms", SloMetric::latency, 50, "ms"},
        {"mean<1.5s", SloMetric::latency, 1'500, "ms"},
        {"service_p50<250us", SloMetric::service_time, 0.25, "ms"},
        {"error_rate<0.1%", SloMetric::error_rate, 0.1, "%"},
        {"success_rate<99.9%", SloMetric::success_rate, 99.9, "%"},
        {"throughput<5k/s", SloMetric::throughput, 5'000, "/s"},
        {"throughput<5k", SloMetric::throughput, 5'000, "/s"},
        {"lost<10", SloMetric::lost, 10, ""},
        {"late<2k", SloMetric::late, 2'000, ""},
        {"duplicates<1", SloMetric::duplicates, 1, ""},
        {"out_of_order<1", SloMetric::out_of_order, 1, ""},
        {"blocked<0", SloMetric::blocked, 0, ""},
    }));
    CAPTURE(text);
    CHECK(rule(text).metric == metric);
    CHECK(rule(text).limit == Approx(limit));
    CHECK(rule(text).unit == unit);
    CHECK(rule(text).window_s == 0);
}

TEST_CASE("slo: of times it is a percentile, the mean, the least or the largest", "[stats][slo]") {
    CHECK(rule("p50<1s").percentile == 0.5);
    CHECK(rule("p99.999<1s").percentile == Approx(0.99999).epsilon(1e-12));
    CHECK(rule("p50<1s").figure == SloFigure::percentile);
    CHECK(rule("mean<1s").figure == SloFigure::mean);
    CHECK(rule("service_min<1s").figure == SloFigure::min);
    CHECK(rule("service_min<1s").metric == SloMetric::service_time);
    CHECK(rule("max<1s").figure == SloFigure::max);
}

TEST_CASE("slo: there are four operators, and blanks do not matter", "[stats][slo]") {
    CHECK(rule("lost<1").comparison == SloOperator::below);
    CHECK(rule("lost<=1").comparison == SloOperator::at_most);
    CHECK(rule("lost>1").comparison == SloOperator::above);
    CHECK(rule("lost>=1").comparison == SloOperator::at_least);
    CHECK(rule(" p99 @ 10s <=\t50ms ").text == "p99@10s<=50ms");
    CHECK(rule("p99 @ 10s <= 50 ms").limit == 50);
}

TEST_CASE("slo: a window is a number of whole seconds", "[stats][slo]") {
    CHECK(rule("p99@1s<1s").window_s == 1);
    CHECK(rule("lost@2000ms<1").window_s == 2);
    CHECK(rule("lost@1h<1").window_s == 3'600);
    for (const char* text :
         {"p99@10<1s", "p99@0<1s", "p99@1.5s<1s", "p99@2h<1s", "p99@<1s", "p99@1s@2s<1s"})
        CHECK_THAT(fault(text),
                   Catch::Contains(text) && Catch::Contains("its window is no number of whole"));
}

TEST_CASE("slo: the fault names what is wrong, and all that is allowed is told", "[stats][slo]") {
    const auto [text, named] = GENERATE(table<const char*, const char*>({
        {"p99", "it has no operator"},
        {"", "it has no operator"},
        {"p99==5ms", "it has no operator"},
        {"p98.x<5ms", "'p98.x' is no metric"},
        {"p0<5ms", "'p0' is no metric"},
        {"p100<5ms", "'p100' is no metric"},
        {"latency<5ms", "'latency' is no metric"},
        {"service_lost<5", "'service_lost' is no metric"},
        {"<5ms", "'' is no metric"},
        {"p99<5", "'5' is no value for it, which needs a duration"},
        {"p99<<5ms", "'<5ms' is no value for it, which needs a duration"},
        {"p99<=", "'' is no value for it, which needs a duration"},
        {"p99<-5ms", "'-5ms' is no value for it, which needs a duration"},
        {"error_rate<0.1", "'0.1' is no value for it, which needs %"},
        {"throughput>fast", "'fast' is no value for it, which needs /s"},
        {"lost<1%", "'1%' is no value for it"},
    }));
    CAPTURE(text);
    const std::string told = fault(text);
    CHECK(told == "'" + std::string(text) + "': " + named);
    CHECK_THAT(parse_slo(text).error().what,
               Catch::EndsWith("Operators: < <= > >=. Windows are whole seconds"));
}

TEST_CASE("slo: values are written with their unit, large ones without fractions", "[stats][slo]") {
    CHECK(value_text(rule("p99<5ms"), 12.345678) == "12.35 ms");
    CHECK(value_text(rule("error_rate<1%"), 0.25) == "0.25%");
    CHECK(value_text(rule("throughput>1/s"), 123'456.7) == "123457/s");
    CHECK(value_text(rule("lost<1"), 3) == "3");
    CHECK(to_text(SloStatus::ok) == "ok");
    CHECK(to_text(SloStatus::fail) == "fail");
}

TEST_CASE("slo: a check of the whole run is that of all its messages", "[stats][slo]") {
    WatchedRun run({"p50<=10ms", "max<20ms", "mean>1ms", "min>=1ms", "service_max<31ms"});
    run.answer(99, 10).second().answer(1, 30).second();
    const auto results = run.results();
    REQUIRE(results.size() == 5);
    CHECK(results[0].status == SloStatus::fail);  // the end of its bucket is above 10 ms
    CHECK(*results[0].value == Approx(10).epsilon(kBucket));
    CHECK(results[1].status == SloStatus::fail);
    CHECK(*results[1].value == 30);
    CHECK(results[2].status == SloStatus::ok);
    CHECK(*results[2].value == Approx(10.2));
    CHECK(*results[3].value == 10);
    CHECK(results[4].status == SloStatus::ok);
    for (const SloResult& result : results) CHECK_FALSE(result.worst_at_s.has_value());
}

TEST_CASE("slo: the limit itself is within <= and >=, not within < and >", "[stats][slo]") {
    const auto [text, status] = GENERATE(table<const char*, SloStatus>({{"lost<=3", SloStatus::ok},
                                                                        {"lost>=3", SloStatus::ok},
                                                                        {"lost<3", SloStatus::fail},
                                                                        {"lost>3", SloStatus::fail}}));
    CAPTURE(text);
    WatchedRun run({text});
    run.counters.lost = 3;
    CHECK(run.result().status == status);
}

TEST_CASE("slo: rates and counts are those of the counters", "[stats][slo]") {
    WatchedRun run({"error_rate<5%", "success_rate>=90%", "throughput>=30/s", "lost<9", "late<9",
                    "duplicates<9", "out_of_order<9", "blocked<9"});
    CounterValues& counters = run.counters;
    counters.attempted = 10;
    counters.successful = 9;
    counters.failed = 1;
    counters.sent = 90;
    counters.received = 88;
    counters.lost = 2;
    counters.error(ErrorKind::reserved_bits) = 1;
    counters.late = 3;
    counters.duplicates = 4;
    counters.out_of_order = 5;
    counters.blocked = 6;
    run.second(2);
    std::vector<double> values;
    for (const SloResult& result : run.results()) values.push_back(*result.value);
    CHECK(values == std::vector<double>{4, 90, 44, 2, 3, 4, 5, 6});
}

TEST_CASE("slo: without samples a check fails, with a value or without", "[stats][slo]") {
    WatchedRun run({"p99<1h", "error_rate<100%", "success_rate>0%", "p99@1s<1h", "throughput@1s>1"});
    run.second().second();
    for (const SloResult& result : run.results()) {
        CAPTURE(result.rule.text);
        CHECK(result.status == SloStatus::fail);
    }
    CHECK_FALSE(run.results()[0].value.has_value());
    CHECK_FALSE(run.results()[3].worst_at_s.has_value());
    CHECK(run.failed().empty());
}

TEST_CASE("slo: every window must hold, the worst one is told with its end", "[stats][slo]") {
    WatchedRun run({"max@2s<=10ms"});
    run.answer(5, 4).second().answer(5, 9).second();
    CHECK(run.failed().empty());
    run.answer(5, 12).second();
    CHECK(run.failed().empty());  // its window is not over
    run.answer(5, 3).second();
    CHECK(run.failed() == "max@2s<=10ms at 4 s: 12 ms");
    run.answer(5, 11).second().answer(5, 1).second();
    CHECK(run.failed() == "max@2s<=10ms at 4 s: 12 ms");
    const SloResult result = run.result();
    CHECK(result.status == SloStatus::fail);
    CHECK(*result.value == Approx(12).epsilon(kBucket));
    CHECK(*result.worst_at_s == 4);
}

TEST_CASE("slo: of a check for more the lowest window is the worst", "[stats][slo]") {
    WatchedRun run({"min@1s>=5ms"});
    run.answer(1, 9).second().answer(1, 6).second().answer(1, 8).second();
    const SloResult result = run.result();
    CHECK(result.status == SloStatus::ok);
    CHECK(*result.value == 6);
    CHECK(*result.worst_at_s == 2);
}

TEST_CASE("slo: counts of a window are those since the window before", "[stats][slo]") {
    WatchedRun run({"lost@1s<3", "lost<5"});
    for (int second = 0; second < 3; ++second) {
        run.counters.lost += 2;
        run.second();
    }
    const auto results = run.results();
    CHECK(results[0].status == SloStatus::ok);
    CHECK(*results[0].value == 2);
    CHECK(results[1].status == SloStatus::fail);
    CHECK(run.failed() == "lost<5 at 3 s: 6");
}

TEST_CASE("slo: a window without a sample says nothing", "[stats][slo]") {
    WatchedRun run({"max@1s<10ms"});
    run.second().second().answer(3, 8).second().second();
    const SloResult result = run.result();
    CHECK(result.status == SloStatus::ok);
    CHECK(*result.worst_at_s == 3);
}

TEST_CASE("slo: seconds that are a little short or long make a window all the same", "[stats][slo]") {
    WatchedRun run({"max@3s<10ms"});
    run.answer(1, 20).second(1.004).answer(1, 1).second(0.996).answer(1, 1).second(0.993);
    CHECK_FALSE(run.failed().empty());
}

TEST_CASE("slo: the last window counts when it is at least half full", "[stats][slo]") {
    WatchedRun half({"max@4s<10ms"});
    half.answer(1, 1).second(4).answer(1, 20).second().answer(1, 1).rest(1);
    CHECK(half.result().status == SloStatus::fail);
    WatchedRun less({"max@4s<10ms"});
    less.answer(1, 1).second(4).answer(1, 20).second().answer(1, 1).rest(0.9);
    CHECK(less.result().status == SloStatus::ok);
    CHECK(*less.result().worst_at_s == 4);
}

TEST_CASE("slo: a run shorter than its window is judged as one window", "[stats][slo]") {
    WatchedRun run({"max@10s<10ms", "lost@10s<1"});
    run.counters.lost = 2;
    run.answer(4, 30).rest(0.3);
    const auto results = run.results();
    CHECK(*results[0].value == 30);
    CHECK(*results[0].worst_at_s == Approx(0.3));
    CHECK(results[0].status == SloStatus::fail);
    CHECK(*results[1].value == 2);
}

TEST_CASE("slo: throughput is measured from the first due time on, not in the ramp", "[stats][slo]") {
    WatchedRun run({"throughput@1s>=95/s"});
    run.second().second();  // connecting
    run.first_due_at(2.6);
    run.answer(40, 1).second();  // in 0.4 s
    run.answer(100, 1).second().answer(98, 1).second();
    CHECK(run.failed().empty());
    CHECK(run.result().status == SloStatus::ok);
    CHECK(*run.result().value == 98);
    run.second();  // nothing comes back: that is no throughput
    CHECK(run.failed() == "throughput@1s>=95/s at 6 s: 0/s");
}

TEST_CASE("slo: the messages end within a last window, which says nothing of throughput", "[stats][slo]") {
    WatchedRun run({"throughput@2s>=95/s"});
    run.answer(100, 1).second().answer(100, 1).second();
    run.answer(100, 1).second().answer(20, 1).rest(0.9);
    CHECK(run.result().status == SloStatus::ok);
    CHECK(*run.result().value == 100);
    WatchedRun brief({"throughput@2s>=95/s"});
    brief.answer(50, 1).rest(0.5);  // there is no other window
    CHECK(*brief.result().value == 100);
}

TEST_CASE("slo: a check of the whole run has failed when it is no accident any more", "[stats][slo]") {
    WatchedRun percentile({"p99<10ms"});
    percentile.answer(9'999, 20).second();
    CHECK(percentile.failed().empty());  // 100 messages above the 99th percentile are wanted
    percentile.answer(1, 20).second();
    CHECK(percentile.failed() == "p99<10ms at 2 s: 20 ms");

    WatchedRun mean({"mean<10ms"});
    mean.answer(999, 20).second();
    CHECK(mean.failed().empty());
    mean.answer(1, 20).second();
    CHECK(mean.failed() == "mean<10ms at 2 s: 20 ms");
}

TEST_CASE("slo: rates need a thousand events to have failed", "[stats][slo]") {
    WatchedRun run({GENERATE("error_rate<1%", "success_rate>99%")});
    run.counters.attempted = 999;
    run.counters.failed = 100;
    run.counters.successful = 899;
    run.second();
    CHECK(run.failed().empty());
    ++run.counters.attempted;
    run.second();
    CHECK_FALSE(run.failed().empty());
}

TEST_CASE("slo: what only grows has failed at once, what may still grow has not", "[stats][slo]") {
    WatchedRun grown({GENERATE("late<1", "duplicates<1", "out_of_order<1", "blocked<=0", "lost<1")});
    CounterValues& counters = grown.counters;
    counters.late = counters.duplicates = counters.out_of_order = counters.blocked = counters.lost = 1;
    grown.second();
    CHECK_FALSE(grown.failed().empty());
    WatchedRun growing({"lost>5", "throughput>1M/s"});
    growing.answer(2'000, 1).second();
    CHECK(growing.failed().empty());
}

}  // namespace wsblast::stats
