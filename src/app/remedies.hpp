// What can be done where no connection succeeded.
#pragma once

#include <string>

#include "plan/run_options.hpp"
#include "stats/result.hpp"

namespace wsblast::app {

// Why there is no connection, as far as the most frequent error tells, with what did not let us in and what
// can be done; empty: there was no error.
[[nodiscard]] std::string failure_text(const stats::RunResult& result, const plan::RunOptions& options);

}  // namespace wsblast::app
