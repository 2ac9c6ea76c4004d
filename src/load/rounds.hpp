// Leads the workers of a run of rounds: the other side of session/round_control.hpp. The main thread.
#pragma once

#include <cstdint>

#include "base/units.hpp"
#include "load/engine.hpp"
#include "plan/round.hpp"
#include "session/run_control.hpp"

namespace wsblast::load {

class Rounds {
  public:
    // The engine's program has rounds, and outlives this.
    explicit Rounds(Engine& engine) : engine_(engine), control_(engine.control()) {}

    // So many connections may be opened, from `now_ns` on.
    void open_to(std::uint64_t connections, TimeNs now_ns);
    // No more than have begun.
    void stop_opening();

    // Chooses one of `every` connections that rest. Blocks for as long as the workers need to look at all
    // of theirs. How many were chosen.
    [[nodiscard]] std::uint64_t call_roll(std::uint32_t every);
    // They begin, with the schedule that the program has by now. `gate_ns`: T0, ahead.
    void begin(TimeNs gate_ns, TimeNs measured_from_ns);
    // No more is sent.
    void cut();
    // All that took part have come to rest, or are gone: what they counted is there.
    [[nodiscard]] bool over() const;

    // Blocks until the share is dropped.
    void drop(const plan::Storm& storm);
    void churn(double share_per_s);

    // Of one number of the workers' reports, added up.
    [[nodiscard]] std::uint64_t sum(stats::Cell session::RoundReport::*cell) const;
    [[nodiscard]] std::uint64_t sum(stats::Cell session::WorkerReport::*cell) const;

  private:
    using Acknowledged = std::atomic<std::uint32_t> session::RoundReport::*;
    [[nodiscard]] bool all_have(Acknowledged what, std::uint32_t number) const;
    void wait_for(Acknowledged what, std::uint32_t number) const;

    Engine& engine_;
    session::RunControl& control_;
};

}  // namespace wsblast::load
