#include "host/resources.hpp"

#include <algorithm>
#include <string>

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "host/proc_files.hpp"

namespace wsblast::host {

namespace {

// What Linux takes when nobody has changed it (Documentation/networking/ip-sysctl.rst).
constexpr PortRange kLocalPortsDefault{32'768, 60'999};
constexpr std::uint64_t kPortMax = 65'535;

std::optional<std::uint16_t> leading_port(std::string_view text) {
    const auto number = leading_number(text);
    if (!number || *number == 0 || *number > kPortMax) return std::nullopt;
    return static_cast<std::uint16_t>(*number);
}

// Two numbers with `separator` between them; one alone is a range of one.
std::optional<PortRange> parse_port_range(std::string_view text, std::string_view separator) {
    const std::size_t at = text.find_first_of(separator);
    const auto first = leading_port(text);
    const auto last = at == std::string_view::npos ? first : leading_port(text.substr(at + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    return PortRange{*first, *last};
}

}  // namespace

std::uint64_t raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    const rlim_t soft = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : soft;
}

std::uint64_t rss_bytes() {
    const std::string sizes = read_file("/proc/self/statm").value_or("");
    const std::size_t second = sizes.find(' ');
    if (second == std::string::npos) return 0;
    const auto pages = leading_number(std::string_view(sizes).substr(second));
    return pages.value_or(0) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t memory_available_bytes() {
    const std::string memory = read_file("/proc/meminfo").value_or("");
    const auto available = line_after(memory, "MemAvailable:");
    std::uint64_t smallest = available ? leading_number(*available).value_or(0) * kKiB : 0;

    // Both lists begin at the nearest group that has the file, and no group has one without the other.
    const std::vector<std::string> limits = cgroup_files("memory.max");
    const std::vector<std::string> used = cgroup_files("memory.current");
    for (std::size_t group = 0; group < std::min(limits.size(), used.size()); ++group) {
        const auto limit = leading_number(limits[group]);
        const std::uint64_t taken = leading_number(used[group]).value_or(0);
        if (limit) smallest = std::min(smallest, *limit > taken ? *limit - taken : 0);
    }
    return smallest;
}

PortRange local_port_range() {
    const auto range = read_file("/proc/sys/net/ipv4/ip_local_port_range");
    return range ? parse_port_range(*range, " \t").value_or(kLocalPortsDefault) : kLocalPortsDefault;
}

std::vector<PortRange> reserved_ports() {
    return parse_port_list(read_file("/proc/sys/net/ipv4/ip_local_reserved_ports").value_or(""));
}

std::vector<PortRange> parse_port_list(std::string_view text) {
    std::vector<PortRange> ranges;
    while (!text.empty()) {
        const std::string_view item = text.substr(0, text.find(','));
        if (const auto range = parse_port_range(item, "-")) ranges.push_back(*range);
        text.remove_prefix(std::min(item.size() + 1, text.size()));
    }
    return ranges;
}

KernelVersion kernel_version() {
    utsname names{};
    if (uname(&names) != 0) return {};
    const Result<KernelVersion> version = parse_kernel_version(names.release);
    return version ? *version : KernelVersion{};
}

Result<KernelVersion> parse_kernel_version(std::string_view release) {
    const std::size_t dot = release.find('.');
    const auto major = leading_number(release);
    const auto minor =
        dot == std::string_view::npos ? std::nullopt : leading_number(release.substr(dot + 1));
    if (!major || !minor) {
        return environment_error("the kernel calls itself '" + std::string(release) +
                                 "', which is no version");
    }
    return KernelVersion{static_cast<std::uint32_t>(*major), static_cast<std::uint32_t>(*minor)};
}

std::optional<ThreadSchedule> thread_schedule(pid_t tid) {
    const auto account = read_file("/proc/self/task/" + std::to_string(tid) + "/schedstat");
    if (!account) return std::nullopt;
    const std::size_t second = account->find(' ');
    const auto run_ns = leading_number(*account);
    if (!run_ns || second == std::string::npos) return std::nullopt;
    const auto wait_ns = leading_number(std::string_view(*account).substr(second));
    return ThreadSchedule{*run_ns, wait_ns.value_or(0)};
}

std::uint64_t involuntary_switches() {
    rusage usage{};
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? static_cast<std::uint64_t>(usage.ru_nivcsw) : 0;
}

std::vector<TimeNs> steal_by_cpu() {
    return parse_steal(read_file("/proc/stat").value_or(""));
}

// "cpu3 user nice system idle iowait irq softirq steal ...", a line for each CPU that is online.
std::vector<TimeNs> parse_steal(std::string_view stat) {
    constexpr int kStealField = 8;
    const TimeNs tick_ns = kSecond / static_cast<TimeNs>(sysconf(_SC_CLK_TCK));
    std::vector<TimeNs> steal_ns;
    for (; !stat.empty(); stat.remove_prefix(std::min(stat.find('\n'), stat.size() - 1) + 1)) {
        std::string_view line = stat.substr(0, stat.find('\n'));
        if (!line.starts_with("cpu")) break;
        const auto cpu = leading_number(line.substr(3, 1) == " " ? "" : line.substr(3));
        if (!cpu) continue;
        for (int field = 0; field < kStealField; ++field)
            line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
        steal_ns.resize(std::max<std::size_t>(steal_ns.size(), *cpu + 1));
        steal_ns[*cpu] = leading_number(line).value_or(0) * tick_ns;
    }
    return steal_ns;
}

}  // namespace wsblast::host
