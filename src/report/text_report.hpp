// A result in words, for standard output: the result block, whose labels and order scripts rely on, and the
// details that follow it.
#pragma once

#include <string>

#include "report/text_sections.hpp"
#include "stats/result.hpp"

namespace wsblast::report {

// From one line of "=" to the other, with a line feed at the end. Nothing of the server's is in it.
[[nodiscard]] std::string result_block(const stats::RunResult& result);

// What follows the block: the sections of text_sections.hpp, in their order.
[[nodiscard]] std::string details(const stats::RunResult& result, Colour colour);

// Both.
[[nodiscard]] std::string text_report(const stats::RunResult& result, Colour colour);

}  // namespace wsblast::report
