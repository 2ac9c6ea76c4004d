// Leads one run: watches what the workers count, opens the gates between the stages, notices what cannot
// come to a good end, and turns the counts into a result. It shares nothing with the hot path but relaxed
// reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "load/engine.hpp"
#include "load/run.hpp"
#include "load/observer.hpp"
#include "plan/program.hpp"
#include "stats/result.hpp"
#include "stats/slo.hpp"
#include "stats/timeline.hpp"

namespace wsblast::load {

class Coordinator {
  public:
    // Everything lives longer than the coordinator.
    Coordinator(Engine& engine, const plan::Program& program, const plan::RunOptions& options,
                const RunHooks& hooks);

    // Blocks until every worker has ended.
    void lead();

    // What was measured. After lead().
    [[nodiscard]] stats::RunResult result();

  private:
    // How the run came to its end.
    enum class Ending : std::uint8_t {
        natural,
        interrupted,
        hopeless,  // nothing but failures
        aborted,   // a check has failed, and was to end the run
    };

    static constexpr TimeNs kStepNs = 5 * kMillisecond;
    static constexpr TimeNs kSecondCopiesNs = 500 * kMillisecond;
    static constexpr TimeNs kProgressStepNs = 200 * kMillisecond;
    static constexpr TimeNs kRowNs = 1 * kSecond;

    void open_gates(TimeNs now_ns);
    void give_up_if_hopeless(TimeNs now_ns);
    [[nodiscard]] bool all_settled(TimeNs now_ns);
    void observe(TimeNs now_ns);
    void show_progress(TimeNs now_ns);
    void stop(Ending ending, TimeNs now_ns);
    void end_row(TimeNs now_ns);
    void abort_on_slo(TimeNs now_ns);
    [[nodiscard]] bool sending_is_over(const stats::CounterValues& counters, TimeNs now_ns) const;
    void end_checks(TimeNs now_ns);
    [[nodiscard]] TimeNs first_due_ns() const;
    [[nodiscard]] std::optional<double> first_due_s() const;
    [[nodiscard]] stats::RunPhase phase(const stats::CounterValues& counters, TimeNs now_ns) const;
    [[nodiscard]] std::optional<TimeNs> time_left(stats::RunPhase phase, TimeNs now_ns) const;

    Engine& engine_;
    const plan::Program& program_;
    const plan::RunOptions& options_;
    const RunHooks& hooks_;
    bool has_start_gate_;

    std::string started_at_;
    TimeNs start_ns_;
    Observer observer_;
    TimeNs senders_settled_ns_ = 0;
    TimeNs all_delivered_ns_ = 0;
    TimeNs settled_ns_ = 0;  // when the stage was raised
    Ending ending_ = Ending::natural;
    TimeNs stopped_ns_ = 0;    // when it did not come to its end
    std::string why_stopped_;  // then, if it was not the user
    stats::SloMonitor slos_;
    TimeNs shown_ns_ = 0;  // when progress was shown last
    TimeNs row_ns_;
};

}  // namespace wsblast::load
