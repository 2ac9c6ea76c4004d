#include "stats/verdict.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace wsblast::stats {

namespace {

constexpr auto kHealthy = VerdictStatus::healthy;
constexpr auto kWarning = VerdictStatus::warning;
constexpr auto kCritical = VerdictStatus::critical;

// Healthy in every row.
VerdictInput healthy_input() {
    VerdictInput input;
    input.attempted = input.successful = 100'000;
    input.due = input.sent = 900'000;
    input.offered_per_s = 5'000;
    input.received_per_s = 5'000;
    input.latency = Summary{.count = 1, .p50 = kMillisecond, .p95 = kMillisecond, .p99 = kMillisecond};
    return input;
}

const Check& row(const Verdict& verdict, std::string_view metric) {
    for (const Check& check : verdict.checks) {
        if (check.metric == metric) return check;
    }
    FAIL("no row " << std::string(metric));
    return verdict.checks.front();
}

struct Bound {
    double value;
    VerdictStatus status;
};

}  // namespace

TEST_CASE("verdict: all rows healthy is healthy", "[stats][verdict]") {
    const Verdict verdict = judge(healthy_input());
    REQUIRE(verdict.status == kHealthy);
    REQUIRE(verdict.checks.size() == 6);
    for (const Check& check : verdict.checks) REQUIRE(check.status == kHealthy);
}

TEST_CASE("verdict: connection success rate at each bound", "[stats][verdict]") {
    const auto bound = GENERATE(Bound{99'001, kHealthy}, Bound{99'000, kWarning}, Bound{98'999, kWarning},
                                Bound{95'001, kWarning}, Bound{95'000, kWarning}, Bound{94'999, kCritical});
    VerdictInput input = healthy_input();
    input.successful = static_cast<std::uint64_t>(bound.value);
    CAPTURE(bound.value);
    REQUIRE(row(judge(input), "connection_success_rate").status == bound.status);
}

TEST_CASE("verdict: message throughput at each bound", "[stats][verdict]") {
    const auto bound = GENERATE(Bound{1000.01, kHealthy}, Bound{1000, kWarning}, Bound{999.99, kWarning},
                                Bound{500.01, kWarning}, Bound{500, kWarning}, Bound{499.99, kCritical});
    VerdictInput input = healthy_input();
    input.received_per_s = bound.value;
    CAPTURE(bound.value);
    REQUIRE(row(judge(input), "message_throughput").status == bound.status);
}

TEST_CASE("verdict: latencies at each bound", "[stats][verdict]") {
    struct Band {
        std::string_view metric;
        TimeNs Summary::*field;
        TimeNs healthy_ns;
        TimeNs critical_ns;
    };
    const auto band = GENERATE(Band{"p50_latency", &Summary::p50, 20 * kMillisecond, 100 * kMillisecond},
                               Band{"p95_latency", &Summary::p95, 50 * kMillisecond, 200 * kMillisecond},
                               Band{"p99_latency", &Summary::p99, 100 * kMillisecond, 500 * kMillisecond});
    const auto status_at = [&](TimeNs value_ns) {
        VerdictInput input = healthy_input();
        (*input.latency).*band.field = value_ns;
        const Verdict verdict = judge(input);
        REQUIRE(verdict.status == row(verdict, band.metric).status);
        return *verdict.status;
    };
    CAPTURE(std::string(band.metric));
    REQUIRE(status_at(band.healthy_ns - 1) == kHealthy);
    REQUIRE(status_at(band.healthy_ns) == kWarning);
    REQUIRE(status_at(band.healthy_ns + 1) == kWarning);
    REQUIRE(status_at(band.critical_ns - 1) == kWarning);
    REQUIRE(status_at(band.critical_ns) == kWarning);
    REQUIRE(status_at(band.critical_ns + 1) == kCritical);
}

TEST_CASE("verdict: error rate at each bound, over connections and messages", "[stats][verdict]") {
    // Of 100,000 connections and 900,000 messages.
    const auto bound = GENERATE(Bound{999, kHealthy}, Bound{1'000, kWarning}, Bound{1'001, kWarning},
                                Bound{49'999, kWarning}, Bound{50'000, kWarning}, Bound{50'001, kCritical});
    VerdictInput input = healthy_input();
    input.failed = 10;
    input.protocol_errors = 20;
    input.lost = static_cast<std::uint64_t>(bound.value) - 30;
    CAPTURE(bound.value);
    REQUIRE(row(judge(input), "error_rate").status == bound.status);
}

TEST_CASE("verdict: the worst row that counts decides", "[stats][verdict]") {
    VerdictInput input = healthy_input();
    input.latency->p50 = 70 * kMillisecond;
    REQUIRE(judge(input).status == kWarning);
    input.latency->p99 = 501 * kMillisecond;
    REQUIRE(judge(input).status == kCritical);
}

TEST_CASE("verdict: rows without samples take no part", "[stats][verdict]") {
    VerdictInput input = healthy_input();
    input.latency.reset();
    input.received_per_s.reset();
    const Verdict verdict = judge(input);
    REQUIRE(verdict.status == kHealthy);
    for (const auto metric : {"message_throughput", "p50_latency", "p95_latency", "p99_latency"}) {
        const Check& check = row(verdict, metric);
        REQUIRE_FALSE(check.value.has_value());
        REQUIRE_FALSE(check.status.has_value());
        REQUIRE(check.why_not == "no samples");
    }
}

TEST_CASE("verdict: throughput counts only where more than 1000/s were offered", "[stats][verdict]") {
    VerdictInput input = healthy_input();
    input.received_per_s = 100;
    input.offered_per_s = 1'000;
    const Verdict verdict = judge(input);
    REQUIRE(verdict.status == kHealthy);
    REQUIRE(row(verdict, "message_throughput").value == 100.0);
    REQUIRE(row(verdict, "message_throughput").why_not == "only 1000/s were offered");
    input.offered_per_s = 1'000.5;
    REQUIRE(judge(input).status == kCritical);
}

TEST_CASE("verdict: throughput does not count for a closed loop of fewer than 1000 messages",
          "[stats][verdict]") {
    VerdictInput input = healthy_input();
    input.received_per_s = 100;
    input.loop = Loop::closed;
    input.due = 999;
    REQUIRE(judge(input).status == kHealthy);
    REQUIRE(row(judge(input), "message_throughput").why_not == "a closed loop of only 999 messages");
    input.due = 1'000;
    REQUIRE(judge(input).status == kCritical);
    input.loop = Loop::open;
    input.due = 999;
    REQUIRE(judge(input).status == kCritical);
}

TEST_CASE("verdict: there is none when no connection succeeded", "[stats][verdict]") {
    VerdictInput input;
    input.attempted = input.failed = 100;
    REQUIRE_FALSE(judge(input).status.has_value());
    REQUIRE(judge(input).checks.empty());
}

}  // namespace wsblast::stats
