#include "js/watchdog.hpp"

#include <algorithm>
#include <chrono>

#include <js/Interrupt.h>

#include "base/clock.hpp"
#include "base/limits.hpp"

namespace wsblast::js {

Watchdog::Watchdog(JSContext* cx, TimeNs timeout_ns)
    : cx_(cx), timeout_ns_(timeout_ns), machine_(pthread_self()), thread_([this] { watch(); }) {}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        ends_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Watchdog::watch() {
    const TimeNs wanted_ns = timeout_ns_ == 0 ? kNever : timeout_ns_ / 8;
    const std::chrono::nanoseconds pause(
        std::clamp(wanted_ns, limits::kScriptWatchMinNs, limits::kScriptWatchMaxNs));
    std::uint64_t seen = 0;
    TimeNs seen_ns = 0;  // the machine's CPU time when it was seen first
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, pause, [this] { return ends_; })) {
        const std::uint64_t piece = piece_.load(std::memory_order_acquire);
        if (piece % 2 == 0) continue;
        const TimeNs now_ns = thread_cpu_of(machine_);
        if (piece != seen) {
            seen = piece;
            seen_ns = now_ns;
            continue;
        }
        if (timeout_ns_ != 0 && now_ns - seen_ns >= timeout_ns_) {
            overdue_.store(piece, std::memory_order_release);
        }
        // Not only when it is overdue: the callback looks at the heap too.
        JS_RequestInterruptCallback(cx_);
    }
}

}  // namespace wsblast::js
