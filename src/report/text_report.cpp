#include "report/text_report.hpp"

#include <optional>
#include <string_view>

#include "base/units.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using stats::Summary;
using text::format;

constexpr std::string_view kRule = "========================================\n";

double to_ms(double time_ns) {
    return time_ns / static_cast<double>(kMillisecond);
}

std::string ms(double time_ns) {
    return format("{:.2f}ms", to_ms(time_ns));
}

// Of one field of a summary; "n/a" without samples.
template <class Field>
std::string ms(const std::optional<Summary>& summary, Field Summary::*field) {
    return summary ? ms(static_cast<double>((*summary).*field)) : "n/a";
}

std::string success_rate(const stats::CounterValues& counters) {
    if (counters.attempted == 0) return "n/a";
    const double successful = static_cast<double>(counters.successful);
    return format("{:.2f}%", 100.0 * successful / static_cast<double>(counters.attempted));
}

// What came from the server must not move the cursor.
std::string printable(std::string_view bytes) {
    std::string shown(bytes);
    for (char& byte : shown) {
        if (byte < ' ' || byte > '~') byte = '.';
    }
    return shown;
}

std::string coloured(stats::VerdictStatus status, Colour colour) {
    const std::string_view word = stats::to_text(status);
    if (colour == Colour::off) return std::string(word);
    std::string_view code;
    switch (status) {
        case stats::VerdictStatus::healthy: code = "32"; break;
        case stats::VerdictStatus::warning: code = "33"; break;
        case stats::VerdictStatus::critical: code = "31"; break;
    }
    return format("\033[{}m{}\033[0m", code, word);
}

std::string value_text(const stats::Check& check) {
    if (!check.value) return "n/a";
    const std::string_view space = check.unit == "/s" ? "" : " ";
    return format("{:.2f}{}{}", *check.value, space, check.unit);
}

std::string targets_table(const stats::Verdict& verdict, Colour colour) {
    if (!verdict.status) return "\nVerdict: none, no connection succeeded\n";
    std::string table = "\nPerformance targets:\n";
    for (const stats::Check& check : verdict.checks) {
        const std::string judged =
            check.status ? coloured(*check.status, colour) : format("not counted: {}", check.why_not);
        table += format("  {:<24}{:>14}   target {:<9}   {}\n", check.label, value_text(check),
                        check.target, judged);
    }
    return table + format("Verdict: {}\n", coloured(*verdict.status, colour));
}

std::string core_text(const stats::CoreUse& core) {
    std::string shown = format("cpu {} {:.0f} %", core.cpu, 100 * core.busy);
    if (core.waiting) shown += format(" (waiting for it {:.0f} %)", 100 * *core.waiting);
    return shown;
}

std::string generator_health(const stats::GeneratorHealth& generator) {
    std::string shown = format("\nGenerator: {}\n", stats::to_text(generator.status));
    for (const std::string& reason : generator.reasons) shown += format("  {}\n", reason);
    std::string cores;
    for (const stats::CoreUse& core : generator.cores)
        cores += (cores.empty() ? "" : ", ") + core_text(core);
    if (!cores.empty()) shown += format("  Cores busy: {}\n", cores);
    shown += format("  Send lag P99: {}\n", ms(generator.send_lag, &Summary::p99));
    shown += format("  Longest batch wait: {}\n", ms(static_cast<double>(generator.wait_max_ns)));
    if (generator.cq_overflow > 0)
        shown += format("  Completion queue overflows: {}\n", generator.cq_overflow);
    shown += format("  CPU: {:.2f}s user, {:.2f}s system\n", generator.cpu_user_s, generator.cpu_system_s);
    constexpr double kBytesPerMiB = kMiB;
    return shown +
           format("  Memory: {:.1f} MiB\n", static_cast<double>(generator.rss_bytes) / kBytesPerMiB);
}

std::string slow_end(const stats::RunResult& result) {
    if (!result.latency) return "";
    std::string shown = "\nLatency, the slow end:\n";
    shown += format("  P99.9: {}\n", ms(result.latency, &Summary::p99_9));
    shown += format("  Max: {}\n", ms(result.latency, &Summary::max));
    shown += format("Service time (without the wait to be sent):\n");
    shown += format("  P50: {}\n", ms(result.service_time, &Summary::p50));
    shown += format("  P99: {}\n", ms(result.service_time, &Summary::p99));
    return shown + format("  Max: {}\n", ms(result.service_time, &Summary::max));
}

std::string ramp_text(const std::optional<stats::Ramp>& ramp) {
    if (!ramp) return "";
    std::string shown = format("\nRamp: {:.0f} connections/s\n", ramp->connections_per_s);
    if (!ramp->cpu_us_first || !ramp->cpu_us_last) return shown;
    return shown + format("  CPU a connection: {:.1f}us in the first {}, {:.1f}us in the last\n",
                          *ramp->cpu_us_first, ramp->window, *ramp->cpu_us_last);
}

// RFC 6455 7.4.1, as far as a server's codes need words.
std::string_view close_meaning(std::uint16_t code) {
    if (code == 1005) return "a close frame without a code";
    if (code == 1006) return "no close frame, only the end of TCP";
    if (code == 1001) return "going away";
    if (code == 1011) return "an error in the server";
    if (code == 1013) return "try again later";
    return "its close code";
}

// What the block has no line for, where there is any of it.
std::string leftovers(const stats::RunResult& result) {
    const stats::CounterValues& counters = result.counters;
    std::string shown;
    const auto add = [&shown](std::string_view label, std::uint64_t count, std::string_view meaning) {
        if (count > 0) shown += format("  {}: {} ({})\n", label, count, meaning);
    };
    add("Unsent", counters.unsent,
        format("of {} due: their connection was lost, or the time was over", counters.due));
    add("In flight", stats::in_flight(counters), "sent, and neither answered nor lost");
    add("Late", counters.late, "answers after their timeout; the messages count as lost");
    add("Unexpected", counters.unexpected, "messages of the server that answer nothing");
    for (const auto& [key, count] : result.closes) {
        const stats::CloseKey close = stats::CloseKey::unpack(key);
        if (close.by == stats::CloseBy::peer) {
            add(format("Closed by the server with {}", close.code), count, close_meaning(close.code));
        }
    }
    return shown.empty() ? "" : "\nBesides:\n" + shown;
}

std::string refusals(const std::vector<stats::Excerpt>& excerpts) {
    if (excerpts.empty()) return "";
    std::string shown = "\nRefused upgrades, the first words of each kind:\n";
    for (const stats::Excerpt& excerpt : excerpts) {
        const std::string kind = excerpt.status == 0 ? "not HTTP" : format("HTTP {}", excerpt.status);
        shown += format("  {}: {}\n", kind, printable(excerpt.text));
    }
    return shown;
}

std::string warnings_text(const std::vector<std::string>& warnings) {
    std::string shown = warnings.empty() ? "" : "\n";
    for (const std::string& warning : warnings) shown += format("Warning: {}\n", warning);
    return shown;
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
    return targets_table(result.verdict, colour) + generator_health(result.generator) + slow_end(result) +
           ramp_text(result.ramp) + leftovers(result) + refusals(result.excerpts) +
           warnings_text(result.warnings);
}

std::string text_report(const stats::RunResult& result, Colour colour) {
    return result_block(result) + details(result, colour);
}

}  // namespace wsblast::report
