#include "search/saturate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/prng.hpp"
#include "load/targets.hpp"
#include "load/ways.hpp"
#include "proto/secrets.hpp"
#include "search/backend_figures.hpp"
#include "search/fleet_steps.hpp"
#include "search/knee_profile.hpp"
#include "text/format.hpp"
#include "watch/watcher.hpp"

namespace wsblast::search {

namespace {

using stats::LoadAxis;
using stats::SloMetric;

std::string_view to_text(plan::Arrivals arrivals) {
    switch (arrivals) {
        case plan::Arrivals::uniform: return "uniform";
        case plan::Arrivals::poisson: return "poisson";
    }
    return "";
}

Result<void> check_rule(const stats::SloRule& rule) {
    if (rule.window_s > 0) {
        return usage_error(
            text::format("--slo '{}': a step of a search has no windows; write it without @{}s", rule.text,
                         rule.window_s));
    }
    const bool is_time = rule.metric == SloMetric::latency || rule.metric == SloMetric::service_time;
    const bool is_floor =
        rule.comparison == stats::SloOperator::above || rule.comparison == stats::SloOperator::at_least;
    if (is_time && is_floor) {
        return usage_error(text::format(
            "--slo '{}': a higher load does not make a latency fall below a floor; turn it round: '<'",
            rule.text));
    }
    const bool untold = rule.metric == SloMetric::duplicates || rule.metric == SloMetric::out_of_order;
    if (!untold) return {};
    return usage_error(
        text::format("--slo '{}': a search decides by percentiles, mean, min, max, error_rate, "
                     "success_rate, throughput, "
                     "lost, late and blocked",
                     rule.text));
}

bool is_axis(const plan::SaturateOptions& options, LoadAxis axis) {
    return options.over == axis || (options.grid && options.grid->axis == axis);
}

// Of messages a second something must say how many.
Result<void> check_rate(const plan::SaturateOptions& options) {
    const bool needed = !is_axis(options, LoadAxis::rate) && options.over != LoadAxis::connect_rate;
    if (needed && options.run.pacing == plan::Pacing::closed) {
        return usage_error(text::format(
            "--over {} needs a rate: --rate, --rate-per-connection, or an --interval that is not 0",
            stats::to_text(options.over)));
    }
    return {};
}

TimeNs step_budget_ns(const plan::SaturateOptions& options) {
    return options.step_warmup_ns + options.step_max_ns;
}

// What is left for the search when the profile has its two steps, each of half the length.
TimeNs search_budget_ns(const plan::SaturateOptions& options) {
    const TimeNs profile_ns = options.profile ? 2 * options.step_warmup_ns + options.step_max_ns : 0;
    return options.budget_ns - std::min(options.budget_ns / 2, profile_ns);
}

SearchPlan plan_of(const plan::SaturateOptions& options, TimeNs budget_ns) {
    SearchPlan plan{.axis = options.over, .slos = options.run.slos};
    plan.bounds.from = options.from.value_or(first_load(options.over));
    plan.bounds.to = options.to ? options.to : last_load(options.over);
    plan.bounds.precision = options.precision;
    const bool whole = options.over == LoadAxis::connections || options.over == LoadAxis::size;
    plan.bounds.numbers = whole ? LoadNumbers::whole : LoadNumbers::real;
    plan.step_min_ns = options.step_min_ns;
    plan.step_max_ns = options.step_max_ns;
    plan.step_warmup_ns = options.step_warmup_ns;
    plan.budget_ns = budget_ns;
    return plan;
}

stats::SaturationResult header_of(const plan::SaturateOptions& options) {
    stats::SaturationResult result;
    result.version = WSBLAST_VERSION;
    result.started_at = wall_clock_text();
    result.seed = options.run.seed.value_or(0);
    result.target.urls = proto::shown_urls(options.run.urls);
    result.target.builtin = options.run.target == plan::TargetChoice::built_in;
    result.connections = options.run.connections;
    result.arrivals = to_text(options.run.arrivals);
    result.axis = options.over;
    if (options.grid) result.grid_axis = options.grid->axis;
    const SearchPlan plan = plan_of(options, options.budget_ns);
    result.from = plan.bounds.from;
    result.to = plan.bounds.to;
    result.precision = options.precision;
    result.budget_s = static_cast<double>(options.budget_ns) / 1e9;
    result.rules = options.run.slos;
    return result;
}

// Whoever serves the target, where it is known. What was asked for must be there; what was not may be
// missing.
Result<watch::Watcher> open_watcher(const plan::SaturateOptions& options) {
    const auto targets = load::resolve_targets(options.run);
    if (!targets) return targets.error();
    std::vector<Endpoint> endpoints;
    for (const auto& destinations : targets->destinations) {
        for (const auto& destination : destinations) endpoints.push_back(destination.address);
    }
    if (options.watch.any()) return watch::Watcher::open(options.watch, endpoints);
    return watch::Watcher::find_local(endpoints);
}

}  // namespace

double first_load(LoadAxis axis) {
    switch (axis) {
        case LoadAxis::rate:
        case LoadAxis::connect_rate: return 100;
        case LoadAxis::connections: return 10;
        case LoadAxis::size: return 64;
    }
    return 1;
}

std::optional<double> last_load(LoadAxis axis) {
    switch (axis) {
        case LoadAxis::rate:
        case LoadAxis::connect_rate: return std::nullopt;
        case LoadAxis::connections: return static_cast<double>(limits::kConnectionsMax);
        case LoadAxis::size: return static_cast<double>(limits::kSentMessageMax);
    }
    return std::nullopt;
}

Result<void> check_options(const plan::SaturateOptions& options) {
    for (const stats::SloRule& rule : options.run.slos) {
        if (const auto decided = check_rule(rule); !decided) return decided.error();
    }
    const double from = options.from.value_or(first_load(options.over));
    const auto to = options.to ? options.to : last_load(options.over);
    if (to && *to < from) {
        return usage_error(
            text::format("--to {}: the search begins at {}; give it a higher one, or a lower "
                         "--from",
                         *to, from));
    }
    if (options.grid && options.grid->axis == options.over) {
        return usage_error("--grid: the two axes are the same; the first is searched, the second walked");
    }
    if (options.step_max_ns < options.step_min_ns) {
        return usage_error("--step-max is below --step-min; a step lasts from the one to the other");
    }
    if (options.budget_ns < step_budget_ns(options)) {
        return usage_error(
            text::format("--budget {} is no time for one step of {}: give it more time, or lower "
                         "--step-min and --step-warmup",
                         to_duration_text(options.budget_ns), to_duration_text(step_budget_ns(options))));
    }
    return check_rate(options);
}

std::vector<double> grid_values(const plan::GridAxis& axis) {
    constexpr int kValuesMax = 5;
    const double doublings = std::log2(axis.to / axis.from);
    const int steps = std::clamp(static_cast<int>(std::lround(doublings)), 1, kValuesMax - 1);
    std::vector<double> values{axis.from};
    for (int i = 1; i <= steps && axis.to > axis.from; ++i) {
        const double value = axis.from * std::pow(axis.to / axis.from, static_cast<double>(i) / steps);
        const double rounded = std::round(value);
        if (rounded > values.back()) values.push_back(rounded);
    }
    return values;
}

Result<stats::SaturationResult> saturate(const plan::SaturateOptions& options, const SearchHooks& hooks) {
    if (const auto sound = check_options(options); !sound) return sound.error();
    auto watcher = open_watcher(options);
    if (!watcher) return watcher.error();
    stats::SaturationResult result = header_of(options);
    result.watched = watcher->what();
    result.warnings = watcher->warnings();
    const TimeNs start_ns = hooks.now_ns();
    FleetSteps steps(options, &*watcher, hooks.stop_requested);
    const Blast blast = [&](const StepPlan& plan, const WatchStep& watch) {
        return steps.make(plan, watch);
    };
    const std::vector<double> walked = options.grid ? grid_values(*options.grid) : std::vector<double>{0};
    for (std::size_t i = 0; i < walked.size() && !hooks.stop_requested(); ++i) {
        const TimeNs spent_ns = hooks.now_ns() - start_ns;
        const TimeNs left_ns = search_budget_ns(options) - std::min(search_budget_ns(options), spent_ns);
        SearchPlan plan = plan_of(options, left_ns / (walked.size() - i));
        if (options.grid) plan.fixed = walked[i];
        auto search = search_load(plan, blast, hooks);
        if (!search) return search.error();
        add_backend_figures(*search, options.over);
        result.searches.push_back(std::move(*search));
    }
    if (options.profile && !result.searches.empty() && !hooks.stop_requested()) {
        add_profile(options, steps, watcher->pids(), result);
    }
    steps.close();
    result.tls = load::tls_result(steps.tls_totals(), options.run);
    result.duration_s = static_cast<double>(hooks.now_ns() - start_ns) / 1e9;
    return result;
}

}  // namespace wsblast::search
