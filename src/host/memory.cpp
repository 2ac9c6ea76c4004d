#include "host/memory.hpp"

#include "base/units.hpp"
#include "host/own_cgroups.hpp"
#include "host/proc_files.hpp"

namespace wsblast::host {

namespace {

// "MemTotal:       24684084 kB"
std::uint64_t bytes_of(std::string_view meminfo, std::string_view key) {
    const auto line = line_after(meminfo, key);
    return line ? leading_number(*line).value_or(0) * kKiB : 0;
}

struct GroupFileNames {
    GroupVersion version;
    std::string limit;
    std::string used;
};

}  // namespace

std::optional<MemoryState> read_memory(const HostFiles& files) {
    const auto text = files.text("/proc/meminfo");
    return text ? parse_memory(*text) : std::nullopt;
}

std::optional<MemoryState> parse_memory(std::string_view meminfo) {
    if (!line_after(meminfo, "MemAvailable:")) return std::nullopt;
    return MemoryState{.total_bytes = bytes_of(meminfo, "MemTotal:"),
                       .available_bytes = bytes_of(meminfo, "MemAvailable:"),
                       .swap_bytes = bytes_of(meminfo, "SwapTotal:"),
                       .swap_free_bytes = bytes_of(meminfo, "SwapFree:"),
                       .commit_limit_bytes = bytes_of(meminfo, "CommitLimit:"),
                       .committed_bytes = bytes_of(meminfo, "Committed_AS:")};
}

std::optional<GroupMemory> read_group_memory(const HostFiles& files, std::uint64_t total_bytes) {
    std::optional<GroupMemory> tightest;
    for (const auto& [version, limit_name, used_name] :
         {GroupFileNames{GroupVersion::two, "memory.max", "memory.current"},
          GroupFileNames{GroupVersion::one, "memory.limit_in_bytes", "memory.usage_in_bytes"}}) {
        for (const std::string& folder : group_folders(files, version, "memory")) {
            const auto limit = files.number(folder + "/" + limit_name);
            if (!limit || *limit >= total_bytes) continue;
            const GroupMemory group{folder + "/" + limit_name, *limit,
                                    files.number(folder + "/" + used_name).value_or(0)};
            if (!tightest || group.left_bytes() < tightest->left_bytes()) tightest = group;
        }
    }
    return tightest;
}

}  // namespace wsblast::host
