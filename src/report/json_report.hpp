// A result as one JSON object, schema "wsblast.result/1": for scripts, which rely on its keys. Within /1
// keys may be added; none is renamed or removed.
//
// Numbers are unrounded, in the unit that the key's end names; what is unknown or has no samples is null.
#pragma once

#include <string>

#include "stats/result.hpp"

namespace wsblast::report {

inline constexpr const char* kResultSchema = "wsblast.result/1";

// Indented by two spaces, UTF-8, with a line feed at the end. Bytes of a server that are no UTF-8 become
// U+FFFD.
[[nodiscard]] std::string json_report(const stats::RunResult& result);

// One row of the time series as a line of its own (NDJSON), with the keys that the result's rows have.
[[nodiscard]] std::string row_line(const stats::TimelineRow& row);

}  // namespace wsblast::report
