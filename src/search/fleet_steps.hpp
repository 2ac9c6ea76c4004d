// Steps by the engine: what a load on an axis means for a run, and rounds of messages over connections that
// are kept from step to step where that is sound: over a rate all steps share them, over connections and
// size each load has its own. Over a connect rate a step is the opening of connections itself.
//
// The calling thread, which is also that of the hooks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "load/fleet.hpp"
#include "plan/saturate_options.hpp"
#include "search/step.hpp"
#include "stats/backend_use.hpp"
#include "stats/shard.hpp"
#include "watch/watcher.hpp"

namespace wsblast::search {

// A load as the engine takes it.
struct StepLoad {
    std::uint64_t connections = 0;
    double rate_per_s = 0;          // messages, over all connections
    double connect_rate_per_s = 0;  // 0: as fast as accepted
    std::uint32_t size_bytes = 0;   // of padding; 0: the message of the options
};

// `fixed` is the value of the grid's other axis. Pure.
[[nodiscard]] StepLoad load_of(const plan::SaturateOptions& options, const StepPlan& plan);

class FleetSteps {
  public:
    // The options live longer. The watcher may be null: then nothing is known of the backend.
    FleetSteps(const plan::SaturateOptions& options, watch::Watcher* watcher,
               std::function<bool()> stop_requested)
        : options_(options), watcher_(watcher), stop_requested_(std::move(stop_requested)) {}

    // Errors of a step: those of Fleet; no connection could be opened (environment).
    [[nodiscard]] Result<StepRun> make(const StepPlan& plan, const WatchStep& watch);

    // Closes what is open.
    void close();
    // What TLS did in all steps that are closed: nothing else is in it.
    [[nodiscard]] const stats::Snapshot& tls_totals() const { return tls_totals_; }

  private:
    [[nodiscard]] Result<void> open(const StepLoad& load);
    [[nodiscard]] bool is_complete() const;
    [[nodiscard]] Result<StepRun> round(const StepPlan& plan, const StepLoad& load, const WatchStep& watch);
    [[nodiscard]] Result<StepRun> opening(const StepPlan& plan, const StepLoad& load,
                                          const WatchStep& watch);
    void keep_tls(const stats::Snapshot& step);
    void begin_watching();
    void end_watching(StepRun& run);

    const plan::SaturateOptions& options_;
    watch::Watcher* watcher_;
    std::function<bool()> stop_requested_;
    std::unique_ptr<load::Fleet> fleet_;
    StepLoad opened_{};             // what the fleet was opened for
    std::uint64_t open_count_ = 0;  // of its connections, when it was at rest
    std::optional<watch::BackendReading> reading_;
    stats::Snapshot tls_totals_;
};

}  // namespace wsblast::search
