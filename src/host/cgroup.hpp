// What a control group used, v2 (Documentation/admin-guide/cgroup-v2.rst) or v1
// (Documentation/admin-guide/cgroup-v1), the two side by side included. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/units.hpp"

namespace wsblast::host {

// Since the group was made.
struct CgroupUse {
    std::optional<TimeNs> cpu_ns{};
    std::optional<std::uint64_t> periods{};            // of its quota; 0 or empty without one
    std::optional<std::uint64_t> periods_throttled{};  // those in which it ran out
    std::optional<std::uint64_t> memory_bytes{};
    std::optional<std::uint64_t> memory_max_bytes{};  // empty: no limit
};

class Cgroup {
  public:
    // `name` is the group's path below the root of its hierarchy, "system.slice/chat.service", or that of
    // its folder, v1 controller included. `root` is where the hierarchies are mounted. Usage error when no
    // hierarchy has a group of that name with the files that are read here.
    [[nodiscard]] static Result<Cgroup> find(std::string_view name,
                                             const std::string& root = "/sys/fs/cgroup");

    [[nodiscard]] CgroupUse read() const;

    // The processes in it and in the groups below it, ascending.
    [[nodiscard]] std::vector<pid_t> processes() const;

    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    std::string name_;
    std::vector<std::string> folders_;  // one a hierarchy that has it
};

// Of one cpu.stat, v2's or v1's.
[[nodiscard]] CgroupUse parse_cpu_stat(std::string_view content);

}  // namespace wsblast::host
