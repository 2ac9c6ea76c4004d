// What the leader of a run of rounds and its workers tell each other, besides session/run_control.hpp:
// numbers that go up, and what they are about. A worker acts on a number once, and acknowledges it.
//
//     roll_call n    the worker chooses who takes part in the next round, and says how many
//     round n        seats, T0 and the program's schedule are there: those who were chosen begin
//     cut n          this round sends no more
//     storm n        a share of the open connections is dropped
#pragma once

#include <atomic>
#include <cstdint>

#include "plan/round.hpp"
#include "stats/cell.hpp"

namespace wsblast::session {

// Written by the leader. What is not atomic is written before the number that it belongs to, and stays
// until every worker has acknowledged that.
struct RoundControl {
    std::atomic<std::uint32_t> roll_call{0};
    std::atomic<std::uint32_t> round{0};
    std::atomic<std::uint32_t> cut{0};
    std::atomic<std::uint32_t> storm_number{0};
    std::atomic<double> churn_per_s{0};  // the share of the connections
    std::uint32_t every = 1;             // of the roll call: one of so many is chosen
    plan::Storm storm;
};

// Written by one worker. A number that is read with acquire brings what the worker wrote before.
struct RoundReport {
    std::atomic<std::uint32_t> roll_called{0};
    std::atomic<std::uint32_t> round_begun{0};
    std::atomic<std::uint32_t> storms_done{0};
    // A gauge: those who take part in the round and are not done with it. At 0, all that the round has
    // counted is there.
    std::atomic<std::uint32_t> playing{0};
    stats::Cell chosen;  // by the last roll call

    stats::Cell preparing;  // a gauge: open, and have not come to rest yet: their setup is not answered
    stats::Cell lost_at_rest;
    stats::Cell dropped;
    stats::Cell churned;
    stats::Cell replaced;
    stats::Cell reopened;
    stats::Cell reopen_failures;
    stats::Cell away;       // a gauge: to come back, and not back yet
    stats::Cell waiting;    // a gauge: of them, those that wait for their next attempt
    stats::Cell replacing;  // a gauge: of them, those that were replaced

    // The worker.
    void begin_playing(std::uint32_t count) { playing.store(count, std::memory_order_release); }
    void end_playing() {
        playing.store(playing.load(std::memory_order_relaxed) - 1, std::memory_order_release);
    }
};

}  // namespace wsblast::session
