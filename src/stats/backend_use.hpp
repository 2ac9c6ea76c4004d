// What the backend used of its machine over an interval: plain data for reports, and the figures that
// follow from it. Pure; any thread.
//
// What is unknown is empty: no permission, an older kernel, nothing that is watched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsblast::stats {

// Whether there was something to look at.
enum class BackendPresence : std::uint8_t {
    unwatched,  // no process of the backend is known here; see `why`
    alive,
    partly_gone,  // some of its processes have ended in the interval; what they used last is not counted
    gone,         // all have
};
[[nodiscard]] std::string_view to_text(BackendPresence presence);

// CPU in cores: 1.0 is one core all the time.
struct BackendThread {
    std::int32_t pid = 0;
    std::int32_t tid = 0;
    std::string name;
    double user = 0;
    double system = 0;
};

// Of all processes together, and of the one that is nearest to its soft RLIMIT_NOFILE. Direct descriptors
// of io_uring are no files of a process and are in neither.
struct BackendFiles {
    std::uint64_t open = 0;
    std::uint64_t fullest_open = 0;
    std::uint64_t fullest_limit = 0;
};

struct BackendCgroup {
    std::optional<double> cpu;        // cores
    std::optional<double> throttled;  // share of the periods in which its quota ran out, 0 .. 1
    std::optional<std::uint64_t> memory_bytes;
    std::optional<std::uint64_t> memory_max_bytes;  // none: no limit
};

struct BackendMetric {
    std::string name;  // as it was asked for, labels included
    std::optional<double> value;
    std::optional<double> rate_per_s;  // of counters
    std::string gap;                   // why there is no value, or no rate of a counter
};

struct BackendUse {
    BackendPresence presence = BackendPresence::unwatched;
    std::string why;     // of `unwatched`
    double seconds = 0;  // the length of the interval
    std::uint32_t processes = 0;
    // Of all processes and their children, in cores.
    std::optional<double> cpu_user;
    std::optional<double> cpu_system;
    // The busiest first, at most limits::kBackendThreadsMax; `threads` counts all.
    std::vector<BackendThread> by_thread;
    std::optional<std::uint64_t> threads;
    // Memory at the end of the interval. Pages that processes share are counted once for each in
    // `rss_bytes`, and hardly in `anonymous_bytes`.
    std::optional<std::uint64_t> rss_bytes;
    std::optional<std::uint64_t> anonymous_bytes;
    std::optional<BackendFiles> files;
    std::optional<double> voluntary_switches_per_s;
    std::optional<double> involuntary_switches_per_s;
    std::optional<BackendCgroup> cgroup;
    std::vector<BackendMetric> metrics;

    // User and system together, in cores; empty when unknown.
    [[nodiscard]] std::optional<double> cpu() const;
};

// Memory while so many connections are open: of the process, and of the kernel for it where that is known.
struct MemoryAtConnections {
    std::uint64_t connections = 0;
    std::optional<std::uint64_t> process_bytes;
    std::optional<std::uint64_t> kernel_bytes;
};

// The slope between two such readings; negative where memory was given back. Empty unless `more` has more
// connections and both readings know it.
struct BytesPerConnection {
    std::optional<double> process;
    std::optional<double> kernel;
};
[[nodiscard]] BytesPerConnection bytes_per_connection(const MemoryAtConnections& fewer,
                                                      const MemoryAtConnections& more);

// How many messages the backend handled for each second of CPU that it took; empty when it took less than
// can be told from none (limits::kBackendCpuSecondsMin).
[[nodiscard]] std::optional<double> messages_per_cpu_second(std::uint64_t messages, const BackendUse& use);

}  // namespace wsblast::stats
