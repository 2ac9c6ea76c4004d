// config.ensure, or config.plugins.ensure: what a run has to pass.
#pragma once

#include <string>
#include <vector>

#include "base/node.hpp"
#include "base/result.hpp"
#include "stats/ensure.hpp"

namespace wsblast::script {

// Thresholds and conditions, in the order of the file, and the legacy keys: min, max, median, p95 and p99
// of websocket.response_time, and maxErrorRate in percent. Both places count, plugins first. Errors:
// "FILE:LINE: config.ensure.thresholds[0]: ...".
[[nodiscard]] Result<stats::EnsureRules> read_checks(const Node& config,
                                                     std::vector<std::string>& warnings);

}  // namespace wsblast::script
