#include "host/cgroup.hpp"

#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include "host/proc_files.hpp"

namespace wsblast::host {

namespace {

// Below the root: v2 alone, v2 beside v1, and the controllers of v1 as distributions mount them.
constexpr std::string_view kHierarchies[] = {"", "unified", "cpu,cpuacct", "cpu", "cpuacct", "memory"};
// A folder with one of these says something.
constexpr std::string_view kFiles[] = {"cpu.stat", "cpuacct.usage", "memory.current",
                                       "memory.usage_in_bytes"};
// v1 writes the largest whole page instead of "max"; no machine has as much.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60;

std::optional<std::uint64_t> number_in(const std::string& path) {
    const auto content = read_file(path);
    return content ? leading_number(*content) : std::nullopt;
}

template <class Value>
void fill(std::optional<Value>& known, std::optional<Value> found) {
    if (!known) known = found;
}

std::string_view without(std::string_view text, std::string_view prefix) {
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    while (text.starts_with('/')) text.remove_prefix(1);
    return text;
}

// The name below its hierarchy, of what may be the path of a folder in one.
std::string group_name(std::string_view name, const std::string& root) {
    const bool is_path = name.starts_with(root + "/");
    name = without(name, is_path ? std::string_view(root) : "");
    while (name.ends_with('/')) name.remove_suffix(1);
    const std::string_view first = name.substr(0, name.find('/'));
    const bool has_hierarchy =
        is_path && !first.empty() &&
        std::find(std::begin(kHierarchies), std::end(kHierarchies), first) != std::end(kHierarchies);
    return std::string(has_hierarchy ? without(name, first) : name);
}

void fill_memory(CgroupUse& use, const std::string& folder) {
    fill(use.memory_bytes, number_in(folder + "/memory.current"));
    fill(use.memory_bytes, number_in(folder + "/memory.usage_in_bytes"));
    fill(use.memory_max_bytes, number_in(folder + "/memory.max"));
    fill(use.memory_max_bytes, number_in(folder + "/memory.limit_in_bytes"));
    if (use.memory_max_bytes >= kNoLimit) use.memory_max_bytes.reset();
}

void add_processes(const std::string& folder, std::vector<pid_t>& processes) {
    const std::string content = read_file(folder + "/cgroup.procs").value_or("");
    for (std::string_view rest = content; !rest.empty();) {
        if (const auto pid = leading_number(rest); pid && *pid != 0)
            processes.push_back(static_cast<pid_t>(*pid));
        rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
    }
}

}  // namespace

Result<Cgroup> Cgroup::find(std::string_view name, const std::string& root) {
    Cgroup group;
    group.name_ = group_name(name, root);
    for (const std::string_view hierarchy : kHierarchies) {
        std::string folder = root;
        for (const std::string_view part : {hierarchy, std::string_view(group.name_)})
            folder += part.empty() ? "" : "/" + std::string(part);
        const bool speaks = std::any_of(std::begin(kFiles), std::end(kFiles), [&](std::string_view file) {
            return access((folder + "/" + std::string(file)).c_str(), R_OK) == 0;
        });
        if (speaks) group.folders_.push_back(std::move(folder));
    }
    if (!group.folders_.empty()) return group;
    return usage_error("there is no control group '" + std::string(name) + "' below " + root +
                       " with a cpu.stat or memory file that can be read; `cat /proc/PID/cgroup` names the "
                       "one of a process, as in system.slice/chat.service");
}

CgroupUse Cgroup::read() const {
    CgroupUse use;
    for (const std::string& folder : folders_) {
        const CgroupUse cpu = parse_cpu_stat(read_file(folder + "/cpu.stat").value_or(""));
        fill(use.cpu_ns, cpu.cpu_ns);
        fill(use.cpu_ns, number_in(folder + "/cpuacct.usage"));
        fill(use.periods, cpu.periods);
        fill(use.periods_throttled, cpu.periods_throttled);
        fill_memory(use, folder);
    }
    return use;
}

std::vector<pid_t> Cgroup::processes() const {
    std::vector<pid_t> processes;
    for (const std::string& folder : folders_) {
        add_processes(folder, processes);
        std::error_code failure;
        using Walk = std::filesystem::recursive_directory_iterator;
        for (Walk entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
            if (entry->is_directory(failure)) add_processes(entry->path(), processes);
        }
    }
    std::sort(processes.begin(), processes.end());
    processes.erase(std::unique(processes.begin(), processes.end()), processes.end());
    return processes;
}

CgroupUse parse_cpu_stat(std::string_view content) {
    CgroupUse use;
    if (const auto usage_us = number_after(content, "usage_usec")) use.cpu_ns = *usage_us * kMicrosecond;
    use.periods = number_after(content, "nr_periods");
    use.periods_throttled = number_after(content, "nr_throttled");
    return use;
}

}  // namespace wsblast::host
