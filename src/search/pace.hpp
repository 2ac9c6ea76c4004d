// Who set the rate at which connections came. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "search/climb.hpp"
#include "stats/backend_use.hpp"
#include "stats/capacity_result.hpp"

namespace wsblast::search {

// One climb that was long enough to tell, and what was measured meanwhile.
struct PaceInput {
    double connections_per_s = 0;
    double opening_mean = 0;  // handshakes in flight
    std::optional<double> asked_per_s{};
    double own_cores_busy = 0;  // CPU time / wall time
    std::uint32_t cores = 1;    // that this process may use for it
    std::optional<stats::Summary> tcp{};
    std::optional<stats::Summary> upgrade{};
    stats::BackendUse target;
};

// A rate that was asked for and came is that; else a generator without CPU left sets it; else whoever lets
// handshakes wait: the target where they wait for their upgrade, the path (or a listen queue) where they
// wait for TCP. Empty when nobody waited for anybody.
[[nodiscard]] std::optional<stats::Pace> pace_of(const PaceInput& input);

}  // namespace wsblast::search
