#include "report/backend_text.hpp"

#include <array>
#include <cmath>

#include "base/units.hpp"
#include "report/text_values.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using stats::BackendPresence;
using stats::BackendUse;
using text::format;

// So many, as a person counts: "9.5", "18,234".
std::string quantity_text(double value) {
    constexpr double kWhole = 100;
    constexpr double kCountable = 1e15;
    if (value >= kWhole && value < kCountable)
        return with_thousands(static_cast<std::uint64_t>(std::llround(value)));
    return format("{:.3g}", value);
}

std::string counted(std::uint64_t count, std::string_view what) {
    return format("{} {}{}", with_thousands(count), what, count == 1 ? "" : "s");
}

std::string files_text(const stats::BackendFiles& files) {
    if (files.fullest_limit == 0) return format("{} files", with_thousands(files.open));
    if (files.open == files.fullest_open) {
        return format("{} files of {}", with_thousands(files.open), with_thousands(files.fullest_limit));
    }
    return format("{} files (the fullest: {} of {})", with_thousands(files.open),
                  with_thousands(files.fullest_open), with_thousands(files.fullest_limit));
}

std::string threads_lines(const BackendUse& use) {
    std::string lines;
    for (const stats::BackendThread& thread : use.by_thread) {
        lines += format("  Thread {} ({}): cpu {:.2f} (user {:.2f}, system {:.2f})\n", thread.tid,
                        printable(thread.name), thread.user + thread.system, thread.user, thread.system);
    }
    return lines;
}

std::string cgroup_line(const std::optional<stats::BackendCgroup>& cgroup) {
    if (!cgroup) return "";
    std::vector<std::string> parts;
    if (cgroup->cpu) parts.push_back(format("cpu {:.2f}", *cgroup->cpu));
    if (cgroup->throttled)
        parts.push_back(format("its quota ran out in {:.0f} % of the periods", 100 * *cgroup->throttled));
    if (cgroup->memory_bytes) {
        std::string memory = "memory " + bytes_text(static_cast<double>(*cgroup->memory_bytes));
        if (cgroup->memory_max_bytes)
            memory += " of " + bytes_text(static_cast<double>(*cgroup->memory_max_bytes));
        parts.push_back(std::move(memory));
    }
    return parts.empty() ? "" : format("  Control group: {}\n", joined(parts));
}

std::string metric_line(const stats::BackendMetric& metric) {
    if (metric.name.empty()) return format("  Metrics: none: {}\n", printable(metric.gap));
    std::string line = format("  {}:", printable(metric.name));
    if (metric.value) line += " " + quantity_text(*metric.value);
    if (metric.rate_per_s) line += format(" ({}/s)", quantity_text(*metric.rate_per_s));
    if (!metric.gap.empty()) line += format(" ({})", printable(metric.gap));
    return line + "\n";
}

}  // namespace

std::string bytes_text(double bytes) {
    constexpr std::array<std::string_view, 4> kUnits{"KiB", "MiB", "GiB", "TiB"};
    constexpr double kStep = 1024;
    if (std::abs(bytes) < kStep) return format("{:.0f} B", bytes);
    std::size_t unit = 0;
    for (bytes /= kStep; std::abs(bytes) >= kStep && unit + 1 < kUnits.size(); ++unit) bytes /= kStep;
    return format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string backend_line(const BackendUse& use) {
    std::vector<std::string> parts;
    switch (use.presence) {
        case BackendPresence::unwatched: return use.why.empty() ? "not watched" : "not watched: " + use.why;
        case BackendPresence::gone: return "ended";
        case BackendPresence::partly_gone: parts.emplace_back("some of its processes ended"); break;
        case BackendPresence::alive: break;
    }
    if (const auto cpu = use.cpu()) {
        parts.push_back(
            format("cpu {:.2f} (user {:.2f}, system {:.2f})", *cpu, *use.cpu_user, *use.cpu_system));
    }
    if (use.rss_bytes) parts.push_back("rss " + bytes_text(static_cast<double>(*use.rss_bytes)));
    if (use.processes > 1) parts.push_back(format("{} processes", use.processes));
    if (use.threads) parts.push_back(counted(*use.threads, "thread"));
    if (use.files) parts.push_back(files_text(*use.files));
    if (use.voluntary_switches_per_s && use.involuntary_switches_per_s) {
        parts.push_back(quantity_text(*use.voluntary_switches_per_s + *use.involuntary_switches_per_s) +
                        " switches/s");
    }
    return joined(parts);
}

std::string backend_section(const BackendUse& use) {
    std::string section = format("\nBackend: {}\n", backend_line(use));
    section += threads_lines(use);
    section += cgroup_line(use.cgroup);
    for (const stats::BackendMetric& metric : use.metrics) section += metric_line(metric);
    return section;
}

}  // namespace wsblast::report
