// What a person asked of `saturate`, as plain data: the options with their defaults. What is sent and where
// to stands in `run`; its rate, connections and size are those of the axes that are not searched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/units.hpp"
#include "plan/run_options.hpp"
#include "plan/watch_options.hpp"
#include "stats/saturation_result.hpp"

namespace wsblast::plan {

// The second axis of a grid, in a few values from one to another, each by the same factor above the last.
struct GridAxis {
    stats::LoadAxis axis = stats::LoadAxis::connections;
    double from = 0;
    double to = 0;
};

struct SaturateOptions {
    RunOptions run{};

    stats::LoadAxis over = stats::LoadAxis::rate;
    std::optional<GridAxis> grid{};
    std::optional<double> from{};  // empty: first_load() of the axis
    std::optional<double> to{};    // empty: what the axis allows
    double precision = 0.02;       // of the load
    TimeNs budget_ns = 5 * kMinute;
    TimeNs step_min_ns = 1 * kSecond;
    TimeNs step_max_ns = 10 * kSecond;
    TimeNs step_warmup_ns = 500 * kMillisecond;

    WatchOptions watch{};  // empty: whoever serves the target here
    bool profile = false;
    std::string profile_dir = ".";
};

}  // namespace wsblast::plan
