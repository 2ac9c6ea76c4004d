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
    arrival,        // what Poisson arrivals are
    message_value,  // what stands in the holes of messages
    target_fault,   // what the built-in target does to an answer
    fault,          // tests: injected faults
    round,          // who takes part in a round, and when its messages are due
    storm,          // who is dropped
    reconnect,      // when a client that was dropped tries again
    service_time,   // how long the built-in target works on an answer
    offender,       // which connections misbehave
    user_flow,      // which scenario a virtual user follows
    user_value,     // of its variables that have several values, and of $random...
    user_row,       // which row of a CSV file is its own
    user_think,     // the jitter of think times
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

// Draws so many of a known number, each of them with the same chance, as they pass one after the other
// (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S).
class Sample {
  public:
    // At most `wanted` of the next `passing` ones.
    constexpr Sample(std::uint64_t seed, std::uint64_t wanted, std::uint64_t passing)
        : prng_(seed), wanted_(wanted), passing_(passing) {}

    // Whether the next one is drawn. Beyond `passing` none is.
    constexpr bool take() {
        if (wanted_ == 0 || passing_ == 0) return false;
        const bool taken = prng_.chance(wanted_, passing_--);
        if (taken) --wanted_;
        return taken;
    }

  private:
    Prng prng_;
    std::uint64_t wanted_;
    std::uint64_t passing_;
};

// A seed for a run that was given none (getrandom(2)).
[[nodiscard]] std::uint64_t random_seed();

}  // namespace wsblast
