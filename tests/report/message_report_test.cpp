#include "report/message_report.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::report;
using Catch::Matchers::Contains;

namespace {

stats::RunResult compressed_result() {
    stats::RunResult result;
    result.workload.extension_offer = "permessage-deflate; client_no_context_takeover";
    result.counters.successful = 10;
    result.counters.compressed_connections = 8;
    result.counters.deflated_from = 10'000;
    result.counters.deflated_to = 2'500;
    result.counters.inflated_from = 1'234'567;
    result.counters.inflated_to = 2'469'134;
    return result;
}

}  // namespace

TEST_CASE("message report: bytes before and after, of both directions", "[report][message_report]") {
    const std::string shown = compression_section(compressed_result());
    CHECK_THAT(shown, Contains("Compression, agreed on by 8 of 10 connections:\n"));
    CHECK_THAT(shown, Contains("  Offered: permessage-deflate; client_no_context_takeover\n"));
    CHECK_THAT(shown, Contains("  Messages sent: 10,000 bytes as 2,500 (25.0 %)\n"));
    CHECK_THAT(shown, Contains("  Messages received: 2,469,134 bytes as 1,234,567 (50.0 %)\n"));
    const Json json = compression_json(compressed_result());
    CHECK(json["connections"] == 8);
    CHECK(json["sent"]["plain_bytes"] == 10'000);
    CHECK(json["sent"]["compressed_bytes"] == 2'500);
    CHECK(json["sent"]["ratio"] == 0.25);
    CHECK(json["received"]["ratio"] == 0.5);
}

TEST_CASE("message report: where nobody agreed there is nothing to compare", "[report][message_report]") {
    stats::RunResult result = compressed_result();
    result.counters = {};
    CHECK_THAT(compression_section(result), Contains("by 0 of 0") && !Contains("sent"));
    CHECK(compression_json(result)["sent"]["ratio"].is_null());
}

TEST_CASE("message report: what was not asked for is not told", "[report][message_report]") {
    const stats::RunResult result;
    CHECK(compression_section(result).empty());
    CHECK(compression_json(result).is_null());
    CHECK(ping_section(result).empty());
    CHECK(ping_json(result).is_null());
}

TEST_CASE("message report: pings and their round trips", "[report][message_report]") {
    stats::RunResult result;
    result.workload.ping_interval_s = 0.5;
    result.counters.pings_sent = 12;
    CHECK_THAT(ping_section(result), Contains("Pings: 12 sent, 0 answered, round trip P50 n/a"));
    stats::Histogram rtt;
    rtt.record_many(2 * kMillisecond, 11);
    result.totals.ping_rtt.add(rtt.snapshot());
    result.counters.pings_answered = 11;
    CHECK_THAT(ping_section(result), Contains("12 sent, 11 answered, round trip P50 2.00ms"));
    const Json json = ping_json(result);
    CHECK(json["interval_s"] == 0.5);
    CHECK(json["answered"] == 11);
    CHECK(json["rtt_us"]["count"] == 11);
}
