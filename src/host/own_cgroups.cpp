#include "host/own_cgroups.hpp"

#include <algorithm>

namespace wsblast::host {

namespace {

bool lists(std::string_view controllers, std::string_view controller) {
    while (!controllers.empty()) {
        const std::string_view one = controllers.substr(0, controllers.find(','));
        if (one == controller) return true;
        controllers.remove_prefix(std::min(one.size() + 1, controllers.size()));
    }
    return false;
}

}  // namespace

std::vector<std::string> group_folders(const HostFiles& files, GroupVersion version,
                                       std::string_view controller) {
    const std::string groups = files.text("/proc/self/cgroup").value_or("");
    std::string path = parse_group_path(groups, version, controller);
    if (path.empty()) return {};
    std::string top = "/sys/fs/cgroup";
    if (version == GroupVersion::one) top += "/" + std::string(controller);
    std::vector<std::string> folders;
    while (path.size() > 1) {
        folders.push_back(top + path);
        path.resize(path.rfind('/'));
    }
    folders.push_back(top);
    return folders;
}

// "number:controllers:path"
std::string parse_group_path(std::string_view groups, GroupVersion version, std::string_view controller) {
    while (!groups.empty()) {
        const std::string_view line = groups.substr(0, groups.find('\n'));
        groups.remove_prefix(std::min(line.size() + 1, groups.size()));
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (first == std::string_view::npos || second == std::string_view::npos) continue;
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        const bool wanted =
            version == GroupVersion::two ? controllers.empty() : lists(controllers, controller);
        if (wanted) return std::string(line.substr(second + 1));
    }
    return "";
}

}  // namespace wsblast::host
