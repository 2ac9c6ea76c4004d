#include "report/text_report.hpp"

#include <string_view>

#include "report/message_report.hpp"
#include "report/misbehaving_report.hpp"
#include "report/text_values.hpp"
#include "report/tls_report.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using stats::Summary;
using text::format;

std::string success_rate(const stats::CounterValues& counters) {
    if (counters.attempted == 0) return "n/a";
    const double successful = static_cast<double>(counters.successful);
    return format("{:.2f}%", 100.0 * successful / static_cast<double>(counters.attempted));
}

}  // namespace

std::string result_block(const stats::RunResult& result) {
    const stats::CounterValues& counters = result.counters;
    std::string block;
    block += kRule;
    block += "WEBSOCKET STRESS TEST RESULTS\n";
    block += kRule;
    block += format("Duration: {:.2f}s\n", result.duration_s);
    block += format("Connections attempted: {}\n", counters.attempted);
    block += format("Connections successful: {}\n", counters.successful);
    block += format("Connections failed: {}\n", counters.failed);
    block += format("Success rate: {}\n", success_rate(counters));
    block += format("Messages sent: {}\n", counters.sent);
    block += format("Messages received: {}\n", counters.received);
    block += format("Messages/sec: {:.2f}\n", stats::received_per_s(result).value_or(0));
    block += "\nLatency Statistics:\n";
    block += format("  Average: {}\n", ms(result.latency, &Summary::mean));
    block += format("  P50: {}\n", ms(result.latency, &Summary::p50));
    block += format("  P95: {}\n", ms(result.latency, &Summary::p95));
    block += format("  P99: {}\n", ms(result.latency, &Summary::p99));
    const std::vector<stats::ErrorCount> errors = stats::errors_by_count(counters);
    if (!errors.empty()) block += "\nErrors encountered:\n";
    for (const auto& [kind, count] : errors) block += format("  {}: {}\n", stats::info(kind).label, count);
    block += kRule;
    return block;
}

std::string details(const stats::RunResult& result, Colour colour) {
    return targets_section(result.verdict, colour) + slo_section(result) +
           generator_section(result.generator) + latency_section(result) + warm_up_section(result.warm_up) +
           fan_out_section(result.fan_out) + compression_section(result) + ping_section(result) +
           connection_section(result) + tls_section(result.tls) + ramp_section(result.ramp) +
           misbehaving_section(result.misbehaving) + leftovers_section(result) +
           proxy_section(result.proxy_answers) + refusals_section(result.excerpts) +
           warnings_section(result.warnings);
}

std::string text_report(const stats::RunResult& result, Colour colour) {
    return result_block(result) + details(result, colour);
}

}  // namespace wsblast::report
