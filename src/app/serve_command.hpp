// The command `serve`: the built-in target until a signal ends it.
#pragma once

#include "app/exit_status.hpp"
#include "plan/serve_options.hpp"

namespace wsblast::app {

// Says on standard error where it listens and what it does wrong on purpose, or why it cannot, and serves
// until SIGINT or SIGTERM; a second one ends the process at once. Draws the seed of the faults where none
// is given. The main thread, before any other was started.
[[nodiscard]] ExitStatus serve_command(plan::ServeOptions options);

// The same for the parent process that reads the other end of `ready_fd`: says nothing, but writes the port
// as text, and closes the descriptor, when it listens. It serves on the CPUs that this process may use.
[[nodiscard]] ExitStatus run_server(const plan::ServeOptions& options, int ready_fd);

}  // namespace wsblast::app
