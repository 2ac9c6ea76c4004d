#include "report/message_report.hpp"

#include <cstdint>
#include <optional>

#include "base/units.hpp"
#include "report/text_values.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using stats::Summary;
using text::format;

std::optional<double> ratio_of(std::uint64_t compressed, std::uint64_t plain) {
    if (plain == 0) return std::nullopt;
    return static_cast<double>(compressed) / static_cast<double>(plain);
}

std::string deflated_text(std::uint64_t compressed, std::uint64_t plain) {
    const auto ratio = ratio_of(compressed, plain);
    if (!ratio) return "nothing compressed";
    return format("{} bytes as {} ({:.1f} %)", with_thousands(plain), with_thousands(compressed),
                  100 * *ratio);
}

Json bytes_json(std::uint64_t compressed, std::uint64_t plain) {
    return {{"plain_bytes", plain},
            {"compressed_bytes", compressed},
            {"ratio", or_null(ratio_of(compressed, plain))}};
}

}  // namespace

std::string compression_section(const stats::RunResult& result) {
    if (result.workload.extension_offer.empty()) return "";
    const stats::CounterValues& counters = result.counters;
    std::string shown = format("\nCompression, agreed on by {} of {} connections:\n",
                               counters.compressed_connections, counters.successful);
    shown += format("  Offered: {}\n", result.workload.extension_offer);
    if (counters.compressed_connections == 0) return shown;
    shown += format("  Messages sent: {}\n", deflated_text(counters.deflated_to, counters.deflated_from));
    return shown +
           format("  Messages received: {}\n", deflated_text(counters.inflated_from, counters.inflated_to));
}

Json compression_json(const stats::RunResult& result) {
    if (result.workload.extension_offer.empty()) return nullptr;
    const stats::CounterValues& counters = result.counters;
    return {{"offered", result.workload.extension_offer},
            {"connections", counters.compressed_connections},
            {"sent", bytes_json(counters.deflated_to, counters.deflated_from)},
            {"received", bytes_json(counters.inflated_from, counters.inflated_to)}};
}

std::string ping_section(const stats::RunResult& result) {
    if (!result.workload.ping_interval_s) return "";
    const std::optional<Summary> rtt = result.totals.ping_rtt.summarize();
    return format("\nPings: {} sent, {} answered, round trip P50 {}, P99 {}, max {}\n",
                  result.counters.pings_sent, result.counters.pings_answered, ms(rtt, &Summary::p50),
                  ms(rtt, &Summary::p99), ms(rtt, &Summary::max));
}

Json ping_json(const stats::RunResult& result) {
    if (!result.workload.ping_interval_s) return nullptr;
    return {{"interval_s", *result.workload.ping_interval_s},
            {"sent", result.counters.pings_sent},
            {"answered", result.counters.pings_answered},
            {"rtt_us", summary_us(result.totals.ping_rtt.summarize())}};
}

}  // namespace wsblast::report
