// Texts with holes, compressed once: what stands between the holes is deflate that refers to nothing else,
// and each hole is a stored block (RFC 1951 3.2.4) whose bytes are written as they are.
//
// Before the run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace wsblast::plan {

// Before a hole's bytes: their number, and its complement. What else a stored block has ends the literal
// before it.
inline constexpr std::size_t kStoredHeaderBytes = 4;
inline constexpr std::size_t kStoredBytesMax = 0xffff;

// The literals of one message, with a hole after each but the last. Each of the results is to be followed
// by its hole, the last one ends the message (RFC 7692 7.2.1). Inflated by a window of that many bits.
[[nodiscard]] std::vector<std::string> deflate_literals(const std::vector<std::string>& literals,
                                                        int window_bits);

// Writes the header of a hole of `size` bytes, at most kStoredBytesMax; returns its end.
std::uint8_t* write_stored_header(std::uint8_t* out, std::size_t size);

}  // namespace wsblast::plan
