// Durations as Artillery takes them: seconds, or a text of a number and a unit, as npm's ms reads it.
#pragma once

#include <optional>
#include <string_view>

#include "base/node.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

namespace wsblast::script {

// "90" and "1.5" are seconds; "500ms", "30s", "5m", "1.5 hours", "2d". Nothing: it is none of these, is
// negative, or is longer than limits::kPhaseNsMax.
[[nodiscard]] std::optional<TimeNs> parse_script_duration(std::string_view text);

inline constexpr std::string_view kDurationAllowed =
    "a number of seconds, or a text like '500ms', '30s', '5m' or '1h', of at most a year";

// The same of a number or a text. Usage error: what is allowed.
[[nodiscard]] Result<TimeNs> duration_of(const Node& node, std::string_view key);

}  // namespace wsblast::script
