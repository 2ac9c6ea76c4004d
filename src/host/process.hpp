// What a process uses, by thread, from /proc (proc_pid_stat(5), proc_pid_status(5)). Any thread; a process
// of 50 threads takes some 0.6 ms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/units.hpp"

namespace wsblast::host {

// Of one thread since its start, in steps of a clock tick (10 ms): the sum is exact within one, how it is
// split is sampled by the kernel.
struct ThreadUse {
    pid_t tid = 0;
    std::string name;
    TimeNs user_ns = 0;
    TimeNs system_ns = 0;
    std::uint64_t start_ticks = 0;  // since boot: tells it from a later one with the same number
    std::uint64_t voluntary_switches = 0;
    std::uint64_t involuntary_switches = 0;
};

struct ProcessUse {
    pid_t pid = 0;
    std::string name{};
    std::uint64_t start_ticks = 0;
    TimeNs user_ns = 0;  // of all threads, those that have ended included
    TimeNs system_ns = 0;
    std::optional<std::uint64_t> rss_bytes{};
    std::optional<std::uint64_t> anonymous_bytes{};
    std::optional<std::uint64_t> files{};      // open descriptors; needs the rights of its user
    std::optional<std::uint64_t> files_max{};  // the soft RLIMIT_NOFILE; empty: unlimited
    std::vector<ThreadUse> threads{};          // those that live
};

// Empty when there is no such process, or it is a zombie.
[[nodiscard]] std::optional<ProcessUse> read_process(pid_t pid);

// The children of all its threads, and their children. Without `except` and what it has started.
[[nodiscard]] std::vector<pid_t> descendants(pid_t pid, pid_t except);

// The same from the content of the files.
//
// What one line of /proc/PID/stat, or of a thread's, says.
struct StatLine {
    std::string name;
    char state = '?';
    TimeNs user_ns = 0;
    TimeNs system_ns = 0;
    std::uint64_t start_ticks = 0;
};
[[nodiscard]] std::optional<StatLine> parse_stat(std::string_view content);

// "12 345 " of /proc/PID/task/TID/children.
[[nodiscard]] std::vector<pid_t> parse_children(std::string_view content);

// What stands in /proc/PID/status, or a thread's: of memory, nothing for a kernel thread.
struct StatusLines {
    std::optional<std::uint64_t> rss_bytes{};
    std::optional<std::uint64_t> anonymous_bytes{};
    std::uint64_t voluntary_switches = 0;
    std::uint64_t involuntary_switches = 0;
};
[[nodiscard]] StatusLines parse_status(std::string_view content);

// The soft limit of "Max open files" in /proc/PID/limits.
[[nodiscard]] std::optional<std::uint64_t> parse_files_limit(std::string_view content);

}  // namespace wsblast::host
