// What this machine grants and what the process uses of it: descriptors, memory, ports, the kernel, and how
// a thread was scheduled. Read from /proc; any thread; not for the hot path.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/endpoint.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

namespace wsblast::host {

// Raises the soft RLIMIT_NOFILE to the hard one and returns what holds afterwards (setrlimit(2)). Direct
// descriptors do not count against it, but no ring's table may be larger.
[[nodiscard]] std::uint64_t raise_descriptor_limit();

// Resident memory of this process, 0 when unknown (/proc/self/statm).
[[nodiscard]] std::uint64_t rss_bytes();

// What can still be taken without swapping, the control groups' limits included; 0 when unknown.
[[nodiscard]] std::uint64_t memory_available_bytes();

// The ports that the kernel picks from, and those in it that it leaves alone
// (net.ipv4.ip_local_port_range, net.ipv4.ip_local_reserved_ports; both hold for IPv6 too).
[[nodiscard]] PortRange local_port_range();
[[nodiscard]] std::vector<PortRange> reserved_ports();

// "8080,9000-9010" as the kernel writes it; what is no port is left out.
[[nodiscard]] std::vector<PortRange> parse_port_list(std::string_view text);

struct KernelVersion {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;

    friend auto operator<=>(const KernelVersion&, const KernelVersion&) = default;
};
[[nodiscard]] KernelVersion kernel_version();

// "6.1.0-18-amd64" is {6, 1}. Environment error for a text that does not begin with two numbers.
[[nodiscard]] Result<KernelVersion> parse_kernel_version(std::string_view release);

// How the scheduler treated one thread of this process since its start: `wait_ns` is the time that it was
// ready to run and another had its CPU (Documentation/scheduler/sched-stats.rst).
struct ThreadSchedule {
    TimeNs run_ns = 0;
    TimeNs wait_ns = 0;
};

// Of the thread `tid` (gettid(2)); empty when it is gone or the kernel keeps no such account.
[[nodiscard]] std::optional<ThreadSchedule> thread_schedule(pid_t tid);

// How often another thread took the calling thread's CPU from it (getrusage(2)).
[[nodiscard]] std::uint64_t involuntary_switches();

// What the hypervisor has taken of each CPU since boot, by its number, in steps of a clock tick
// (proc_stat(5)); empty when unknown.
[[nodiscard]] std::vector<TimeNs> steal_by_cpu();

// The same from the content of /proc/stat.
[[nodiscard]] std::vector<TimeNs> parse_steal(std::string_view stat);

}  // namespace wsblast::host
