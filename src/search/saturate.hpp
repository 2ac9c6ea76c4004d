// The search for the load at which a backend saturates: one along an axis, or one for each value of a
// second one. The main thread.
#pragma once

#include <functional>
#include <vector>

#include "base/result.hpp"
#include "plan/saturate_options.hpp"
#include "search/load_search.hpp"
#include "stats/saturation_result.hpp"

namespace wsblast::search {

// Usage errors: checks that a step cannot decide, bounds the wrong way round, an axis that needs a rate and
// has none. Pure.
[[nodiscard]] Result<void> check_options(const plan::SaturateOptions& options);

// Where a search begins and ends when nothing is said.
[[nodiscard]] double first_load(stats::LoadAxis axis);
[[nodiscard]] std::optional<double> last_load(stats::LoadAxis axis);

// From one value to the other, each by about the same factor above the last. Pure.
[[nodiscard]] std::vector<double> grid_values(const plan::GridAxis& axis);

// Blocks until the knee is known, the budget is spent, or it was interrupted. `options.run.urls` is where
// it goes. `exit_status` of the result is left to the caller.
//
// Errors: those of check_options(); no connection could be opened, or what is to be watched cannot be.
[[nodiscard]] Result<stats::SaturationResult> saturate(const plan::SaturateOptions& options,
                                                       const SearchHooks& hooks);

}  // namespace wsblast::search
