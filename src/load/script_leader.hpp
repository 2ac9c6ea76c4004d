// Leads the run of a scenario file: watches what the workers count of their users, cuts it into windows,
// ends the run when nobody is left, and makes the result. It shares nothing with the hot path but relaxed
// reads.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/units.hpp"
#include "load/engine.hpp"
#include "load/observer.hpp"
#include "load/script_run.hpp"
#include "plan/arrival_phases.hpp"
#include "plan/program.hpp"
#include "plan/scenario.hpp"
#include "stats/script_result.hpp"
#include "stats/slo.hpp"

namespace wsblast::load {

class ScriptLeader {
  public:
    struct Input {
        Engine& engine;
        const plan::Program& program;
        const plan::Scenario& scenario;
        const plan::ArrivalPlan& arrivals;
        const plan::RunOptions& options;
        const ScriptHooks& hooks;
    };
    // Everything lives longer.
    explicit ScriptLeader(const Input& input);

    // Blocks until every worker has ended.
    void lead();
    // After lead().
    [[nodiscard]] stats::ScriptResult result();

  private:
    static constexpr TimeNs kStepNs = 5 * kMillisecond;
    static constexpr TimeNs kProgressStepNs = 200 * kMillisecond;
    static constexpr TimeNs kRowNs = 1 * kSecond;
    static constexpr std::int64_t kWindowMs = 10'000;

    void watch(TimeNs now_ns);
    void end_row(TimeNs now_ns);
    void show_logs();
    void show_progress(TimeNs now_ns);
    void note_times(const stats::UserGauges& users);
    void end_window(const stats::UserSnapshot& users, TimeNs now_ns);
    [[nodiscard]] std::int64_t unix_ms(TimeNs time_ns) const;

    Input input_;
    std::string started_at_;
    WallClock wall_clock_;
    TimeNs start_ns_;
    Observer observer_;
    stats::SloMonitor slos_;
    TimeNs stopped_ns_ = 0;
    TimeNs settled_ns_ = 0;
    TimeNs row_ns_;
    TimeNs shown_ns_ = 0;
    stats::UserSnapshot window_begin_;  // what was counted before the window
    TimeNs window_begin_ns_;
    std::int64_t period_ms_;
    std::int64_t first_counter_ms_ = 0;  // of the window
    std::int64_t first_histogram_ms_ = 0;
    std::uint64_t users_peak_ = 0;
    stats::ScriptResult result_;
};

}  // namespace wsblast::load
