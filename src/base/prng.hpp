// Everything random comes from one seed, as a pure function of (seed, stream, index): a run can be
// repeated, and nothing that was drawn has to be remembered.
//
// Not for secrets. RFC 6455 10.3 asks for unpredictable keys to protect proxies from hostile script
// authors; a load generator sends its own bytes.
#pragma once

#include <cstdint>

namespace wsblast {

// What a number is drawn for: streams of one seed never overlap.
enum class Stream : std::uint32_t {
    mask_key = 1,
    handshake_key,
    user_name,
    agent_name,
    source_offset,
    arrival,        // gaps of Poisson arrivals
    message_value,  // what stands in the holes of messages
    target_fault,   // what the built-in target does to an answer
    fault,          // tests: injected faults
};

// The finaliser of SplitMix64: a bijection on 64 bits.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

// The index-th number of a stream of a seed.
[[nodiscard]] constexpr std::uint64_t draw(std::uint64_t seed, Stream stream, std::uint64_t index) {
    return mix(mix(mix(seed) ^ (static_cast<std::uint64_t>(stream) << 32)) + index);
}

// A value below `bound` (> 0), from a number that draw() gave. The bias is below bound / 2^64.
[[nodiscard]] constexpr std::uint64_t below(std::uint64_t random, std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(random) * bound) >> 64);
}

// A sequence, where a pure function of the index would be in the way (fault injection, shuffles).
class Prng {
  public:
    explicit constexpr Prng(std::uint64_t seed) : state_(mix(seed)) {}

    constexpr std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15u); }
    constexpr std::uint64_t next_below(std::uint64_t bound) { return below(next(), bound); }
    // True with the probability numerator / denominator.
    constexpr bool chance(std::uint64_t numerator, std::uint64_t denominator) {
        return next_below(denominator) < numerator;
    }

  private:
    std::uint64_t state_;
};

// A seed for a run that was given none (getrandom(2)).
[[nodiscard]] std::uint64_t random_seed();

}  // namespace wsblast
