// Was it me? How busy the generator's threads were while it sent, how late it came, and what follows for
// its numbers.
//
// A thread is busy while it runs, and starved while it is ready and something else has its CPU: another
// thread, or the hypervisor. For the numbers all of it means that the generator had no time left. Sampled
// in windows by the coordinator.
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
    std::uint64_t involuntary_switches = 0;
};

// What else is known at the end.
struct HealthEvidence {
    // Due -> handed to the kernel, of messages that were not blocked: who waits for the target is not late.
    std::optional<stats::Summary> own_lag{};
    std::optional<stats::Summary> loop_lag{};  // a round of a worker's loop, without its wait
    std::optional<stats::Summary> latency{};
    std::uint64_t cq_overflows = 0;
    std::uint64_t buffers_exhausted = 0;
    std::uint64_t received = 0;  // messages
    stats::Loop loop = stats::Loop::open;
};

class HealthMonitor {
  public:
    // A core above this share of a window has no time left.
    static constexpr double kBusyShareMax = 0.95;
    static constexpr TimeNs kWindowNs = 100 * kMillisecond;
    // How late is late: the larger of both.
    static constexpr TimeNs kLagFloorNs = 1 * kMillisecond;
    static constexpr double kLagShareOfMedian = 0.1;
    // So much of the time may others have a core that a closed loop has no time left on: nothing is sent
    // late there, but every answer that comes meanwhile is read late.
    static constexpr double kStarvedShareMax = 0.1;
    // Above these shares the numbers may tell of something else: time taken by the hypervisor, of that of
    // the used CPUs; receives that found no buffer, of messages received.
    static constexpr double kStealShareMax = 0.05;
    static constexpr double kExhaustedShareMax = 0.001;

    // `steal_ns`: as for note_steal().
    HealthMonitor(TimeNs now_ns, std::vector<ThreadUse> start, std::vector<TimeNs> steal_ns);

    // The state at `now_ns`; ends a window when kWindowNs have passed since the last one. Windows count for
    // the verdict only while messages are sent.
    enum class Counted : std::uint8_t { no, yes };
    void sample(TimeNs now_ns, std::vector<ThreadUse> now, Counted counted);

    // What the hypervisor has taken of each CPU so far, by its number; empty where that is not known.
    void note_steal(TimeNs now_ns, std::vector<TimeNs> steal_ns);

    // What is known at the end: shares of each core over the whole run, and the verdict on the generator.
    // It is late when the p99 of its own lag or of its loop lag is above max(kLagFloorNs, kLagShareOfMedian
    // of the median latency). Saturated: late while a core had no time left, or a completion queue
    // overflowed. Or, in a closed loop, others had such a core for more than kStarvedShareMax of the time.
    // Suspect: late though no core was short of time, or too much steal, or too few buffers.
    [[nodiscard]] stats::GeneratorHealth judge(const HealthEvidence& evidence) const;

  private:
    struct Busiest {
        double share = 0;
        double run_share = 0;
        std::uint32_t cpu = 0;
    };
    [[nodiscard]] double steal_share(std::uint32_t cpu) const;
    // For how much of the time others had the CPU of the thread that was ready most.
    struct Starved {
        double share = 0;
        std::uint32_t cpu = 0;
    };
    [[nodiscard]] Starved most_starved() const;
    [[nodiscard]] std::string circumstance() const;
    [[nodiscard]] std::optional<double> mean_steal_share() const;
    void judge_lateness(const HealthEvidence& evidence, stats::GeneratorHealth& health) const;
    void judge_starvation(stats::GeneratorHealth& health) const;

    TimeNs start_ns_;
    TimeNs window_ns_;
    TimeNs last_ns_;
    std::vector<ThreadUse> start_;
    std::vector<ThreadUse> window_;
    std::vector<ThreadUse> last_;
    Busiest busiest_;
    // Of the windows that count: their length, and how long each thread was ready and did not run.
    TimeNs counted_ns_ = 0;
    std::vector<double> starved_ns_;
    // By CPU.
    TimeNs stolen_until_ns_;
    std::vector<TimeNs> steal_start_ns_;
    std::vector<TimeNs> steal_ns_;
};

}  // namespace wsblast::load
