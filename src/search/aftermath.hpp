// What is done with the connections once they are there: they are held, some of them leave and come back
// all the time (churn), and many of them are lost at once and come back (a storm).
#pragma once

#include "search/capacity.hpp"
#include "search/walk_state.hpp"

namespace wsblast::search {

// As far as the plan asks for it. Fills in `hold` and `storm` of the result; what goes wrong meanwhile is a
// limit when it is more than a chance, else a finding.
void after_the_walk(const CapacityPlan& plan, WalkState& state);

// "jittered, 1s up to 30s".
[[nodiscard]] std::string to_text(const plan::ReconnectPolicy& policy);

}  // namespace wsblast::search
