#include "report/artillery_text.hpp"

#include <cmath>
#include <cstdlib>
#include <set>
#include <string_view>

#include "report/artillery_values.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using text::format;

constexpr std::size_t kNameColumns = 79;  // of a name and its dots

enum class Paint { green = 32, red = 31, grey = 90 };

std::string painted(std::string_view text, Paint paint, Colour colour) {
    if (colour == Colour::off) return std::string(text);
    return format("\x1b[{}m{}\x1b[39m", static_cast<int>(paint), text);
}

// "10:20:30(+0100)".
std::string time_of_day(std::int64_t unix_ms, std::int32_t utc_offset_s) {
    constexpr std::int64_t kDay = 86'400;
    const std::int64_t local_s = unix_ms / 1000 + utc_offset_s;
    const std::int64_t second = (local_s % kDay + kDay) % kDay;
    const int offset_min = std::abs(utc_offset_s) / 60;
    return format("{:02}:{:02}:{:02}({}{:02}{:02})", second / 3600, second / 60 % 60, second % 60,
                  utc_offset_s < 0 ? '-' : '+', offset_min / 60, offset_min % 60);
}

std::string line(std::string name, std::string_view value, Colour colour) {
    if (name.size() > kNameColumns) name = name.substr(0, kNameColumns - 3) + "...";
    const std::string dots(kNameColumns - name.size(), '.');
    return format("{} {} {}\n", name, painted(dots, Paint::grey, colour), value);
}

std::string number(double value) {
    return format("{}", rounded(value));
}

std::string summary_lines(const std::string& name, const stats::MetricSummary& summary, Colour colour) {
    return name + ":\n" + line("  min:", number(summary.min), colour) +
           line("  max:", number(summary.max), colour) + line("  mean:", number(summary.mean), colour) +
           line("  median:", number(summary.p50), colour) + line("  p95:", number(summary.p95), colour) +
           line("  p99:", number(summary.p99), colour);
}

std::string metric_lines(const stats::MetricWindow& window, Colour colour) {
    std::set<std::string_view> names;
    for (const auto& [name, value] : window.counters) names.insert(name);
    for (const auto& [name, value] : window.rates) names.insert(name);
    for (const auto& [name, value] : window.summaries) names.insert(name);
    if (names.empty()) return "No measurements recorded during this period\n";
    std::string lines;
    for (const std::string_view view : names) {
        const std::string name(view);
        if (const auto counter = window.counters.find(name); counter != window.counters.end())
            lines += line(name + ":", format("{}", counter->second), colour);
        if (const auto summary = window.summaries.find(name); summary != window.summaries.end())
            lines += summary_lines(name, summary->second, colour);
        if (const auto rate = window.rates.find(name); rate != window.rates.end())
            lines += line(name + ":", number(rate->second) + "/sec", colour);
    }
    return lines;
}

}  // namespace

std::string period_text(const stats::MetricWindow& window, const SummaryStyle& style) {
    constexpr std::int64_t kPeriodMs = 10'000;
    const std::string title =
        "Metrics for period to: " + time_of_day(window.period_ms + kPeriodMs, style.utc_offset_s);
    const std::string rule(title.size(), '-');
    const double width_s = static_cast<double>(last_metric_ms(window) - first_metric_ms(window)) / 1000;
    const std::string width = painted(format("(width: {}s)", width_s), Paint::grey, style.colour);
    return format("{}\n{} {}\n{}\n\n{}\n\n", rule, title, width, rule, metric_lines(window, style.colour));
}

namespace {

std::uint64_t count_of(const stats::MetricWindow& window, const std::string& name) {
    const auto found = window.counters.find(name);
    return found == window.counters.end() ? 0 : found->second;
}

// Artillery's words, where they are true.
std::string ending_text(const stats::MetricWindow& total, RunEnding ending) {
    if (ending == RunEnding::natural) return "All VUs finished.";
    return format("Interrupted: {} VUs had not finished (vusers.interrupted).",
                  count_of(total, "vusers.interrupted"));
}

}  // namespace

std::string summary_text(const stats::MetricWindow& total, const RunEnd& end, const SummaryStyle& style) {
    const std::string title = "Summary report @ " + time_of_day(end.at_ms, style.utc_offset_s);
    const std::string rule(title.size(), '-');
    return format("{} Total time: {}\n\n{}\n{}\n{}\n\n{}", ending_text(total, end.ending),
                  long_duration(end.duration_s), rule, title, rule, metric_lines(total, style.colour));
}

std::string checks_text(const std::vector<stats::EnsureCheck>& checks, Colour colour) {
    using Outcome = stats::EnsureCheck::Outcome;
    if (checks.empty()) return "";
    std::string held;
    std::string failed;
    for (const stats::EnsureCheck& check : checks) {
        const std::string why = check.why.empty() ? "" : format(" ({})", check.why);
        switch (check.outcome) {
            case Outcome::ok:
                held += format("{}: {}\n", painted("ok", Paint::green, colour), check.text);
                break;
            case Outcome::failed:
                failed += format("{}: {}{}\n", painted("fail", Paint::red, colour), check.text, why);
                break;
            case Outcome::failed_optional:
                failed +=
                    format("{}: {} (optional){}\n", painted("fail", Paint::red, colour), check.text, why);
                break;
        }
    }
    return "\nChecks:\n" + held + failed;
}

std::string long_duration(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::floor(std::fmax(0, seconds)));
    const auto part = [](std::uint64_t count, std::string_view unit) {
        return format("{} {}{}", count, unit, count == 1 ? "" : "s");
    };
    std::string text;
    if (whole >= 86'400) text += part(whole / 86'400, "day") + ", ";
    if (whole >= 3600) text += part(whole / 3600 % 24, "hour") + ", ";
    if (whole >= 60) text += part(whole / 60 % 60, "minute") + ", ";
    return text + part(whole % 60, "second");
}

}  // namespace wsblast::report
