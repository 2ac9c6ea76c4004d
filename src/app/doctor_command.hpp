// The command `doctor`: what this machine can take, and what is to be done about it.
#pragma once

#include "app/exit_status.hpp"
#include "plan/doctor_options.hpp"

namespace wsblast::app {

// Prints the table, or the files of --fix, to standard output; with --json - the table goes to standard
// error. --apply and --undo print each setting as it was and as it is. Returns what to exit with: `failed`
// where a limit fails, `impossible` where the target cannot be found, a file not be written, or a setting
// not be made. The main thread.
[[nodiscard]] ExitStatus doctor_command(const plan::DoctorOptions& options);

}  // namespace wsblast::app
