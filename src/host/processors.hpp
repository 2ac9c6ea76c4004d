// How the processors of this machine are run: quota, frequency governor, steal, NUMA nodes. Any thread; not
// for the hot path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/sysctls.hpp"

namespace wsblast::host {

enum class Machine : std::uint8_t { physical, virtual_machine };

struct Processors {
    std::vector<std::uint32_t> usable{};  // what this process may use (host/cpus.hpp)
    Machine machine = Machine::physical;
    std::optional<double> quota{};             // CPUs' worth of time, of control groups of both versions
    std::vector<std::string> governors{};      // of the usable CPUs, each once; empty where there is none
    std::optional<double> steal{};             // share of the CPU time since boot
    std::vector<std::uint32_t> node_of_cpu{};  // NUMA node by place in `usable`; empty when unknown
};

// Of the usable CPUs.
[[nodiscard]] Processors read_processors(const HostFiles& files, std::vector<std::uint32_t> usable);

// The share that the hypervisor took of all CPU time since boot, from the content of /proc/stat (proc(5)).
[[nodiscard]] std::optional<double> parse_steal_share(std::string_view stat);

// "0-3,8" are the CPUs 0, 1, 2, 3 and 8.
[[nodiscard]] std::vector<std::uint32_t> parse_cpu_list(std::string_view text);

// Of version 1: a quota and a period in us, -1 is no quota.
[[nodiscard]] std::optional<double> parse_cfs_quota(std::string_view quota_us, std::string_view period_us);

}  // namespace wsblast::host
