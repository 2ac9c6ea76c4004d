// SIGINT and SIGTERM ask for the end of the run: the first is remembered, so that what was measured can be
// reported; a second one, unless it comes together with the first, ends the process at once. SIGPIPE is
// ignored: a closed standard output is an error of write(2) like any other.
#pragma once

#include <cstdint>

namespace wsblast::host {

// What asked for the end.
enum class StopSignal : std::uint8_t { none, interrupt, terminate };

// Installs the handlers, for the whole process (sigaction(2)). Called once, before other threads are
// started.
void watch_interrupts();

// The first signal that came since watch_interrupts(). Any thread; a relaxed load.
[[nodiscard]] StopSignal stop_signal();
[[nodiscard]] inline bool stop_requested() {
    return stop_signal() != StopSignal::none;
}

}  // namespace wsblast::host
