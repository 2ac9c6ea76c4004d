#include "host/cpus.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/proc_files.hpp"

namespace wsblast::host {

namespace {

// More CPUs than Linux can be built for (CONFIG_NR_CPUS).
constexpr std::size_t kCpusMax = 65'536;

struct CpuSetDeleter {
    void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};

// A mask of any size: the fixed cpu_set_t ends at 1,024 CPUs, and the kernel refuses one that is too small.
struct CpuMask {
    std::unique_ptr<cpu_set_t, CpuSetDeleter> set{CPU_ALLOC(kCpusMax)};
    std::size_t size = CPU_ALLOC_SIZE(kCpusMax);

    CpuMask() { CPU_ZERO_S(size, set.get()); }
};

}  // namespace

std::vector<std::uint32_t> usable_cpus() {
    CpuMask mask;
    std::vector<std::uint32_t> cpus;
    if (sched_getaffinity(0, mask.size, mask.set.get()) == 0) {
        for (std::size_t cpu = 0; cpu < kCpusMax; ++cpu) {
            if (CPU_ISSET_S(cpu, mask.size, mask.set.get()))
                cpus.push_back(static_cast<std::uint32_t>(cpu));
        }
    }
    if (cpus.empty()) cpus.push_back(static_cast<std::uint32_t>(std::max(sched_getcpu(), 0)));
    return cpus;
}

std::optional<double> cpu_quota() {
    std::optional<double> smallest;
    for (const std::string& content : cgroup_files("cpu.max")) {
        const std::optional<double> quota = parse_cpu_max(content);
        if (quota && (!smallest || *quota < *smallest)) smallest = quota;
    }
    return smallest;
}

std::optional<double> parse_cpu_max(std::string_view content) {
    const std::size_t blank = content.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    const auto quota_us = leading_number(content);
    const auto period_us = leading_number(content.substr(blank));
    if (!quota_us || !period_us || *period_us == 0) return std::nullopt;
    return static_cast<double>(*quota_us) / static_cast<double>(*period_us);
}

Result<void> restrict_to_cpus(std::span<const std::uint32_t> cpus) {
    CpuMask mask;
    for (const std::uint32_t cpu : cpus) CPU_SET_S(cpu, mask.size, mask.set.get());
    if (sched_setaffinity(0, mask.size, mask.set.get()) == 0) return {};
    return environment_error("cannot pin a thread to CPU " + std::to_string(cpus.front()) + ": " +
                             std::strerror(errno) + "; this process may not use it, lower --cores");
}

void ask_for_short_turns(TimeNs turn_ns) {
    struct {  // struct sched_attr, which glibc does not have yet
        std::uint32_t size = 48;
        std::uint32_t policy = SCHED_OTHER;
        std::uint64_t flags = 0;
        std::int32_t nice = 0;
        std::uint32_t priority = 0;
        std::uint64_t runtime_ns = 0;
        std::uint64_t deadline_ns = 0;
        std::uint64_t period_ns = 0;
    } wish;
    wish.nice = getpriority(PRIO_PROCESS, 0);
    wish.runtime_ns = turn_ns;
    syscall(SYS_sched_setattr, 0, &wish, 0);
}

Result<void> pin_thread(std::uint32_t cpu) {
    return restrict_to_cpus({&cpu, 1});
}

}  // namespace wsblast::host
