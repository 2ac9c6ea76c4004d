// The rows of `doctor` on processors: none of them bounds the connections, all of them bound what a time
// measured here is worth.
#pragma once

#include "search/doctor_facts.hpp"
#include "stats/limit_check.hpp"

namespace wsblast::search {

[[nodiscard]] stats::LimitCheck cpu_quota_row(const DoctorFacts& facts);
[[nodiscard]] stats::LimitCheck governor_row(const DoctorFacts& facts);
[[nodiscard]] stats::LimitCheck steal_row(const DoctorFacts& facts);
[[nodiscard]] stats::LimitCheck numa_row(const DoctorFacts& facts);

}  // namespace wsblast::search
