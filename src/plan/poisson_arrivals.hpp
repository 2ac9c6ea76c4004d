// Arrivals at random: as of many senders that know nothing of each other, so many a second on average (a
// Poisson process), for a time.
//
// A pure function of rate, duration and seed, without memory: how many there are is one draw, and given
// that each may lie anywhere. Where arrival k lies is found by halving the time again and again; how many
// of a part's arrivals lie in its first half is a draw of that part.
#pragma once

#include <cstdint>

#include "base/units.hpp"

namespace wsblast::plan {

class PoissonArrivals {
  public:
    // Of none.
    PoissonArrivals() = default;
    PoissonArrivals(double per_s, TimeNs duration_ns, std::uint64_t seed);

    [[nodiscard]] std::uint64_t count() const { return count_; }
    // Of arrival `number` < count(), since the beginning: below the duration, and never before the arrival
    // with the number before it. Halves the time some 40 times.
    [[nodiscard]] TimeNs due_ns(std::uint64_t number) const;

  private:
    TimeNs duration_ns_ = 0;
    std::uint64_t seed_ = 0;
    std::uint64_t count_ = 0;
};

}  // namespace wsblast::plan
