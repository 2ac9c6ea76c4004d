// Steps of a search over a simulated queue: what the engine would measure, in no time, and the clock that
// goes with it. One thread.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "search/load_search.hpp"
#include "search/step.hpp"
#include "tests/support/simulated_queue.hpp"

namespace wsblast::support {

class SimulatedSteps {
  public:
    SimulatedSteps(const QueueShape& shape, std::uint64_t seed) : shape_(shape), seed_(seed) {}

    // What a step has come to, before the search sees it: to add losses, or a generator that gives up.
    std::function<void(const search::StepPlan&, search::StepRun&)> spoil = [](const auto&, auto&) {};

    [[nodiscard]] search::Blast blast() {
        return [this](const search::StepPlan& plan, const search::WatchStep& watch) {
            return Result<search::StepRun>(step(plan, watch));
        };
    }
    [[nodiscard]] search::SearchHooks hooks() {
        search::SearchHooks hooks;
        hooks.now_ns = [this] { return now_ns_; };
        return hooks;
    }
    [[nodiscard]] TimeNs elapsed_ns() const { return now_ns_; }
    [[nodiscard]] std::uint32_t steps() const { return steps_; }

  private:
    search::StepRun step(const search::StepPlan& plan, const search::WatchStep& watch) {
        SimulatedQueue queue(shape_, seed_ * 1'000 + steps_++);
        search::StepRun run{.offered_per_s = plan.load};
        const double batch_s = static_cast<double>(plan.batch_ns) / 1e9;
        (void)queue.advance(plan.load, static_cast<double>(plan.warmup_ns) / 1e9);
        now_ns_ += plan.warmup_ns;
        for (TimeNs at_ns = 0; at_ns < plan.length_max_ns; at_ns += plan.batch_ns) {
            auto came = queue.advance(plan.load, batch_s);
            now_ns_ += plan.batch_ns;
            search::Batch batch{.length_s = batch_s, .sent = came.arrived, .received = came.departed};
            run.latency.add(came.sojourn);
            batch.service_time = came.sojourn;
            batch.latency = std::move(came.sojourn);
            run.batches.push_back(std::move(batch));
            spoil(plan, run);
            const search::StepView view{run.offered_per_s, run.batches, &run.generator};
            if (watch(view) == search::StepState::over) break;
        }
        return run;
    }

    QueueShape shape_;
    std::uint64_t seed_;
    std::uint32_t steps_ = 0;
    TimeNs now_ns_ = 0;
};

}  // namespace wsblast::support
