// The distributions that intervals are made from, by Boost.Math. Pure functions; any thread.
#pragma once

#include <cstdint>

namespace wsblast::math {

// The value below which a share `share` (above 0, below 1) of the distribution lies.
[[nodiscard]] double normal_quantile(double share);
[[nodiscard]] double student_t_quantile(double share, double degrees_of_freedom);

// The share of a normal distribution that lies below `value`.
[[nodiscard]] double normal_share_below(double value);

// Both ends of an interval of a share.
struct ShareBounds {
    double low = 0;
    double high = 1;
};

// Clopper and Pearson's interval of the probability of an event that was seen `count` times in `total` > 0
// independent trials: exact, so that none in 300 is "below 1.2 %".
[[nodiscard]] ShareBounds binomial_bounds(std::uint64_t count, std::uint64_t total, double confidence);

}  // namespace wsblast::math
