// The rows of `doctor` on source addresses and ports: how many connections toward the targets they carry.
#pragma once

#include <cstdint>

#include "search/doctor_facts.hpp"
#include "stats/limit_check.hpp"

namespace wsblast::search {

// Source addresses x ports, as a run plans them (transport/source_plan.hpp).
[[nodiscard]] stats::LimitCheck source_ports_row(const DoctorFacts& facts);

// Pairs that ended connections still hold toward the targets.
[[nodiscard]] stats::LimitCheck time_wait_row(const DoctorFacts& facts);

// The most connections that a run's own plan accepts, less the pairs that are taken toward the targets.
// Never above limits::kConnectionsMax.
[[nodiscard]] std::uint64_t pairs_ceiling(const DoctorFacts& facts);

}  // namespace wsblast::search
