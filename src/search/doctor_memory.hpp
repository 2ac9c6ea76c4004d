// The rows of `doctor` on memory.
#pragma once

#include "search/doctor_facts.hpp"
#include "stats/limit_check.hpp"

namespace wsblast::search {

// What the ends of connections on this machine take, against what is available.
[[nodiscard]] stats::LimitCheck memory_row(const DoctorFacts& facts);
// The same against the control group that leaves least.
[[nodiscard]] stats::LimitCheck group_memory_row(const DoctorFacts& facts);
[[nodiscard]] stats::LimitCheck swap_row(const DoctorFacts& facts);

}  // namespace wsblast::search
