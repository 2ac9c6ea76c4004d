// How long the worker was at work between two ticks: as long nothing could be noticed, neither what came
// nor what became due.
//
// One worker thread.
#pragma once

#include <algorithm>

#include "base/units.hpp"
#include "stats/shard.hpp"

namespace wsblast::session {

// Once a run has settled, what its workers are at delays no message.
enum class Counted : std::uint8_t { no, yes };

class LoopLag {
  public:
    explicit LoopLag(stats::Shard& shard) : shard_(shard) {}

    // Once a tick. `waited_ns`: how long the transport has waited in all. Records the time since the last
    // tick, without the wait.
    void note(TimeNs now_ns, TimeNs waited_ns, Counted counted) {
        const TimeNs round_ns = now_ns - last_tick_ns_;
        const TimeNs wait_ns = waited_ns - last_waited_ns_;
        if (last_tick_ns_ != 0 && counted == Counted::yes)
            shard_.loop_lag.record(round_ns - std::min(wait_ns, round_ns));
        last_tick_ns_ = now_ns;
        last_waited_ns_ = waited_ns;
    }
    // What this tick takes is no measure of how the worker gets on with its messages.
    void leave_out() { last_tick_ns_ = 0; }

  private:
    stats::Shard& shard_;
    TimeNs last_tick_ns_ = 0;  // 0: there was none, or it is left out
    TimeNs last_waited_ns_ = 0;
};

}  // namespace wsblast::session
