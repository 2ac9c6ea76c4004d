// The connections that misbehaved on purpose, as text and as JSON: a section of their own.
#pragma once

#include <string>
#include <vector>

#include "report/json_values.hpp"
#include "stats/misbehaving.hpp"

namespace wsblast::report {

// A line a kind; empty without any.
[[nodiscard]] std::string misbehaving_section(const std::vector<stats::Misbehaving>& kinds);
[[nodiscard]] Json misbehaving_json(const std::vector<stats::Misbehaving>& kinds);

}  // namespace wsblast::report
