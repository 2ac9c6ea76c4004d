#include "search/knee_profile.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "search/load_search.hpp"
#include "text/format.hpp"
#include "watch/profile.hpp"
#include "watch/profiler.hpp"

namespace wsblast::search {

namespace {

constexpr std::size_t kFunctionsShown = 10;

// One step at a load, sampled; its stacks are written to a file.
struct Sampled {
    watch::Profile profile;
    std::string path;
};
Result<Sampled> sample(const plan::SaturateOptions& options, FleetSteps& steps, std::span<const pid_t> pids,
                       const StepPlan& plan) {
    const std::string name = text::format("saturate-{:.0f}", plan.load);
    auto profiler = watch::Profiler::start(pids, {.directory = options.profile_dir, .name = name});
    if (!profiler) return profiler.error();
    const double length_s = static_cast<double>(plan.length_max_ns) / 1e9;
    const auto run = steps.make(plan, [&](const StepView& view) {
        double measured_s = 0;
        for (const Batch& batch : view.batches) measured_s += batch.length_s;
        return measured_s >= length_s ? StepState::over : StepState::goes_on;
    });
    auto profile = profiler->stop();
    if (!run) return run.error();
    if (!profile) return profile.error();
    Sampled sampled{std::move(*profile), text::format("{}/{}.folded", options.profile_dir, name)};
    if (const auto written = watch::write_folded(sampled.profile, sampled.path); !written)
        return written.error();
    return sampled;
}

// Where the backend gives: the knee, and where that is an edge, right above it.
std::optional<double> load_at_knee(const stats::LoadSearch& search) {
    if (!search.knee) return std::nullopt;
    return search.knee->load.high;
}

}  // namespace

void add_profile(const plan::SaturateOptions& options, FleetSteps& steps, std::span<const pid_t> pids,
                 stats::SaturationResult& result) {
    const auto with_knee = std::find_if(result.searches.rbegin(), result.searches.rend(),
                                        [](const stats::LoadSearch& search) { return search.knee; });
    if (with_knee == result.searches.rend()) {
        result.warnings.emplace_back("--profile: there is no knee to look at");
        return;
    }
    if (pids.empty()) {
        result.warnings.emplace_back(
            "--profile: no process of the backend is known here; name it with "
            "--watch-pid");
        return;
    }
    const double high = *load_at_knee(*with_knee);
    StepPlan plan{.load = high / 2, .fixed = with_knee->fixed, .warmup_ns = options.step_warmup_ns};
    plan.batch_ns = options.step_min_ns / kBatchesOfShortest;
    plan.length_max_ns = options.step_max_ns / 2;
    const auto at_half = sample(options, steps, pids, plan);
    plan.load = high;
    const auto at_knee = at_half ? sample(options, steps, pids, plan) : at_half;
    if (!at_knee) {
        result.warnings.push_back("--profile: " + at_knee.error().what);
        return;
    }
    stats::KneeProfile& profile = result.profile.emplace();
    profile.half_load = high / 2;
    profile.knee_load = high;
    profile.half_path = at_half->path;
    profile.knee_path = at_knee->path;
    for (const watch::Growth& growth : compare(at_half->profile, at_knee->profile, kFunctionsShown)) {
        profile.functions.push_back({growth.function, growth.low, growth.high});
    }
}

}  // namespace wsblast::search
