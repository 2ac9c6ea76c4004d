// What `validate` says of a scenario file: the phases and the users of each, the sessions, and what all of
// it takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/scenario_estimate.hpp"

namespace wsblast::report {

// What the file says besides.
struct PlanNotes {
    std::string file{};
    std::vector<std::string> targets{};    // as they are shown
    std::uint64_t connection_bytes = 0;    // that each connection takes
    std::string connection_text{};         // the same with its parts
    std::string processor{};               // empty: none
    std::vector<std::string> functions{};  // that it exports
    std::vector<std::string> warnings{};
};

// Tables of phases and scenarios, then the sums.
[[nodiscard]] std::string plan_text(const plan::ScenarioEstimate& estimate, const PlanNotes& notes);

// Connections, ports, memory: what the users take that there can be at the same time.
[[nodiscard]] std::string needs_text(const plan::ScenarioEstimate& estimate, const PlanNotes& notes);

}  // namespace wsblast::report
