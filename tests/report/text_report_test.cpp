#include "report/text_report.hpp"

#include <catch2/catch.hpp>

#include "tests/support/texts.hpp"

namespace wsblast::report {

namespace {

using stats::ErrorKind;
using stats::RunResult;
using test::contains;

RunResult measured() {
    RunResult result;
    result.duration_s = 15.2315;
    result.counters.attempted = 1000;
    result.counters.successful = 998;
    result.counters.failed = 2;
    result.counters.due = 9980;
    result.counters.sent = 9980;
    result.counters.received = 9980;
    result.counters.error(ErrorKind::connect_timeout) = 2;
    stats::Summary latency{.count = 9980, .mean = 12'340'000, .p50 = 10'000'000, .p95 = 25'000'000};
    latency.p99 = 45'000'000;
    latency.p99_9 = 60'000'000;
    latency.max = 75'500'000;
    result.latency = latency;
    result.service_time = latency;
    result.offered_per_s = 655;
    result.verdict = judge(verdict_input(result));
    return result;
}

}  // namespace

TEST_CASE("text report: the result block is exactly the specified one", "[report][text]") {
    REQUIRE(result_block(measured()) ==
            "========================================\n"
            "WEBSOCKET STRESS TEST RESULTS\n"
            "========================================\n"
            "Duration: 15.23s\n"
            "Connections attempted: 1000\n"
            "Connections successful: 998\n"
            "Connections failed: 2\n"
            "Success rate: 99.80%\n"
            "Messages sent: 9980\n"
            "Messages received: 9980\n"
            "Messages/sec: 655.22\n"
            "\n"
            "Latency Statistics:\n"
            "  Average: 12.34ms\n"
            "  P50: 10.00ms\n"
            "  P95: 25.00ms\n"
            "  P99: 45.00ms\n"
            "\n"
            "Errors encountered:\n"
            "  Connection timeout: 2\n"
            "========================================\n");
}

TEST_CASE("text report: errors come most frequent first, and only when there are any", "[report][text]") {
    RunResult result = measured();
    result.counters.error(ErrorKind::answer_timeout) = 30;
    REQUIRE(contains(result_block(result),
                     "\nErrors encountered:\n  Answer timeout: 30\n  Connection timeout: 2\n====="));
    result.counters.errors.fill(0);
    REQUIRE(contains(result_block(result), "  P99: 45.00ms\n========================================\n"));
}

TEST_CASE("text report: what has no samples is n/a", "[report][text]") {
    const std::string block = result_block(RunResult{});
    REQUIRE(contains(block, "Success rate: n/a\n"));
    REQUIRE(contains(block, "Messages/sec: 0.00\n"));
    REQUIRE(contains(block, "  Average: n/a\n  P50: n/a\n  P95: n/a\n  P99: n/a\n"));
    REQUIRE(contains(details(RunResult{}, Colour::off), "Verdict: none, no connection succeeded\n"));
}

TEST_CASE("text report: the targets follow the block, with the reason of a row that does not count",
          "[report][text]") {
    const std::string shown = details(measured(), Colour::off);
    REQUIRE(contains(shown, "  Connection success rate        99.80 %   target > 99 %      healthy\n"));
    REQUIRE(contains(shown,
                     "  Message throughput            655.22/s   target > 1000/s    "
                     "not counted: only 655/s were offered\n"));
    REQUIRE(contains(shown, "  Error rate                      0.02 %   target < 0.1 %     healthy\n"));
    REQUIRE(contains(shown, "\nVerdict: healthy\n"));
    REQUIRE(contains(shown, "  P99.9: 60.00ms\n  Max: 75.50ms\n"));
    REQUIRE(text_report(measured(), Colour::off) == result_block(measured()) + shown);
}

TEST_CASE("text report: only words of the verdict are coloured", "[report][text]") {
    RunResult result = measured();
    result.latency->p99 = 600 * kMillisecond;
    result.latency->p95 = 60 * kMillisecond;
    result.verdict = judge(verdict_input(result));
    const std::string shown = text_report(result, Colour::on);
    REQUIRE(contains(shown, "\033[32mhealthy\033[0m"));
    REQUIRE(contains(shown, "\033[33mwarning\033[0m"));
    REQUIRE(contains(shown, "Verdict: \033[31mcritical\033[0m\n"));
    REQUIRE_FALSE(contains(result_block(result), "\033"));
    REQUIRE_FALSE(contains(text_report(result, Colour::off), "\033"));
}

TEST_CASE("text report: the generator's health names its reasons and each core", "[report][text]") {
    RunResult result = measured();
    result.generator.status = stats::GeneratorStatus::saturated;
    result.generator.reasons = {"send lag P99 of 2.00ms while cpu 1 was busy 0.99"};
    result.generator.cores = {{0, 0.41, std::nullopt}, {1, 0.99, 0.07}};
    result.generator.wait_max_ns = 100 * kMicrosecond;
    result.generator.cq_overflow = 3;
    result.generator.rss_bytes = 3 * kMiB;
    result.ramp = stats::Ramp{25'000, 1'000, 9.5, 11.25};
    const std::string shown = details(result, Colour::off);
    REQUIRE(contains(shown, "\nGenerator: saturated: send lag P99 of 2.00ms while cpu 1 was busy 0.99\n"));
    REQUIRE(contains(shown, "  Cores busy: cpu 0 41 %, cpu 1 99 % (waiting for it 7 %)\n"));
    REQUIRE(contains(shown, "  Longest batch wait: 0.10ms\n"));
    REQUIRE(contains(shown, "  Completion queue overflows: 3\n"));
    REQUIRE(contains(shown, "  Memory: 3.0 MiB\n"));
    REQUIRE(contains(shown, "\nRamp: 25000 connections/s\n"));
    REQUIRE(contains(shown, "  CPU a connection: 9.5us in the first 1000, 11.2us in the last\n"));
}

TEST_CASE("text report: words of the server cannot move the cursor", "[report][text]") {
    RunResult result = measured();
    result.excerpts = {{503, "busy\033[2J\nnow\xff"}, {0, "SSH-2.0"}};
    result.warnings = {"an IPv6 plan is too small"};
    const std::string shown = details(result, Colour::off);
    REQUIRE(contains(shown, "  HTTP 503: busy.[2J.now.\n  not HTTP: SSH-2.0\n"));
    REQUIRE(contains(shown, "\nWarning: an IPv6 plan is too small\n"));
}

}  // namespace wsblast::report
