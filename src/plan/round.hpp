// One round of messages over connections that are open already: what the searches of a limit ask for, again
// and again. And how connections that were dropped come back.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/prng.hpp"
#include "base/units.hpp"
#include "plan/run_options.hpp"
#include "plan/schedule.hpp"

namespace wsblast::plan {

struct Round {
    double rate_per_s = 0;  // over all connections that take part; above 0
    Arrivals arrivals = Arrivals::uniform;
    TimeNs warmup_ns = 0;     // messages due in it are sent, and left out of the result
    TimeNs duration_ns = 0;   // after the warm-up
    std::uint32_t every = 1;  // of so many open connections one takes part, drawn by the seed
};

// Its messages, as `seed` draws them: another one for each round.
[[nodiscard]] inline Schedule schedule_of(const Round& round, std::uint64_t seed) {
    Schedule schedule;
    schedule.pacing = Pacing::rate;
    schedule.rate = RateCurve::at(round.rate_per_s);
    schedule.arrivals = round.arrivals;
    schedule.duration_ns = round.duration_ns;
    schedule.warmup_ns = round.warmup_ns;
    schedule.seed = seed;
    return schedule;
}

// When a client that lost its connection tries again.
enum class Reconnect : std::uint8_t {
    immediate,    // at once, after each failure too
    exponential,  // after `first_ns`, then twice as long after each failure, up to `max_ns`
    jittered,     // at random between 0 and that
};

struct ReconnectPolicy {
    Reconnect kind = Reconnect::immediate;
    TimeNs first_ns = 0;
    TimeNs max_ns = 0;

    // The wait before attempt `attempt` (0: the first one). `random` is uniform over 64 bits.
    [[nodiscard]] TimeNs wait_ns(std::uint32_t attempt, std::uint64_t random) const {
        constexpr std::uint32_t kDoublingsMax = 32;
        if (kind == Reconnect::immediate || first_ns == 0) return 0;
        const std::uint32_t doublings = std::min(attempt, kDoublingsMax);
        const TimeNs whole_ns =
            first_ns > (max_ns >> doublings) ? max_ns : std::min(first_ns << doublings, max_ns);
        return kind == Reconnect::jittered ? below(random, whole_ns + 1) : whole_ns;
    }
};

// Connections that are lost at once, as when a network or a proxy fails.
struct Storm {
    double share = 0;  // 0 .. 1, of the open connections
    ReconnectPolicy policy;
};

}  // namespace wsblast::plan
