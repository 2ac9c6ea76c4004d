// One sentence on what gave first, from the evidence of the steps. Pure.
#pragma once

#include <string>

#include "stats/saturation_result.hpp"

namespace wsblast::search {

// "p99<50ms: 61.2 ms (58.9 to 64.0) at 12,500 messages/s, where all of what was offered came back".
[[nodiscard]] std::string what_gave_first(const stats::LoadSearch& search, stats::LoadAxis axis);

// "12,500 messages/s", "1.5 messages/s".
[[nodiscard]] std::string load_text(double load, stats::LoadAxis axis);

}  // namespace wsblast::search
