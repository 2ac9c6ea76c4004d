// `doctor`: what this machine can take, judged from facts alone.
#pragma once

#include <string>

#include "search/doctor_facts.hpp"
#include "stats/limit_check.hpp"

namespace wsblast::search {

// Every row that matters for these targets, and the limit that comes first. A pure function.
[[nodiscard]] stats::LimitTable examine(const DoctorFacts& facts);

// What --fix prints: a file for /etc/sysctl.d and one for /etc/security/limits.d with all settings that the
// rows ask for, and a line why before each. Each begins with its path in a comment.
[[nodiscard]] std::string fix_files(const stats::LimitTable& table);

}  // namespace wsblast::search
