#include "plan/poisson_arrivals.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <random>

#include "base/prng.hpp"

namespace wsblast::plan {

namespace {

// Parts are numbered as the nodes of a binary tree, from 1; those of this level and below are not halved:
// of a year they are 28 ns long, of an hour less than one.
constexpr std::uint64_t kSmallestParts = std::uint64_t{1} << 50;
// So many coins are tossed. For more the normal distribution stands in: beyond a thousand of them it is as
// good, being as symmetric.
constexpr std::uint64_t kCoinsMax = 1024;

// From 0 up, below 1.
double fraction(std::uint64_t random) {
    return static_cast<double>(random >> 11) * 0x1p-53;
}

// How many of so many coins fall on one side.
std::uint64_t heads(std::uint64_t coins, std::uint64_t random) {
    Prng prng(random);
    if (coins > kCoinsMax) {
        // Box and Muller.
        const double radius = std::sqrt(-2 * std::log(1 - fraction(prng.next())));
        const double normal = radius * std::cos(2 * std::numbers::pi * fraction(prng.next()));
        const double all = static_cast<double>(coins);
        return static_cast<std::uint64_t>(
            std::clamp(std::round(all / 2 + std::sqrt(all) / 2 * normal), 0.0, all));
    }
    std::uint64_t count = 0;
    for (; coins >= 64; coins -= 64) count += static_cast<std::uint64_t>(std::popcount(prng.next()));
    const std::uint64_t rest = prng.next() & ((std::uint64_t{1} << coins) - 1);
    return count + static_cast<std::uint64_t>(std::popcount(rest));
}

}  // namespace

PoissonArrivals::PoissonArrivals(double per_s, TimeNs duration_ns, std::uint64_t seed)
    : duration_ns_(duration_ns), seed_(seed) {
    const double mean = per_s * to_seconds(duration_ns);
    if (mean <= 0) return;
    std::mt19937_64 engine(draw(seed, Stream::arrival, 0));
    count_ = std::poisson_distribution<std::uint64_t>(mean)(engine);
}

TimeNs PoissonArrivals::due_ns(std::uint64_t number) const {
    std::uint64_t part = 1;
    std::uint64_t inside = count_;  // arrivals of the part; `number` is of them
    while (inside > 1 && part < kSmallestParts) {
        const std::uint64_t first_half = heads(inside, draw(seed_, Stream::arrival, part));
        part *= 2;
        if (number < first_half) {
            inside = first_half;
        } else {
            number -= first_half;
            inside -= first_half;
            ++part;
        }
    }
    const std::uint64_t parts = std::bit_floor(part);  // of that level
    const double within = fraction(draw(seed_, Stream::arrival, part));
    const double place = (static_cast<double>(part - parts) + within) / static_cast<double>(parts);
    return std::min(static_cast<TimeNs>(place * static_cast<double>(duration_ns_)), duration_ns_ - 1);
}

}  // namespace wsblast::plan
