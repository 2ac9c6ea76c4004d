// How fast connections are accepted, over all transports that share it: a bucket that fills evenly, and
// holds what limits::kAcceptBurstNs bring, but two connections at least. What is not accepted waits in the
// backlogs.
//
// The bucket is kept as one time (the virtual scheduling of ITU-T I.371): until when accepts are paid for.
// Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/limits.hpp"
#include "base/units.hpp"

namespace wsblast::transport {

class AcceptPace {
  public:
    // Above 0, up to limits::kAcceptsPerSecondMax.
    explicit AcceptPace(double accepts_per_s)
        : step_ns_(static_cast<TimeNs>(static_cast<double>(kSecond) / accepts_per_s)),
          burst_ns_(std::max(2 * step_ns_, limits::kAcceptBurstNs)) {}

    // From when on one more may be accepted. It may be accepted at any time after that: whoever waits for a
    // connection need not ask again.
    [[nodiscard]] TimeNs next_ns() const {
        return paid_until_ns_.load(std::memory_order_relaxed) + step_ns_;
    }

    // One was accepted, be it too early: then the next one is later. Once a connection.
    void take(TimeNs now_ns) {
        TimeNs before_ns = paid_until_ns_.load(std::memory_order_relaxed);
        while (!paid_until_ns_.compare_exchange_weak(before_ns, after(before_ns, now_ns),
                                                     std::memory_order_relaxed)) {
        }
    }

  private:
    [[nodiscard]] TimeNs after(TimeNs before_ns, TimeNs now_ns) const {
        const TimeNs full_ns = now_ns - std::min(now_ns, burst_ns_);
        return std::max(before_ns, full_ns) + step_ns_;
    }

    TimeNs step_ns_;
    TimeNs burst_ns_;
    std::atomic<TimeNs> paid_until_ns_{0};
};

}  // namespace wsblast::transport
