// One step of a search, and the seam to what makes it: the engine, or a queue that a test makes up.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "stats/backend_use.hpp"
#include "stats/histogram.hpp"
#include "stats/result.hpp"

namespace wsblast::search {

struct StepPlan {
    double load = 0;                // on the axis
    std::optional<double> fixed{};  // in a grid: the value of the other axis
    TimeNs warmup_ns = 0;           // before it is measured
    TimeNs batch_ns = 0;
    TimeNs length_max_ns = 0;  // of the measured part
};

// A part of a step, one after the other and all about as long. "received" are all answers that came in it,
// those to messages of the warm-up too; "latency" is that of measured messages. Over --over connect-rate
// "sent" are connections begun, "received" those that were opened, "latency" is what that took.
struct Batch {
    double length_s = 0;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t errors = 0;  // of all kinds, losses among them
    std::uint64_t lost = 0;
    std::uint64_t late = 0;
    std::uint64_t blocked = 0;
    stats::HistogramSnapshot latency{};
    stats::HistogramSnapshot service_time{};
};

// What came of it. `batches` are those of the measured part; `latency` has every answer, those that came
// after its end too.
struct StepRun {
    double offered_per_s = 0;  // that were planned
    std::vector<Batch> batches{};
    stats::HistogramSnapshot latency{};
    stats::CounterValues counters{};
    stats::GeneratorHealth generator{};
    std::optional<stats::BackendUse> backend{};
};

// How the search looks at a step that goes on.
struct StepView {
    double offered_per_s = 0;
    const std::vector<Batch>& batches;
    const stats::GeneratorHealth* generator = nullptr;  // so far; null: not known yet
    // Of the whole step, when all is in: most losses show only when their timeout has passed.
    const stats::CounterValues* counters = nullptr;
};
enum class StepState : std::uint8_t { goes_on, over };
using WatchStep = std::function<StepState(const StepView&)>;

// Blocks until the step is over and its answers are in: what follows begins with an empty queue. Calls the
// watcher after each batch. Errors: nothing can be measured (environment), an interrupt is none: the step
// ends early.
using Blast = std::function<Result<StepRun>(const StepPlan&, const WatchStep&)>;

}  // namespace wsblast::search
