#include "base/clock.hpp"

#include <array>
#include <cstdio>
#include <ctime>

#include <sys/resource.h>

namespace wsblast {

namespace {

TimeNs to_ns(const timeval& time) {
    return static_cast<TimeNs>(time.tv_sec) * kSecond + static_cast<TimeNs>(time.tv_usec) * kMicrosecond;
}

}  // namespace

CpuTimes process_cpu_times() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return {to_ns(usage.ru_utime), to_ns(usage.ru_stime)};
}

std::string wall_clock_text() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    tm utc{};
    gmtime_r(&now.tv_sec, &utc);
    std::array<char, 40> seconds{};
    std::strftime(seconds.data(), seconds.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s.%03ldZ", seconds.data(), now.tv_nsec / 1'000'000);
    return text.data();
}

}  // namespace wsblast
