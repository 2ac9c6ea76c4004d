// A scenario file's run as Artillery's report.json has it: what reads those files reads this one.
#pragma once

#include <string>
#include <string_view>

#include "stats/script_result.hpp"

namespace wsblast::report {

// {"aggregate": ..., "intermediate": [...]}: counters, rates and summaries by name, values of summaries and
// rates to a tenth, times in Unix milliseconds; `histograms` has what `summaries` has. Times of what was
// not measured are left out. Indented by two spaces, with a line feed at the end.
[[nodiscard]] std::string artillery_json(const stats::ScriptResult& result);

// The file's name where -o names a directory: "artillery_report_20260131_102030.json", by the time of day
// `utc_offset_s` east of Greenwich.
[[nodiscard]] std::string report_file_name(std::int64_t unix_ms, std::int32_t utc_offset_s);

}  // namespace wsblast::report
