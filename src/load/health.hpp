// Was it me? How busy the generator's threads were while it sent, and what follows for its numbers.
//
// A thread is busy while it runs, and starved while it is ready and something else has its CPU; for the
// numbers both mean that the generator had no time left. Sampled in windows by the coordinator.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "stats/histogram.hpp"
#include "stats/result.hpp"

namespace wsblast::load {

// Cumulative, of one thread.
struct ThreadUse {
    std::uint32_t cpu = 0;
    TimeNs run_ns = 0;              // CPU time
    std::optional<TimeNs> wait_ns;  // runnable, but not running; where the kernel tells
};

class HealthMonitor {
  public:
    // A core above this share of a window has no time left.
    static constexpr double kBusyShareMax = 0.95;
    static constexpr TimeNs kWindowNs = 100 * kMillisecond;

    HealthMonitor(TimeNs now_ns, std::vector<ThreadUse> start);

    // The state at `now_ns`; ends a window when kWindowNs have passed since the last one. Windows count for
    // the verdict only while messages are sent.
    enum class Counted : std::uint8_t { no, yes };
    void sample(TimeNs now_ns, std::vector<ThreadUse> now, Counted counted);

    // What is known at the end: shares of each core over the whole run, and the verdict on the generator:
    // it is saturated when the p99 of its send lag is above max(1 ms, 10 % of the median latency) while a
    // core had no time left, or when a completion queue overflowed.
    struct Lateness {
        std::optional<stats::Summary> send_lag;
        std::optional<stats::Summary> latency;
        std::uint64_t cq_overflows = 0;
    };
    [[nodiscard]] stats::GeneratorHealth judge(const Lateness& lateness) const;

  private:
    struct Busiest {
        double share = 0;
        double run_share = 0;
        std::uint32_t cpu = 0;
    };

    TimeNs start_ns_;
    TimeNs window_ns_;
    TimeNs last_ns_;
    std::vector<ThreadUse> start_;
    std::vector<ThreadUse> window_;
    std::vector<ThreadUse> last_;
    Busiest busiest_;
};

}  // namespace wsblast::load
