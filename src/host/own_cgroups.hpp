// Where the control groups that this process is in have their files (host/cgroup.hpp reads what a group
// that was named uses). Any thread; not for the hot path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/sysctls.hpp"

namespace wsblast::host {

enum class GroupVersion : std::uint8_t { one, two };

// The folders of the group of this process and of all its parents, the nearest first, as they would be
// under /sys/fs/cgroup: within a container some may not exist. Empty when it is in none of that version. A
// controller ("memory") counts for version 1 only (cgroups(7)).
[[nodiscard]] std::vector<std::string> group_folders(const HostFiles& files, GroupVersion version,
                                                     std::string_view controller);

// The path of the group in the content of /proc/self/cgroup: "/user.slice" of "0::/user.slice", or of
// "4:cpu,cpuacct:/user.slice" for the controller cpu. Empty when it has none.
[[nodiscard]] std::string parse_group_path(std::string_view groups, GroupVersion version,
                                           std::string_view controller);

}  // namespace wsblast::host
