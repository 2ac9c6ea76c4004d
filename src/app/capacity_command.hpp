// `wsblast capacity`: how many connections can be held, and whose limit comes first.
#pragma once

#include "app/exit_status.hpp"
#include "plan/capacity_options.hpp"
#include "stats/capacity_result.hpp"

namespace wsblast::app {

// Searches, and reports: text to standard output, JSON where it was asked for. The main thread; blocks.
[[nodiscard]] ExitStatus capacity_command(plan::CapacityOptions options);

// What a result exits with, but for files that cannot be written.
[[nodiscard]] ExitStatus status_of(const stats::CapacityResult& result,
                                   const plan::CapacityOptions& options);

}  // namespace wsblast::app
