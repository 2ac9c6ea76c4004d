#include "host/processors.hpp"

#include <algorithm>

#include "host/cpus.hpp"
#include "host/own_cgroups.hpp"
#include "host/proc_files.hpp"

namespace wsblast::host {

namespace {

void lower(std::optional<double>& smallest, const std::optional<double>& quota) {
    if (quota && (!smallest || *quota < *smallest)) smallest = quota;
}

std::optional<double> read_quota(const HostFiles& files) {
    std::optional<double> smallest;
    for (const std::string& folder : group_folders(files, GroupVersion::two, "cpu"))
        lower(smallest, parse_cpu_max(files.text(folder + "/cpu.max").value_or("")));
    for (const std::string& folder : group_folders(files, GroupVersion::one, "cpu")) {
        lower(smallest, parse_cfs_quota(files.text(folder + "/cpu.cfs_quota_us").value_or(""),
                                        files.text(folder + "/cpu.cfs_period_us").value_or("")));
    }
    return smallest;
}

std::vector<std::string> read_governors(const HostFiles& files, const std::vector<std::uint32_t>& cpus) {
    std::vector<std::string> governors;
    for (const std::uint32_t cpu : cpus) {
        const auto text =
            files.text("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq/scaling_governor");
        if (!text) continue;
        const std::string governor = text->substr(0, text->find('\n'));
        if (std::find(governors.begin(), governors.end(), governor) == governors.end())
            governors.push_back(governor);
    }
    return governors;
}

std::vector<std::uint32_t> read_nodes(const HostFiles& files, const std::vector<std::uint32_t>& cpus) {
    constexpr std::string_view kFolder = "/sys/devices/system/node/";
    std::vector<std::uint32_t> nodes(cpus.size(), 0);
    bool known = false;
    for (const std::string& name : files.names(std::string(kFolder))) {
        const auto node = name.starts_with("node") ? leading_number(name.substr(4)) : std::nullopt;
        if (!node) continue;
        known = true;
        const auto members =
            parse_cpu_list(files.text(std::string(kFolder) + name + "/cpulist").value_or(""));
        for (std::size_t i = 0; i < cpus.size(); ++i) {
            if (std::find(members.begin(), members.end(), cpus[i]) != members.end())
                nodes[i] = static_cast<std::uint32_t>(*node);
        }
    }
    return known ? nodes : std::vector<std::uint32_t>{};
}

// x86 alone says so in /proc/cpuinfo; elsewhere the firmware's tree does.
Machine read_machine(const HostFiles& files) {
    const std::string info = files.text("/proc/cpuinfo").value_or("");
    const auto flags = line_after(info, "flags");
    const bool told = flags && flags->find(" hypervisor") != std::string_view::npos;
    const bool in_tree = files.text("/proc/device-tree/hypervisor/compatible").has_value();
    return told || in_tree ? Machine::virtual_machine : Machine::physical;
}

}  // namespace

Processors read_processors(const HostFiles& files, std::vector<std::uint32_t> usable) {
    Processors processors{.usable = std::move(usable), .machine = read_machine(files)};
    processors.quota = read_quota(files);
    processors.governors = read_governors(files, processors.usable);
    processors.steal = parse_steal_share(files.text("/proc/stat").value_or(""));
    processors.node_of_cpu = read_nodes(files, processors.usable);
    return processors;
}

// "cpu  user nice system idle iowait irq softirq steal guest guest_nice": guests are in user already.
std::optional<double> parse_steal_share(std::string_view stat) {
    constexpr std::size_t kFields = 8;
    const auto line = line_after(stat, "cpu ");
    const auto ticks = line ? parse_numbers(*line) : std::nullopt;
    if (!ticks || ticks->size() < kFields) return std::nullopt;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kFields; ++i) sum += (*ticks)[i];
    if (sum == 0) return std::nullopt;
    return static_cast<double>(ticks->at(kFields - 1)) / static_cast<double>(sum);
}

std::vector<std::uint32_t> parse_cpu_list(std::string_view text) {
    std::vector<std::uint32_t> cpus;
    while (!text.empty()) {
        const std::string_view item = text.substr(0, text.find(','));
        text.remove_prefix(std::min(item.size() + 1, text.size()));
        const std::size_t dash = item.find('-');
        const auto first = leading_number(item);
        const auto last = dash == std::string_view::npos ? first : leading_number(item.substr(dash + 1));
        if (!first || !last || *last - *first > 65'536) continue;
        for (std::uint64_t cpu = *first; cpu <= *last; ++cpu)
            cpus.push_back(static_cast<std::uint32_t>(cpu));
    }
    return cpus;
}

std::optional<double> parse_cfs_quota(std::string_view quota_us, std::string_view period_us) {
    const auto quota = leading_number(quota_us);
    const auto period = leading_number(period_us);
    if (!quota || !period || *period == 0) return std::nullopt;
    return static_cast<double>(*quota) / static_cast<double>(*period);
}

}  // namespace wsblast::host
