// What a run has come to: the counts and times of its workers, as the result that reports are made from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/units.hpp"
#include "load/engine.hpp"
#include "plan/program.hpp"
#include "plan/run_options.hpp"
#include "stats/result.hpp"

namespace wsblast::load {

// What was measured, and what only the one who led the run knows. Times are monotonic, 0: it did not
// happen.
struct Measured {
    const stats::Snapshot& totals;
    stats::CounterValues warm;  // of messages that were due in the warm-up
    TimeNs start_ns = 0;
    TimeNs settled_ns = 0;  // when the stage was raised
    TimeNs stopped_ns = 0;  // interrupted or given up
};

class Outcome {
  public:
    // Everything lives longer. When the engine has ended, or a round of it.
    Outcome(const Engine& engine, const plan::Program& program, const plan::RunOptions& options,
            const Measured& measured);

    // All but what the coordinator has watched: health, time series, checks.
    [[nodiscard]] stats::RunResult result() const;

  private:
    [[nodiscard]] TimeNs measured_end_ns() const;
    [[nodiscard]] double rate_factor() const;
    [[nodiscard]] stats::WorkloadInfo workload() const;
    void fill_pace(stats::WorkloadInfo& workload) const;
    [[nodiscard]] std::optional<stats::Ramp> ramp(const stats::CounterValues& counters) const;
    [[nodiscard]] std::optional<double> offered_per_s(const stats::CounterValues& counters) const;
    void fill_ways(stats::RunResult& result) const;
    void fill_messages(stats::RunResult& result) const;
    void fill_misbehaving(stats::RunResult& result) const;
    void fill_fan_out(stats::RunResult& result) const;
    void warn_of_resources(stats::RunResult& result) const;

    const Engine& engine_;
    const plan::Program& program_;
    const plan::RunOptions& options_;
    Measured measured_;
};

}  // namespace wsblast::load
