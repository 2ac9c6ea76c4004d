// What the backend does more of at the knee than at half of it: a step at each, under the profiler. The
// main thread.
#pragma once

#include <span>

#include <sys/types.h>

#include "plan/saturate_options.hpp"
#include "search/fleet_steps.hpp"
#include "stats/saturation_result.hpp"

namespace wsblast::search {

// Of the last search that has a knee. What stands in its way becomes a warning: a search is no failure for
// lack of a profile.
void add_profile(const plan::SaturateOptions& options, FleetSteps& steps, std::span<const pid_t> pids,
                 stats::SaturationResult& result);

}  // namespace wsblast::search
