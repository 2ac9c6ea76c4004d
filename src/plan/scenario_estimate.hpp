// What a scenario will ask of this machine and of its target, as far as that is known before it is run: how
// many users, when, and how many of them at the same time; how many messages.
//
// Pure functions. A session's shortest length is the sum of its think times: round trips come on top.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "plan/arrival_phases.hpp"
#include "plan/scenario.hpp"

namespace wsblast::plan {

// How good a figure is: what only a run decides (variables, while loops) makes it a lower bound.
enum class Bound : std::uint8_t { exact, at_least, endless };

struct FlowEstimate {
    std::string name{};
    double share = 0;  // of the users
    double length_s = 0;
    double messages_sent = 0;
    double messages_awaited = 0;
    double calls = 0;  // of JavaScript, which may send as well
    Bound bound = Bound::exact;
};

struct PhaseEstimate {
    std::string name{};
    PhaseKind kind = PhaseKind::pause;
    double duration_s = 0;
    double from_per_s = 0;
    double to_per_s = 0;
    std::uint64_t users = 0;         // that begin in it; `hold`: that are held
    std::uint64_t users_max = 0;     // at the same time, the others are left out (maxVusers); 0: no bound
    std::uint64_t users_spread = 0;  // of an average: three standard deviations; 0: it is exact
};

struct ScenarioEstimate {
    std::vector<PhaseEstimate> phases;
    std::vector<FlowEstimate> flows;
    std::uint64_t users = 0;         // those of `hold` once
    std::uint64_t held = 0;          // of these, those of `hold`: who ends is followed, so more begin
    std::uint64_t users_spread = 0;  // as of the phases
    double arrivals_s = 0;           // until the last phase has ended
    double session_s = 0;            // of the users on average, shortest
    double messages_per_user = 0;    // sent, on average; without those of JavaScript
    double calls_per_user = 0;       // of JavaScript
    double messages_sent = 0;        // by all
    std::uint64_t peak = 0;          // users at the same time, each session at its shortest
    std::uint64_t peak_bound = 0;    // the highest rate for as long as the longest session: to be ready for
    Bound bound = Bound::exact;
};

[[nodiscard]] FlowEstimate estimate_flow(const Scenario& scenario, const ScenarioFlow& flow);

// How many users phases at random begin: those of the scenario's seed, or, where a run will have another
// one, so many on average.
enum class Draws : std::uint8_t { of_seed, average };

[[nodiscard]] ScenarioEstimate estimate(const Scenario& scenario, Draws draws = Draws::of_seed);

}  // namespace wsblast::plan
