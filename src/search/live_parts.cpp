#include "search/live_parts.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "host/resources.hpp"

namespace wsblast::search {

namespace {

constexpr TimeNs kShowStepNs = 100 * kMillisecond;

TimeNs to_ns(const timeval& time) {
    return static_cast<TimeNs>(time.tv_sec) * kSecond + static_cast<TimeNs>(time.tv_usec) * kMicrosecond;
}

TimeNs own_cpu_ns() {
    rusage use{};
    getrusage(RUSAGE_SELF, &use);
    return to_ns(use.ru_utime) + to_ns(use.ru_stime);
}

std::optional<std::uint64_t> resident(const watch::BackendReading& reading) {
    std::optional<std::uint64_t> sum;
    for (const host::ProcessUse& process : reading.processes) {
        if (process.rss_bytes) sum = sum.value_or(0) + *process.rss_bytes;
    }
    return sum;
}

}  // namespace

LiveConnections::LiveConnections(std::unique_ptr<load::Fleet> fleet, std::function<bool()> stop_requested)
    : fleet_(std::move(fleet)) {
    hooks_.stop_requested = std::move(stop_requested);
}

LiveSurroundings::LiveSurroundings(watch::Watcher watcher, LiveHooks hooks)
    : hooks_(std::move(hooks)), watcher_(std::move(watcher)), last_target_(watcher_.read()) {}

TimeNs LiveSurroundings::now_ns() {
    return monotonic_now();
}

void LiveSurroundings::wait(TimeNs time_ns) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(time_ns));
}

Reading LiveSurroundings::read() {
    Reading reading;
    reading.at_ns = monotonic_now();
    reading.own_cpu_ns = own_cpu_ns();
    reading.host = read_host_state();
    reading.caches = host::read_slabs();
    reading.memory.own = host::rss_bytes();
    reading.memory.kernel = host::kernel_bytes();
    if (reading.host.sockets) {
        reading.memory.tcp =
            reading.host.sockets->tcp_memory_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    }
    reading.memory.target = resident(watcher_.read());
    return reading;
}

stats::BackendUse LiveSurroundings::target_use() {
    watch::BackendReading now = watcher_.read();
    stats::BackendUse use = watch::Watcher::between(last_target_, now);
    last_target_ = std::move(now);
    return use;
}

std::uint64_t LiveSurroundings::memory_available_bytes() {
    return host::memory_available_bytes();
}

// A line that is rewritten more often than anybody reads it costs what the connections could have.
void LiveSurroundings::show(const stats::CapacityProgress& progress) {
    const TimeNs now = monotonic_now();
    if (progress.phase == shown_phase_ && now - shown_ns_ < kShowStepNs) return;
    shown_phase_ = progress.phase;
    shown_ns_ = now;
    hooks_.show_progress(progress);
}

}  // namespace wsblast::search
