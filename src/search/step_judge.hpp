// From the batches of a step to its verdict. Pure; any thread.
//
// Whatever the checks, a step passes only when the backend keeps up: nothing is lost, as much comes back as
// is sent, and latency does not grow. Each check is decided by the confidence interval of its figure: on
// one side of the limit the step passes or fails, around the limit it goes on until its time is over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "search/step.hpp"
#include "stats/saturation_result.hpp"
#include "stats/slo.hpp"

namespace wsblast::search {

// How much has to be known.
enum class Care : std::uint8_t {
    rough,  // on which side of the limit, twofold: while the load is doubled
    exact,  // near the knee: what passes is watched for the whole step, a queue may grow slowly
    whole,  // and what fails too: its figure is to be as exact as the others
};

struct JudgeRules {
    std::vector<stats::SloRule> slos{};  // without windows
    Care care = Care::exact;
    TimeNs length_min_ns = 0;
    TimeNs length_max_ns = 0;
    // Of an interval that still holds the limit: half of it, as a share of the limit, that is narrow
    // enough to take the side of the value.
    double precision = 0.02;
};

struct Judgement {
    StepState state = StepState::goes_on;
    stats::StepVerdict verdict = stats::StepVerdict::inconclusive;
    stats::Side leans = stats::Side::fail;
    stats::StepCause cause = stats::StepCause::none;
    std::string why{};
    std::string check{};  // that decided, or the one nearest to its limit
    std::optional<stats::Estimate> figure{};
    double growth = 0;  // of latency, s/s
};

// What of all that was offered has to come back.
inline constexpr double kAchievedMin = 0.99;

// While it goes on, and once more when all is over (`ended`), with the health of the generator.
enum class Ended : std::uint8_t { no, yes };
[[nodiscard]] Judgement judge_step(const StepView& step, const JudgeRules& rules, Ended ended);

}  // namespace wsblast::search
