// The clocks. Only monotonic ones measure; the wall clock is read once, for `started_at`.
#pragma once

#include <cstdint>
#include <string>

#include <pthread.h>
#include <time.h>

#include "base/units.hpp"

namespace wsblast {

// clock_gettime(2) of any clock, in nanoseconds. The clock must exist: a failure reads as 0.
[[nodiscard]] inline TimeNs read_clock(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<TimeNs>(now.tv_sec) * kSecond + static_cast<TimeNs>(now.tv_nsec);
}

// Nanoseconds since an arbitrary start; steps of the wall clock do not move it. About 20 ns (vDSO).
[[nodiscard]] inline TimeNs monotonic_now() {
    return read_clock(CLOCK_MONOTONIC);
}

// CPU time of the calling thread. A system call: not for the hot path.
[[nodiscard]] inline TimeNs thread_cpu_now() {
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

// CPU time of another live thread of this process, 0 when it is gone.
[[nodiscard]] inline TimeNs thread_cpu_of(pthread_t thread) {
    clockid_t clock{};
    return pthread_getcpuclockid(thread, &clock) == 0 ? read_clock(clock) : 0;
}

// User and system CPU time of a process since its start (getrusage(2)).
struct CpuTimes {
    TimeNs user_ns = 0;
    TimeNs system_ns = 0;

    [[nodiscard]] TimeNs total_ns() const { return user_ns + system_ns; }
    friend CpuTimes operator-(CpuTimes a, CpuTimes b) {
        return {a.user_ns - b.user_ns, a.system_ns - b.system_ns};
    }
};

[[nodiscard]] CpuTimes process_cpu_times();

// The wall clock told from the monotonic one: what lies between them is read once, so asking costs nothing.
class WallClock {
  public:
    WallClock() : offset_ns_(read_clock(CLOCK_REALTIME) - monotonic_now()) {}

    // Unix time in milliseconds at a monotonic time.
    [[nodiscard]] std::uint64_t unix_ms(TimeNs now_ns) const {
        return (now_ns + offset_ns_) / kMillisecond;
    }

  private:
    TimeNs offset_ns_;
};

// The wall clock as "2026-01-01T00:00:00.000Z".
[[nodiscard]] std::string wall_clock_text();

}  // namespace wsblast
