// The queue of --service-time: answers wait for the first server that is free, first come first served over
// all connections, and leave when it has worked for a time that a law decides.
//
// It is computed, not worked off (Lindley 1952; for several servers Kiefer and Wolfowitz 1955): an answer
// departs at max(its arrival, when the earliest server is free) + its service time. Departures follow from
// each other and not from the clock, so the capacity is servers / mean service time whatever the CPU does,
// and a thread that was late has lost none of it.
//
// One worker thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.hpp"
#include "plan/serve_options.hpp"
#include "target/counters.hpp"

namespace wsblast::target {

class ServiceQueue {
  public:
    // Counts in `counters`, which live longer.
    ServiceQueue(const plan::ServicePlan& plan, std::uint64_t seed, Counters& counters);

    // False: there is no queue, and nothing else is to be called.
    [[nodiscard]] bool active() const { return plan_.any(); }

    // The departure of an answer that arrives now. Arrivals are never earlier than those before them.
    [[nodiscard]] TimeNs depart(TimeNs arrival_ns);

    // Counts out what has departed by then.
    void advance(TimeNs now_ns);

    // An answer was sent so long after it was due.
    void note_late(TimeNs late_ns);

    // Arrivals may be close to each other: whoever waits looks at the clock until then.
    [[nodiscard]] TimeNs awake_until_ns() const { return awake_until_ns_; }

    // How long answer `number` takes, from 0 in the order of arrival: a pure function of the seed.
    [[nodiscard]] TimeNs service_ns(std::uint64_t number) const;

  private:
    struct Departure {
        TimeNs at_ns = 0;
        TimeNs service_ns = 0;
    };
    static bool is_later(const Departure& a, const Departure& b) { return a.at_ns > b.at_ns; }

    plan::ServicePlan plan_;
    std::uint64_t seed_;
    Counters& counters_;
    std::uint64_t arrivals_ = 0;
    TimeNs awake_until_ns_ = 0;
    std::vector<TimeNs> free_at_ns_;      // of each server; a heap with the earliest on top
    std::vector<Departure> in_progress_;  // waiting and in service; a heap with the earliest on top
};

}  // namespace wsblast::target
