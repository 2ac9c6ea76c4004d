// One run, from its options to its result: the generator as a library call.
#pragma once

#include <functional>

#include "base/result.hpp"
#include "plan/run_options.hpp"
#include "stats/result.hpp"

namespace wsblast::load {

// How the caller takes part; all are called from the calling thread, several times a second.
struct RunHooks {
    // Once a second, and at the end with what is left.
    std::function<void(const stats::Interval&)> add_interval = [](const stats::Interval&) {};
    std::function<void(const stats::Progress&)> show_progress;
    std::function<bool()> stop_requested;
};

// Blocks until the run is over, or was interrupted, or there was nothing to hope for. `options.urls` is
// where it goes, whatever `options.target` says. `exit_status` of the result is left to the caller.
//
// Errors, before any connection is opened: bad options (usage); an unknown host, no io_uring, too few
// source ports, too little memory (environment).
[[nodiscard]] Result<stats::RunResult> run(const plan::RunOptions& options, const RunHooks& hooks);

}  // namespace wsblast::load
