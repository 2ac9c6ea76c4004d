// The memory of this machine, and what the control groups leave of it. Any thread; not for the hot path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/sysctls.hpp"

namespace wsblast::host {

// /proc/meminfo (proc(5)), in bytes.
struct MemoryState {
    std::uint64_t total_bytes = 0;
    std::uint64_t available_bytes = 0;
    std::uint64_t swap_bytes = 0;
    std::uint64_t swap_free_bytes = 0;
    std::uint64_t commit_limit_bytes = 0;  // counts only where vm.overcommit_memory is 2
    std::uint64_t committed_bytes = 0;
};

[[nodiscard]] std::optional<MemoryState> read_memory(const HostFiles& files);
[[nodiscard]] std::optional<MemoryState> parse_memory(std::string_view meminfo);

// The group, of those that this process is in, that leaves least.
struct GroupMemory {
    std::string file;  // that holds the limit
    std::uint64_t limit_bytes = 0;
    std::uint64_t used_bytes = 0;

    [[nodiscard]] std::uint64_t left_bytes() const {
        return limit_bytes > used_bytes ? limit_bytes - used_bytes : 0;
    }
};

// Of version 2 (memory.max) and version 1 (memory.limit_in_bytes) of control groups; empty without a limit
// below the machine's own memory.
[[nodiscard]] std::optional<GroupMemory> read_group_memory(const HostFiles& files,
                                                           std::uint64_t total_bytes);

}  // namespace wsblast::host
