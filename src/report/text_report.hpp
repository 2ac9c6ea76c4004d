// A result in words, for standard output: the result block, whose labels and order scripts rely on, and the
// details that follow it.
#pragma once

#include <cstdint>
#include <string>

#include "stats/result.hpp"

namespace wsblast::report {

// ANSI colours, of the words of the verdict only.
enum class Colour : std::uint8_t { on, off };

// From one line of "=" to the other, with a line feed at the end. Nothing of the server's is in it.
[[nodiscard]] std::string result_block(const stats::RunResult& result);

// What follows the block: targets and verdict, the generator's health, the slow end of the latencies, the
// ramp, refused upgrades, warnings. Bytes of the server are shown with "." for what is not printable ASCII.
[[nodiscard]] std::string details(const stats::RunResult& result, Colour colour);

// Both.
[[nodiscard]] std::string text_report(const stats::RunResult& result, Colour colour);

}  // namespace wsblast::report
