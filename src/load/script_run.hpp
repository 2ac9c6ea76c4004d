// One run of a scenario file: virtual users that begin when they are due, each with a connection of its
// own.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.hpp"
#include "plan/run_options.hpp"
#include "plan/scenario.hpp"
#include "stats/result.hpp"
#include "stats/script_result.hpp"

namespace wsblast::load {

// How the caller takes part; all are called from the calling thread.
struct ScriptHooks {
    // Every ten seconds of the wall clock, and at the end with what is left.
    std::function<void(const stats::MetricWindow&)> show_window = [](const stats::MetricWindow&) {};
    // Several times a second.
    std::function<void(const stats::Progress&)> show_progress = [](const stats::Progress&) {};
    std::function<bool()> stop_requested = [] { return false; };
    // A line of a log step, or of console.*.
    std::function<void(std::string_view)> show_log = [](std::string_view) {};
};

// Blocks until every user has ended, or the run was interrupted. Of the options those that say where, what
// and how are used (TLS, proxies, sources, cores, timeouts, --max-message); URLs, headers and messages are
// the scenario's. `exit_status` of the result is left to the caller.
//
// Errors, before any connection is opened: what the processor lacks, a bad URL or header (usage); an
// unknown host, no io_uring, too few source ports, too little memory (environment).
[[nodiscard]] Result<stats::ScriptResult> run_script(const plan::Scenario& scenario,
                                                     const plan::RunOptions& options,
                                                     const ScriptHooks& hooks);

}  // namespace wsblast::load
