// The processors that this process may use, and a thread's place on one of them. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace wsblast::host {

// The numbers of the CPUs in this thread's affinity mask, ascending (sched_getaffinity(2)): what taskset or
// a container left. Never empty.
[[nodiscard]] std::vector<std::uint32_t> usable_cpus();

// How many CPUs' worth of time the control groups grant, 1.5 say; empty when there is no limit. For
// information: a quota below the number of pinned threads stalls all of them.
[[nodiscard]] std::optional<double> cpu_quota();

// The same from the content of one cpu.max: "150000 100000" is 1.5, "max 100000" none.
[[nodiscard]] std::optional<double> parse_cpu_max(std::string_view content);

// Binds the calling thread, and those that it will start, to these CPUs, at least one.
Result<void> restrict_to_cpus(std::span<const std::uint32_t> cpus);

// Asks the scheduler for turns of that length, 0.1 to 100 ms, for the calling thread: where others have its
// CPU too it then waits for turns of its own length, not of 3 ms (sched_setattr(2), Linux 6.12; older
// kernels take the request and ignore it). Never fails: it is a wish.
void ask_for_short_turns(TimeNs turn_ns);

// Binds the calling thread to one CPU (sched_setaffinity(2)). Environment error when the CPU is not
// allowed.
Result<void> pin_thread(std::uint32_t cpu);

}  // namespace wsblast::host
