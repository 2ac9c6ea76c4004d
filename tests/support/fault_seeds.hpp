// A network's faults by a seed, for whole runs: each kind is left out of half of the seeds, and rare in the
// rest.
#pragma once

#include <cstdint>

#include "base/prng.hpp"
#include "transport/memory_faults.hpp"

namespace wsblast::test {

// What is as likely as `ending` says, in thousandths, ends a connection.
struct FaultBounds {
    std::uint64_t ending = 30;
    std::uint64_t silence = 20;
    TimeNs delay_ns = 300 * kMillisecond;
};

inline transport::MemoryFaults faults_of(std::uint64_t seed, const FaultBounds& bounds = {}) {
    Prng random(seed);
    const auto chance = [&](std::uint64_t most) {
        return random.chance(1, 2) ? 0 : static_cast<std::uint32_t>(random.next_below(most));
    };
    transport::MemoryFaults faults;
    faults.seed = seed;
    faults.split = chance(700);
    faults.delay = chance(500);
    faults.reset = chance(bounds.ending);
    faults.fin = chance(bounds.ending);
    faults.silence = chance(bounds.silence);
    faults.refuse = chance(100);
    faults.no_room = chance(500);
    faults.delay_ns_max = random.next_below(bounds.delay_ns);
    faults.window = chance(bounds.ending);
    return faults;
}

}  // namespace wsblast::test
