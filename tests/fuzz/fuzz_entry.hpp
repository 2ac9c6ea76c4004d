// What a fuzz entry provides, and how it complains.
//
// With clang an entry becomes a program of libFuzzer (tools/fuzz.ini, bench/fuzz), which begins with the
// samples. Everywhere else driver.cpp replays the corpus and mutates the samples for a second.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.hpp"
#include "base/units.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace wsblast::fuzz {

// Inputs that get deep into the code under test.
[[nodiscard]] std::span<const std::string> samples();

// What is being tried, for the report of a failure: a seed or a file. Empty under libFuzzer, which keeps it.
inline std::string current_input;

// Ends the program when a property does not hold.
inline void require(bool holds, std::string_view property) {
    if (holds) return;
    std::fprintf(stderr, "broken: %.*s; replay with the argument %s\n", static_cast<int>(property.size()),
                 property.data(), current_input.c_str());
    std::abort();
}

// Chance that an input decides, so that it is the same whenever it is replayed.
[[nodiscard]] inline Prng chance_of(ByteView bytes) {
    std::uint64_t hash = bytes.size();
    for (const std::uint8_t byte : bytes) hash = mix(hash ^ byte);
    return Prng(hash);
}

// At most so many cuts of an input, ascending.
[[nodiscard]] inline std::vector<std::size_t> cuts_of(ByteView bytes, Prng& prng, std::size_t cuts_max) {
    std::vector<std::size_t> cuts(prng.next_below(cuts_max + 1));
    for (std::size_t& cut : cuts) cut = prng.next_below(bytes.size() + 1);
    std::sort(cuts.begin(), cuts.end());
    return cuts;
}

}  // namespace wsblast::fuzz
