#include "host/interrupts.hpp"

#include <atomic>

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/units.hpp"

namespace wsblast::host {

namespace {

// The exit status of an interrupted run; see app/exit_status.hpp.
constexpr int kInterruptedStatus = 130;

// timeout(1) signals its command, then the command's whole group: that is one request. Nobody types faster.
constexpr TimeNs kOneRequestNs = 200 * kMillisecond;

std::atomic<int> first_signal{0};
std::atomic<TimeNs> first_signal_ns{0};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<TimeNs>::is_always_lock_free,
              "a signal handler may not wait for a lock");

// clock_gettime(2) may be called here: signal-safety(7).
TimeNs now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<TimeNs>(time.tv_sec) * kSecond + static_cast<TimeNs>(time.tv_nsec);
}

void on_signal(int signal) {
    int none = 0;
    if (first_signal.compare_exchange_strong(none, signal)) return first_signal_ns.store(now());
    const TimeNs first_ns = first_signal_ns.load();
    if (first_ns != 0 && now() - first_ns > kOneRequestNs) _exit(kInterruptedStatus);
}

}  // namespace

void watch_interrupts() {
    first_signal.store(0);
    first_signal_ns.store(0);
    struct sigaction action {};
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    // Without SA_RESTART: whoever sleeps or waits in the kernel is to look at stop_requested() now.
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);

    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, nullptr);
}

StopSignal stop_signal() {
    const int signal = first_signal.load(std::memory_order_relaxed);
    if (signal == 0) return StopSignal::none;
    return signal == SIGINT ? StopSignal::interrupt : StopSignal::terminate;
}

}  // namespace wsblast::host
