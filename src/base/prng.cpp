#include "base/prng.hpp"

#include <sys/random.h>

#include "base/clock.hpp"

namespace wsblast {

std::uint64_t random_seed() {
    std::uint32_t seed = 0;  // 32 bits: short enough to be typed again
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed) seed = static_cast<std::uint32_t>(monotonic_now());
    return seed;
}

}  // namespace wsblast
