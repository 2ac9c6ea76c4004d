// What the coordinator of a run and its workers tell each other: a handful of relaxed atomics, no lock, no
// queue. The coordinator raises the stage; workers read it once a tick and report by counters.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "plan/program.hpp"
#include "session/round_control.hpp"
#include "stats/cell.hpp"
#include "stats/shard.hpp"

namespace wsblast::session {

// The stages of a run; it only goes up.
enum class Stage : std::uint32_t {
    opening,   // connections are opened; without a start gate they begin to send at once
    opened,    // all are open or failed: the gate before the messages is up (T0 is known)
    settled,   // all have settled: they hold, then close
    stopping,  // an interrupt, or nothing to hope for: no new work, close
    left,      // nobody waits for what is open: the workers end, and the kernel closes it
};

// Written by one worker, read by the coordinator.
struct alignas(limits::kCacheLineBytes) WorkerReport {
    stats::Cell at_gate;       // connections at the start gate, or gone before it
    stats::Cell seats;         // a gauge: of them, those that are open and will send
    stats::Cell listening;     // a gauge: open connections that only receive
    stats::Cell first_due_ns;  // of measured messages; 0: none
    stats::Cell last_due_ns;
    stats::Cell last_settled_ns;  // when the last measured message was answered or lost
    stats::Cell longest_tick_ns;
    // Thread CPU time when the worker's ramp began, after its first and before its last window of
    // connections, and at its end; 0: not reached.
    std::array<stats::Cell, 4> ramp_cpu_ns;
    stats::Cell ramp_end_ns;      // when the last of the worker's connections was open or had failed
    stats::Cell opens;            // connections that were begun for the first time
    stats::Cell handshakes;       // a gauge: in flight
    stats::Cell handshakes_peak;  // since the start, or the last storm
    RoundReport rounds;           // of a run of rounds
};

// Written by the coordinator before the stage that needs it is raised.
struct RunControl {
    std::atomic<Stage> stage{Stage::opening};
    std::atomic<TimeNs> start_ns{0};                      // when connections may be opened, ...
    std::atomic<std::uint64_t> opens{~std::uint64_t{0}};  // ... so many of the run's; it only goes up
    std::atomic<TimeNs> gate_ns{0};                       // T0
    std::atomic<TimeNs> measured_from_ns{0};              // messages due before are those of the warm-up
    std::atomic<std::uint64_t> seats{0};                  // connections at the gate when it was raised
    std::vector<std::uint64_t> first_seat;                // by worker, and behind the last one's
    RoundControl rounds;                                  // of a run of rounds

    // Any worker, once a tick. Acquire: what was written before the stage was raised is visible.
    [[nodiscard]] Stage current() const { return stage.load(std::memory_order_acquire); }
    // The coordinator.
    void raise(Stage next) { stage.store(next, std::memory_order_release); }
};

// What the parts of one worker's session have in common. All of it lives longer than they do.
struct RunParts {
    const plan::Program& program;
    const RunControl& control;
    WorkerReport& report;
    stats::Shard& shard;
    stats::Shard& warm;  // of messages that were due in the warm-up
};

}  // namespace wsblast::session
