// What a snapshot of a histogram holds, to be compared.
#pragma once

#include <cstdint>
#include <map>

#include "stats/histogram.hpp"

namespace wsblast::test {

using Counts = std::map<std::uint32_t, std::uint64_t>;  // by bucket

inline Counts counts_of(const stats::HistogramSnapshot& values) {
    Counts counts;
    values.for_each([&](std::uint32_t bucket, std::uint64_t count) { counts[bucket] = count; });
    return counts;
}

}  // namespace wsblast::test
