// A scenario's JavaScript before any user runs it: whether it loads and has the functions that the scenario
// names, and what these do in a world without connections. The main thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "plan/scenario.hpp"

namespace wsblast::app {

struct ProcessorCheck {
    std::vector<std::string> exported;  // functions, by name
    // "FILE:LINE: function 'x' failed when it was tried: ..."; no faults of the script: what a function
    // needs may come from the server.
    std::vector<std::string> failures;
};

enum class TryFunctions : std::uint8_t { no, yes };

// Loads the processor, as each core will; with `try_functions` calls each function that the scenario names
// once, for a user with the first of all values: what it sends and counts goes nowhere. Usage error: it
// does not load, or lacks a function that is named.
[[nodiscard]] Result<ProcessorCheck> check_processor(const plan::Scenario& scenario,
                                                     TryFunctions try_functions);

}  // namespace wsblast::app
