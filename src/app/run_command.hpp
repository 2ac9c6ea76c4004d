// The commands `run`, `quick`, `medium` and `heavy`: one run, from its options to its reports.
#pragma once

#include "app/exit_status.hpp"
#include "plan/run_options.hpp"

namespace wsblast::app {

// Prints the header and the progress to standard error, the reports to standard output (with --json - the
// text goes to standard error), and returns what to exit with. The main thread, before any other was
// started.
[[nodiscard]] ExitStatus run_command(plan::RunOptions options);

}  // namespace wsblast::app
