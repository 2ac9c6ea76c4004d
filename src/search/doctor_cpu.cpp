#include "search/doctor_cpu.hpp"

#include <set>

#include "search/doctor_rows.hpp"

namespace wsblast::search {

LimitCheck cpu_quota_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "cpu_quota", .name = "CPU quota"};
    const auto& quota = facts.processors.quota;
    put_needed(row, facts.cores);
    row.arithmetic = "a thread a core, pinned; the control groups grant CPU time by the period";
    if (!quota) {
        row.here = "none";
        return row;
    }
    row.here = text::format("{:g} CPUs", *quota);
    row.here_value = *quota;
    if (*quota >= facts.cores) return row;
    row.status = LimitStatus::warn;
    row.why =
        "when it is used up all threads stand still until the next period: the generator's own stalls";
    const auto whole = static_cast<std::uint64_t>(std::max(1.0, std::floor(*quota)));
    row.remedy = text::format("--cores {}, or a higher quota of the container (cpu.max)", whole);
    return row;
}

LimitCheck governor_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "governor", .name = "frequency governor"};
    const auto& governors = facts.processors.governors;
    if (governors.empty()) {
        row.here = "none";
        row.arithmetic = facts.processors.machine == host::Machine::virtual_machine
                             ? "a virtual machine: the frequency is its host's affair"
                             : "this kernel has no cpufreq for these CPUs";
        return row;
    }
    for (const std::string& governor : governors) row.here += (row.here.empty() ? "" : ", ") + governor;
    row.needed = "performance";
    row.arithmetic = "scaling_governor of the CPUs that this process may use";
    if (governors.size() == 1 && governors.front() == row.needed) return row;
    row.status = LimitStatus::warn;
    row.why = "a core that has slept starts slowly: latencies at low load are too long, and spread";
    row.remedy = "sudo cpupower frequency-set -g performance";
    return row;
}

LimitCheck steal_row(const DoctorFacts& facts) {
    constexpr double kShareMax = 0.01;
    LimitCheck row{.id = "steal", .name = "CPU time stolen"};
    const auto& steal = facts.processors.steal;
    if (!steal) return unknown(row, "/proc/stat");
    row.here = text::format("{:.2f} %", 100 * *steal);
    row.here_value = *steal;
    row.needed = "1 % at most";
    row.needed_value = kShareMax;
    row.arithmetic = "the hypervisor's share of the CPU time since boot";
    if (*steal <= kShareMax) return row;
    row.status = LimitStatus::warn;
    row.why =
        "other machines on the same host take turns with this one: times measured here have their "
        "stalls in them";
    row.remedy = "a machine with CPUs of its own; the report of a run says what was stolen during it";
    return row;
}

LimitCheck numa_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "numa", .name = "NUMA nodes"};
    const auto& nodes = facts.processors.node_of_cpu;
    if (nodes.empty()) {
        row.here = "none";
        row.arithmetic = "this kernel has no nodes";
        return row;
    }
    const std::size_t used = std::min<std::size_t>(facts.cores, nodes.size());
    const std::set<std::uint32_t> distinct(nodes.begin(),
                                           nodes.begin() + static_cast<std::ptrdiff_t>(used));
    put_here(row, distinct.size());
    row.arithmetic = text::format("of the {} CPUs that a run takes", used);
    if (distinct.size() <= 1) return row;
    row.status = LimitStatus::warn;
    row.why = "packets come in on one node and are read on another: CPU time a message differs by the core";
    row.remedy = text::format(
        "numactl --cpunodebind={0} --membind={0} wsblast ...: the node of the "
        "network card",
        *distinct.begin());
    return row;
}

}  // namespace wsblast::search
