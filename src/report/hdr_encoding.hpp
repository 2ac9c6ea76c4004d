// A histogram in the form that the tools of HdrHistogram read: its V2 encoding, compressed, as base64.
//
// Our buckets are those of an HdrHistogram from 1 ns to an hour with three significant digits, so nothing
// is rounded. https://github.com/HdrHistogram/HdrHistogram
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stats/histogram.hpp"

namespace wsblast::report {

// "HISTFAAA...", of an empty histogram too.
[[nodiscard]] std::string hdr_text(const stats::HistogramSnapshot& values);

// The encoding before it is compressed.
[[nodiscard]] std::vector<std::uint8_t> hdr_payload(const stats::HistogramSnapshot& values);

}  // namespace wsblast::report
