#include "target/burner.hpp"

#include "base/clock.hpp"

namespace wsblast::target {

// Between two looks at the clock it works for about a microsecond: the time is spent here, not in the
// clock.
[[gnu::noinline]] void burn_cpu(TimeNs duration_ns) {
    constexpr int kRounds = 2'000;
    const TimeNs end_ns = monotonic_now() + duration_ns;
    do {
        for (int round = 0; round < kRounds; ++round) asm volatile("" : : "r"(round) : "memory");
    } while (monotonic_now() < end_ns);
}

}  // namespace wsblast::target
