// What a person asked of `capacity`, as plain data.
#pragma once

#include <cstdint>
#include <optional>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "plan/round.hpp"
#include "plan/run_options.hpp"
#include "plan/watch_options.hpp"

namespace wsblast::plan {

struct CapacityOptions {
    RunOptions run;  // where, what and how; its `connections` counts for nothing
    std::optional<std::uint32_t>
        connections_max;     // empty: limits::kCapacityMax, and to find a limit is success
    std::uint32_t step = 0;  // between plateaus; 0: they double
    std::uint32_t sample = limits::kProbeSample;  // of all connections, asked at each plateau; 0: none
    TimeNs hold_ns = 0;
    double churn_per_s = 0;             // share of the connections, while they are held
    std::optional<double> storm_share;  // of the connections, dropped at once at the end
    ReconnectPolicy reconnect;
    WatchOptions watch;  // empty: whoever serves the target here
};

}  // namespace wsblast::plan
