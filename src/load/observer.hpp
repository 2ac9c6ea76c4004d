// Observes what the engine does from a moment on: how busy its threads are, what it counts second by second,
// its memory. For a whole run, or for one round of several (what was counted before is taken off).
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/units.hpp"
#include "load/engine.hpp"
#include "load/health.hpp"
#include "stats/result.hpp"
#include "stats/shard.hpp"
#include "stats/timeline.hpp"
#include "transport/transport.hpp"

namespace wsblast::load {

class Observer {
  public:
    // From `start_ns`, which is now. The engine outlives the observer.
    Observer(Engine& engine, TimeNs start_ns);

    [[nodiscard]] TimeNs start_ns() const { return start_ns_; }
    // What was counted since the start.
    [[nodiscard]] stats::Snapshot totals() const;

    // Often: looks at the threads' health when it is time.
    void look(TimeNs now_ns, HealthMonitor::Counted counted);
    // Notes how much memory is used now.
    void note_memory();

    // What was counted so far: of use where two are compared.
    [[nodiscard]] stats::TimelineSample sample(TimeNs now_ns) const;
    // What happened since the last row, in full.
    [[nodiscard]] stats::Interval since_last_row(TimeNs now_ns) const;
    // The same, and the next one begins here: a row of the timeline.
    stats::Interval end_row(TimeNs now_ns);

    // Everything but phase, wanted connections and the time left. Rates are those since the last call.
    [[nodiscard]] stats::Progress progress(TimeNs now_ns);

    // The end: the last row, where something is left for one.
    std::optional<stats::Interval> finish(TimeNs now_ns);

    // How the generator did so far, by the totals of the same time.
    [[nodiscard]] stats::GeneratorHealth judge(const stats::Snapshot& totals, stats::Loop loop) const;
    // Puts health, resources and timeline into a result whose totals are there.
    void fill(stats::RunResult& result) const;

  private:
    static constexpr TimeNs kHealthStepNs = HealthMonitor::kWindowNs / 5;

    Engine& engine_;
    TimeNs start_ns_;
    stats::Snapshot before_;
    transport::TransportCounters transports_before_;
    CpuTimes cpu_before_;
    HealthMonitor health_;
    TimeNs health_ns_ = 0;  // of its last sample
    std::uint64_t rss_bytes_max_ = 0;
    stats::TimelineSample last_sample_;
    stats::Timeline timeline_;
    // What the last progress was made from.
    TimeNs shown_ns_ = 0;
    std::uint64_t shown_received_ = 0;
    double shown_rate_ = 0;
};

}  // namespace wsblast::load
