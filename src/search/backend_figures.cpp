#include "search/backend_figures.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "text/format.hpp"

namespace wsblast::search {

namespace {

// A thread above this share of a core has no time left.
constexpr double kBusyThreadMin = 0.95;
// One that is as idle while a queue grows waits for something: in between, it may be either.
constexpr double kIdleThreadMax = 0.5;

std::optional<stats::MemoryAtConnections> memory_of(const stats::StepRow& row) {
    if (!row.backend || !row.backend->rss_bytes) return std::nullopt;
    return stats::MemoryAtConnections{static_cast<std::uint64_t>(row.load), row.backend->rss_bytes, {}};
}

}  // namespace

void add_backend_figures(stats::LoadSearch& search, stats::LoadAxis axis) {
    const stats::StepRow* best = nullptr;
    std::optional<stats::MemoryAtConnections> fewest;
    std::optional<stats::MemoryAtConnections> most;
    for (const stats::StepRow& row : search.steps) {
        const bool passed = row.verdict == stats::StepVerdict::pass;
        if (passed && row.backend && (best == nullptr || row.load >= best->load)) best = &row;
        const auto memory = memory_of(row);
        if (!memory) continue;
        if (!fewest || memory->connections < fewest->connections) fewest = memory;
        if (!most || memory->connections > most->connections) most = memory;
    }
    if (best != nullptr) {
        const double received = best->achieved_per_s * best->length_s;
        search.messages_per_cpu_s = stats::messages_per_cpu_second(
            static_cast<std::uint64_t>(std::llround(received)), *best->backend);
    }
    if (axis != stats::LoadAxis::connections || !fewest || !most) return;
    search.bytes_per_connection = stats::bytes_per_connection(*fewest, *most).process;
}

std::string cpu_evidence(const stats::StepRow& row) {
    if (!row.backend || !row.backend->cpu()) return "";
    const stats::BackendUse& use = *row.backend;
    const bool has_thread = !use.by_thread.empty();
    const double busiest = has_thread ? use.by_thread.front().user + use.by_thread.front().system : 0;
    if (busiest >= kBusyThreadMin) {
        return text::format("the backend's thread '{}' used {:.2f} of a core", use.by_thread.front().name,
                            busiest);
    }
    const std::string used =
        text::format("the backend used {:.2f} cores, its busiest thread {:.2f}", *use.cpu(), busiest);
    const bool idles = has_thread && busiest < kIdleThreadMax;
    if (row.cause != stats::StepCause::growth || !idles) return used;
    return used + ": it waited for something else than CPU";
}

}  // namespace wsblast::search
