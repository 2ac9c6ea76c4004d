// What the backend used as JSON, to stand in other reports. What is unknown is null.
#pragma once

#include <nlohmann/json.hpp>

#include "stats/backend_use.hpp"

namespace wsblast::report {

[[nodiscard]] nlohmann::ordered_json backend_json(const stats::BackendUse& use);

}  // namespace wsblast::report
