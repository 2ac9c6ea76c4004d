// What the target does wrong on purpose, as pure functions of the plan's seed: how long an answer is held
// back, and what becomes of it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/units.hpp"
#include "plan/serve_options.hpp"

namespace wsblast::target {

// What becomes of one answer.
enum class Fate : std::uint8_t {
    sent,
    dropped,
    duplicated,  // sent twice
    reordered,   // sent after the next one of its connection
};

// A random number as a fraction: from 0 on, below 1.
[[nodiscard]] inline double fraction_of(std::uint64_t random) {
    return static_cast<double>(random >> 11) * 0x1p-53;
}

// The time that a law makes of a fraction.
[[nodiscard]] TimeNs time_by(const plan::DelayPlan& law, double fraction);

// Of one worker.
class Faults {
  public:
    // `started_ns`: of the server, from which stalls are counted.
    Faults(const plan::FaultPlan& plan, std::uint32_t worker, TimeNs started_ns)
        : plan_(plan), worker_(worker), started_ns_(started_ns) {}

    [[nodiscard]] const plan::FaultPlan& plan() const { return plan_; }

    // The fate of the worker's answer `number`, and how long it is held back.
    [[nodiscard]] Fate fate_of(std::uint64_t number) const;
    [[nodiscard]] TimeNs delay_of(std::uint64_t number) const;

    // When what is to leave at `time_ns` may leave: then, or at the end of the stall.
    [[nodiscard]] TimeNs after_stall(TimeNs time_ns) const;

    // The status that the worker's upgrade `number` is refused with.
    [[nodiscard]] std::optional<std::uint16_t> rejection_of(std::uint64_t number) const;

  private:
    // A number of 0 .. 1, from one of several sequences.
    enum class Draw : std::uint64_t { fate, delay, choice, rejection };
    [[nodiscard]] double fraction(Draw what, std::uint64_t number) const;

    plan::FaultPlan plan_;
    std::uint32_t worker_;
    TimeNs started_ns_;
};

}  // namespace wsblast::target
