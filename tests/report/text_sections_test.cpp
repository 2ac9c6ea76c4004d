#include "report/text_sections.hpp"

#include <catch2/catch.hpp>

namespace wsblast::report {

namespace {

using Catch::Contains;
using stats::RunResult;

// A summary of 10 values whose P50, P99 and maximum are 1, 10 and 20 times this.
stats::Summary spread(TimeNs p50_ns) {
    stats::Summary summary;
    summary.count = 10;
    summary.p50 = p50_ns;
    summary.p99 = 10 * p50_ns;
    summary.p99_9 = 15 * p50_ns;
    summary.max = 20 * p50_ns;
    return summary;
}

// 1,000 messages; P99 of the latency and of the service time.
RunResult with_p99(TimeNs latency_ns, TimeNs service_ns) {
    RunResult result;
    result.counters.due = 1'010;
    result.counters.sent = 1'000;
    result.latency = spread(kMillisecond);
    result.latency->p99 = latency_ns;
    result.service_time = spread(kMillisecond);
    result.service_time->p99 = service_ns;
    return result;
}

// The send lags of so many messages that were blocked and then sent.
stats::HistogramSnapshot blocked_and_sent(std::uint64_t count) {
    stats::Histogram lags;
    lags.record_many(kMillisecond, count);
    return lags.snapshot();
}

stats::SloResult checked(std::string_view text, stats::SloStatus status, std::optional<double> value) {
    auto rule = stats::parse_slo(text);
    REQUIRE(rule.ok());
    return {.rule = std::move(*rule), .status = status, .value = value};
}

constexpr const char* kDiffer = "Latency is far above service time";

}  // namespace

TEST_CASE("text sections: each check is told with its status and what was measured", "[report][text]") {
    RunResult result;
    CHECK(slo_section(result).empty());
    result.slos = {checked("p99<50ms", stats::SloStatus::ok, 12.3456),
                   checked("error_rate<0.1%", stats::SloStatus::fail, 2.5),
                   checked("throughput@10s>5k/s", stats::SloStatus::fail, 4'321.7),
                   checked("service_mean<1s", stats::SloStatus::fail, std::nullopt)};
    result.slos[2].worst_at_s = 30.004;
    CHECK(slo_section(result) ==
          "\nChecks:\n"
          "  p99<50ms                 ok    12.35 ms\n"
          "  error_rate<0.1%          fail  2.5%\n"
          "  throughput@10s>5k/s      fail  4322/s, the worst window at 30 s\n"
          "  service_mean<1s          fail  no samples\n");
    result.aborted = "error_rate<0.1% at 3 s: 2.5%";
    CHECK_THAT(slo_section(result),
               Catch::EndsWith("\n  The run was ended early: error_rate<0.1% at 3 s: 2.5%\n"));
}

TEST_CASE("text sections: the service time stands beside the slow end of the latencies", "[report][text]") {
    CHECK(latency_section(RunResult{}).empty());
    CHECK(latency_section(with_p99(10 * kMillisecond, 9 * kMillisecond)) ==
          "\nLatency, the slow end:\n"
          "  P99.9: 15.00ms\n"
          "  Max: 20.00ms\n"
          "Service time (without the wait to be sent):\n"
          "  P50: 1.00ms\n"
          "  P99: 9.00ms\n"
          "  Max: 20.00ms\n");
}

TEST_CASE("text sections: latency far above service time is explained by messages that were blocked",
          "[report][text]") {
    RunResult result = with_p99(20 * kMillisecond, 2 * kMillisecond);
    result.totals.blocked_lag = blocked_and_sent(6);  // more than half of what a P99 is made of
    CHECK_THAT(
        latency_section(result),
        Contains("  Latency is far above service time: 6 of 1000 messages found no free place, or no "
                 "room, when\n  their turn came, and waited for the target;"));
    CHECK_THAT(latency_section(result), !Contains("the generator"));
    result.generator.status = stats::GeneratorStatus::saturated;
    CHECK_THAT(latency_section(result), Contains("because the generator\n  came late"));
}

TEST_CASE("text sections: without blocked messages it is the generator that was late", "[report][text]") {
    RunResult result = with_p99(20 * kMillisecond, 2 * kMillisecond);
    result.counters.blocked = 500;  // given up unsent: they are in no latency
    result.totals.blocked_lag = blocked_and_sent(5);
    CHECK_THAT(latency_section(result),
               Contains(kDiffer) && Contains("because the generator\n  came late"));
    CHECK_THAT(latency_section(result), !Contains("no free place"));
}

TEST_CASE("text sections: a small difference needs no words, in time or in proportion", "[report][text]") {
    const auto [latency_us, service_us, told] = GENERATE(table<TimeNs, TimeNs, bool>({
        {3'000, 1'900, true},
        {2'000, 1'000, false},  // 1 ms is not much
        {2'001, 1'000, true},
        {30'000, 20'000, false},  // half as much again is not much either
        {30'001, 20'000, true},
        {1'000, 30'000, false},
    }));
    CAPTURE(latency_us, service_us);
    const std::string shown =
        latency_section(with_p99(latency_us * kMicrosecond, service_us * kMicrosecond));
    CHECK((shown.find(kDiffer) != std::string::npos) == told);
}

TEST_CASE("text sections: of kernel timestamps it is told how much later user space was",
          "[report][text]") {
    RunResult result = with_p99(kMillisecond, kMillisecond);
    CHECK_THAT(latency_section(result), !Contains("Kernel"));
    result.stamps = stats::StampInfo{spread(10 * kMicrosecond), 17};
    CHECK_THAT(
        latency_section(result),
        Contains("Kernel timestamps: answers reached user space later by P50 0.01ms, P99 0.10ms, max "
                 "0.20ms\n  17 answers shared a receive with a later one"));
}

TEST_CASE("text sections: the warm-up is told apart from the figures", "[report][text]") {
    CHECK(warm_up_section(std::nullopt).empty());
    CHECK(warm_up_section(stats::WarmUp{1.5, 300, 290, 10}) ==
          "\nWarm-up: the first 1.5 s are in none of these figures (300 sent, 290 received, 10 lost)\n");
}

TEST_CASE("text sections: a fan-out says how many deliveries came of how many", "[report][text]") {
    CHECK(fan_out_section(std::nullopt).empty());
    stats::FanOut fan_out{.listeners = 50, .published = 40, .expected = 2'000, .delivered = 1'999};
    fan_out.duplicates = 3;
    fan_out.out_of_order = 4;
    fan_out.incomplete = 1;
    fan_out.latency = spread(kMillisecond);
    CHECK(fan_out_section(fan_out) ==
          "\nFan-out to 50 listeners:\n"
          "  Published: 40, expected deliveries: 2000, delivered: 1999, reach: 99.9500%\n"
          "  Duplicates: 3, out of order: 4, messages that did not come to all: 1\n"
          "  One-way latency: P50 1.00ms, P99 10.00ms, max 20.00ms\n"
          "  First to last delivery of a message: P50 n/a, P99 n/a, max n/a\n");
    CHECK_THAT(fan_out_section(stats::FanOut{.listeners = 1}), Contains("reach: n/a"));
}

TEST_CASE("text sections: connecting is told by the parts that were measured", "[report][text]") {
    RunResult result;
    CHECK(connection_section(result).empty());
    result.connect.tcp = spread(kMillisecond);
    result.connect.total = spread(2 * kMillisecond);
    result.tcp = stats::TcpSample{256, 9, 4, spread(50 * kMicrosecond)};
    CHECK(connection_section(result) ==
          "\nConnecting:\n"
          "  TCP:         P50 1.00ms, P99 10.00ms, max 20.00ms\n"
          "  Total:       P50 2.00ms, P99 20.00ms, max 40.00ms\n"
          "  TCP's own view of 256 of them: 9 segments sent again, 4 of them SYNs, round trip P50 0.05ms, "
          "P99 0.50ms, max 1.00ms\n");
}

TEST_CASE("text sections: what the block has no line for is told where there is any", "[report][text]") {
    RunResult result;
    CHECK(leftovers_section(result).empty());
    result.counters.due = 100;
    result.counters.unsent = 8;
    result.counters.sent = 92;
    result.counters.received = 80;
    result.counters.lost = 10;
    result.counters.blocked = 7;
    result.counters.censored = 9;
    result.counters.late = 1;
    result.counters.duplicates = 3;
    result.counters.out_of_order = 4;
    result.counters.unexpected = 5;
    const std::string shown = leftovers_section(result);
    for (const char* line : {"Unsent: 8 (of 100 due: ", "Blocked: 7 (", "In flight: 2 (", "Censored: 9 (",
                             "Late: 1 (", "Duplicates: 3 (", "Out of order: 4 (", "Unexpected: 5 ("}) {
        CHECK_THAT(shown, Contains("\n  " + std::string(line)));
    }
}

TEST_CASE("text sections: where no answer is awaited nothing is in flight", "[report][text]") {
    RunResult result;
    result.workload.match = "none";
    result.counters.sent = 9;
    CHECK_THAT(leftovers_section(result), Contains("\n  Not awaited: 9 (") && !Contains("In flight"));
}

TEST_CASE("text sections: closes are told by whom, when and what the code means", "[report][text]") {
    RunResult result;
    using stats::CloseBy;
    using stats::ClosePhase;
    result.closes[stats::CloseKey{1000, CloseBy::us, ClosePhase::open}.pack()] = 90;  // as it should be
    CHECK(leftovers_section(result).empty());
    result.closes[stats::CloseKey{1001, CloseBy::peer, ClosePhase::hold}.pack()] = 1;
    result.closes[stats::CloseKey{1011, CloseBy::peer, ClosePhase::setup}.pack()] = 2;
    result.closes[stats::CloseKey{4000, CloseBy::us, ClosePhase::open}.pack()] = 3;
    CHECK(leftovers_section(result) ==
          "\nBesides:\n"
          "  Closed by the server with 1001, while held: 1 (going away)\n"
          "  Closed by the server with 1011, before the first message: 2 (an error in the server)\n"
          "  Closed by us with 4000, in the run: 3 (its close code)\n");
}

TEST_CASE("text sections: the generator tells what took its time, where anything did", "[report][text]") {
    stats::GeneratorHealth health;
    health.steal = 0.0005;
    CHECK_THAT(generator_section(health), !Contains("stolen") && !Contains("exhausted"));
    health.steal = 0.034;
    health.buffers_exhausted = 12;
    health.involuntary_switches = 77;
    health.loop_lag = spread(kMicrosecond * 500);
    const std::string shown = generator_section(health);
    CHECK_THAT(shown, Contains("\n  Loop lag P99: 5.00ms\n"));
    CHECK_THAT(shown, Contains("\n  Receive buffers exhausted: 12 times\n"));
    CHECK_THAT(shown, Contains("\n  CPU time stolen by the hypervisor: 3.4 %\n"));
    CHECK_THAT(shown, Contains(" system, 77 times preempted\n"));
}

}  // namespace wsblast::report
