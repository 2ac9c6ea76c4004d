// How messages travelled, where that was not as usual: compressed, or with pings of ours between them.
#pragma once

#include <string>

#include "report/json_values.hpp"
#include "stats/result.hpp"

namespace wsblast::report {

// Bytes before and after; empty where compression was not asked for.
[[nodiscard]] std::string compression_section(const stats::RunResult& result);
// null where it was not asked for.
[[nodiscard]] Json compression_json(const stats::RunResult& result);

// Round trips; empty, and null, where no pings were asked for.
[[nodiscard]] std::string ping_section(const stats::RunResult& result);
[[nodiscard]] Json ping_json(const stats::RunResult& result);

}  // namespace wsblast::report
