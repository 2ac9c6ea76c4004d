// The search for a capacity: connections are opened from plateau to plateau until as many are held as were
// asked for, or something gives; then they are held, and dropped and awaited, as far as that was asked for.
//
// At each plateau a sample of all connections, the oldest included, is asked for an answer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "plan/capacity_options.hpp"
#include "search/climb.hpp"
#include "search/limit_finder.hpp"
#include "search/walk_parts.hpp"
#include "stats/capacity_result.hpp"

namespace wsblast::search {

struct CapacityPlan {
    std::uint64_t wanted = 0;
    std::uint64_t allowed_max = 0;          // attempts in all: at least `wanted`
    std::vector<std::uint64_t> plateaus{};  // ascending, the last one is the end
    // What ends it at the last plateau, if that is below `wanted`.
    std::optional<stats::Limit> ceiling{};
    std::uint32_t sample = 0;
    TimeNs hold_ns = 0;
    double churn_per_s = 0;
    std::optional<plan::Storm> storm{};
    std::uint32_t cores = 1;
    std::optional<double> connect_rate_per_s{};
    TimeNs connect_timeout_ns = 0;
    TimeNs answer_timeout_ns = 0;
};

// Where to stop on the way to `last`: in steps of `step`, or, with 0, doubling from kPlateauFirst.
[[nodiscard]] std::vector<std::uint64_t> plateaus_to(std::uint64_t last, std::uint64_t step);

// Blocks. Fills in what the walk knows: everything but version, start, target, exit status. The connections
// stay open.
[[nodiscard]] stats::CapacityResult find_capacity(const CapacityPlan& plan, Connections& connections,
                                                  Surroundings& surroundings);

}  // namespace wsblast::search
