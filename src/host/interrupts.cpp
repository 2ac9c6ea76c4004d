#include "host/interrupts.hpp"

#include <atomic>

#include <signal.h>
#include <unistd.h>

namespace wsblast::host {

namespace {

// The exit status of an interrupted run; see app/exit_status.hpp.
constexpr int kInterruptedStatus = 130;

std::atomic<int> first_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may not wait for a lock");

void on_signal(int signal) {
    int none = 0;
    if (!first_signal.compare_exchange_strong(none, signal)) _exit(kInterruptedStatus);
}

}  // namespace

void watch_interrupts() {
    first_signal.store(0);
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
