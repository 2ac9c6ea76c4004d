#include <cstdint>

#include "report/backend_text.hpp"
#include "report/capacity_report.hpp"
#include "report/text_values.hpp"
#include "report/tls_report.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using stats::CapacityResult;
using stats::Plateau;
using stats::Summary;
using text::format;

std::string rate(double per_s) {
    return format("{} connections/s", with_thousands(static_cast<std::uint64_t>(per_s + 0.5)));
}

std::string seconds(const std::optional<double>& value) {
    return value ? format("{:.2f} s", *value) : "never";
}

// "p50/p99" of a table's cell.
std::string pair_ms(const std::optional<Summary>& summary) {
    if (!summary) return "-";
    const auto in_ms = [](TimeNs time_ns) {
        return static_cast<double>(time_ns) / static_cast<double>(kMillisecond);
    };
    return format("{:.2f}/{:.2f}", in_ms(summary->p50), in_ms(summary->p99));
}

std::string or_dash(const std::optional<double>& value) {
    return value ? format("{:.1f}", *value) : "-";
}

std::string owner_words(stats::LimitOwner owner) {
    switch (owner) {
        case stats::LimitOwner::process: return "of this process";
        case stats::LimitOwner::host: return "of this host";
        case stats::LimitOwner::path: return "of the path";
        case stats::LimitOwner::target: return "of the target";
    }
    return "";
}

std::string limit_lines(const stats::Limit& limit) {
    const stats::LimitInfo& known = stats::info(limit.kind);
    std::string lines = format("{} [{}, {}], at {} connections\n", known.label, known.name,
                               owner_words(known.owner), with_thousands(limit.count));
    for (const std::string& line : limit.evidence) lines += format("  {}\n", printable(line));
    return lines + format("  remedy: {}\n", known.remedy);
}

std::string head(const CapacityResult& result) {
    std::string shown = std::string(kRule) + "WEBSOCKET CAPACITY\n" + std::string(kRule);
    std::string urls;
    for (const std::string& url : result.target.urls) urls += " " + url;
    shown += format("Held: {} of {} connections to{}\n", with_thousands(result.held),
                    with_thousands(result.wanted), urls);
    switch (result.ending) {
        case stats::CapacityEnding::held: shown += "Limit: none up to there\n"; break;
        case stats::CapacityEnding::limit:
        case stats::CapacityEnding::unsteady:
            shown += "Limit: " + (result.limit ? limit_lines(*result.limit) : std::string("not known\n"));
            break;
        case stats::CapacityEnding::interrupted: shown += "Limit: not known, interrupted\n"; break;
    }
    return shown;
}

std::string pace_words(stats::Pacemaker pacemaker) {
    switch (pacemaker) {
        case stats::Pacemaker::asked: return "as --connect-rate asked";
        case stats::Pacemaker::generator: return "this process took no more";
        case stats::Pacemaker::target: return "the target took no more";
        case stats::Pacemaker::path: return "the path, or the target's listen queue, took no more";
    }
    return "";
}

std::string pace(const std::optional<stats::Pace>& found) {
    if (!found) return "";
    std::string lines =
        format("Pace: {}, {}\n", rate(found->connections_per_s), pace_words(found->pacemaker));
    for (const std::string& line : found->evidence) lines += format("  {}\n", line);
    return lines;
}

std::string plateau_line(const Plateau& plateau) {
    std::string answers = "-";
    std::string answered_in = "-";
    if (plateau.probe) {
        answers = format("{}/{}", plateau.probe->answered, plateau.probe->asked);
        answered_in = pair_ms(plateau.probe->latency);
    }
    return format(
        "{:>11} {:>10} {:>7} {:>15} {:>15} {:>6} {:>6} {:>12} {:>13}\n", with_thousands(plateau.open),
        with_thousands(static_cast<std::uint64_t>(plateau.connections_per_s + 0.5)),
        with_thousands(plateau.failed + plateau.lost), pair_ms(plateau.tcp), pair_ms(plateau.upgrade),
        or_dash(plateau.own_cpu_us), or_dash(plateau.target_cpu_us), answers, answered_in);
}

std::string plateaus(const std::vector<Plateau>& all) {
    if (all.empty()) return "";
    std::string lines = "\nPlateaus (times in ms: P50/P99; CPU in us for each connection):\n";
    lines += format("{:>11} {:>10} {:>7} {:>15} {:>15} {:>6} {:>6} {:>12} {:>13}\n", "open", "new/s",
                    "failed", "TCP", "upgrade", "CPU", "target", "answers", "answered in");
    for (const Plateau& plateau : all) lines += plateau_line(plateau);
    return lines;
}

std::string memory(const CapacityResult& result) {
    const stats::BytesEach& each = result.bytes_each;
    if (!each.own) return "\nMemory of a connection: too few connections to tell\n";
    std::string lines = format("\nMemory of a connection: {} of this process", bytes_text(*each.own));
    if (each.kernel) lines += format(", {} of the kernel", bytes_text(*each.kernel));
    if (each.target) {
        lines += format(", {} of the target's process (the kernel's part is that of both ends)",
                        bytes_text(*each.target));
    }
    lines += "\n";
    const stats::MemoryUse& last = result.plateaus.back().memory;
    lines += format("  at the last plateau: {} of this process, {} of the kernel, {} in TCP's buffers",
                    bytes_text(static_cast<double>(last.own)), bytes_text(static_cast<double>(last.kernel)),
                    bytes_text(static_cast<double>(last.tcp)));
    if (last.target) lines += format(", {} of the target", bytes_text(static_cast<double>(*last.target)));
    lines += "\n";
    if (result.caches.empty()) return lines;
    lines += "  the kernel's caches that grew:";
    const char* between = " ";
    for (const stats::CacheGrowth& cache : result.caches) {
        lines += format("{}{} {}", between, cache.name, bytes_text(static_cast<double>(cache.bytes)));
        between = ", ";
    }
    return lines + "\n";
}

std::string hold(const std::optional<stats::Hold>& held) {
    if (!held) return "";
    std::string lines = format("\nHeld for {:.1f} s: {} open at its start, {} at its end, {} lost\n",
                               held->seconds, with_thousands(held->open_at_start),
                               with_thousands(held->open_at_end), with_thousands(held->lost));
    lines += format("  {} of {} answers in {} probes", with_thousands(held->answered),
                    with_thousands(held->asked), held->probes);
    if (held->worst_p99_ns) {
        lines += format(", worst P99 {}", ms(static_cast<double>(*held->worst_p99_ns)));
    }
    lines += "\n";
    if (held->churn_per_s > 0) {
        constexpr double kPercent = 100;
        lines += format("  churn {:.2f} %/s: {} closed, {} came back, {} attempts failed\n",
                        kPercent * held->churn_per_s, with_thousands(held->churned),
                        with_thousands(held->reopened), with_thousands(held->reopen_failures));
    }
    return lines;
}

std::string storm(const std::optional<stats::StormResult>& found) {
    if (!found) return "";
    std::string lines = format("\nStorm: {} connections dropped at once, reconnect {}\n",
                               with_thousands(found->dropped), found->policy);
    lines += format("  back: half after {}, 99 % after {}, all after {}", seconds(found->half_s),
                    seconds(found->most_s), seconds(found->all_s));
    if (found->back < found->dropped) {
        lines += format(" ({} of them in {:.1f} s)", with_thousands(found->back), found->waited_s);
    }
    lines += format("\n  at most {} handshakes at a time, {} attempts failed",
                    with_thousands(found->opening_peak), with_thousands(found->failures));
    if (found->connections_per_s) lines += ", " + rate(*found->connections_per_s);
    lines += "\n";
    if (found->connect) {
        lines += format("  SYN to upgrade: P50 {}, P99 {}, max {}\n", ms(found->connect, &Summary::p50),
                        ms(found->connect, &Summary::p99), ms(found->connect, &Summary::max));
    }
    return lines;
}

std::string findings(const std::vector<stats::Limit>& others) {
    if (others.empty()) return "";
    std::string lines = "\nAlso seen:\n";
    for (const stats::Limit& limit : others) lines += limit_lines(limit);
    return lines;
}

// What the backend used on the way to each plateau; of the last one the whole.
std::string backend(const CapacityResult& result) {
    if (result.target_process.empty()) return "";
    std::string lines = format("\nTarget's process: {}\n", result.target_process);
    if (result.plateaus.empty()) return lines;
    if (result.plateaus.back().backend.presence == stats::BackendPresence::unwatched) return lines;
    for (std::size_t i = 0; i + 1 < result.plateaus.size(); ++i) {
        const Plateau& plateau = result.plateaus[i];
        lines += format("{:>11}: {}\n", with_thousands(plateau.open), backend_line(plateau.backend));
    }
    return lines + backend_section(result.plateaus.back().backend);
}

std::string warnings(const CapacityResult& result) {
    if (result.warnings.empty()) return "";
    std::string lines = "\nWarnings:\n";
    for (const std::string& warning : result.warnings) lines += format("  {}\n", warning);
    return lines;
}

}  // namespace

std::string capacity_text(const CapacityResult& result) {
    return head(result) + pace(result.pace) + std::string(kRule) + plateaus(result.plateaus) +
           memory(result) + hold(result.hold) + storm(result.storm) + findings(result.findings) +
           tls_section(result.tls) + backend(result) + warnings(result);
}

}  // namespace wsblast::report
