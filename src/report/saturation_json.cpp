#include "report/saturation_json.hpp"

#include <cmath>
#include <optional>

#include "base/units.hpp"
#include "report/backend_json.hpp"
#include "report/json_values.hpp"
#include "report/tls_report.hpp"

namespace wsblast::report {

namespace {

// JSON has no infinity: an interval that is not bounded ends with null.
Json finite(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json estimate(const std::optional<stats::Estimate>& estimate) {
    if (!estimate) return nullptr;
    return {{"value", finite(estimate->value)},
            {"low", finite(estimate->low)},
            {"high", finite(estimate->high)}};
}

Json latency_us(const std::optional<stats::Summary>& summary) {
    if (!summary) return nullptr;
    const auto us = [](auto time_ns) { return static_cast<double>(time_ns) / 1e3; };
    return {{"count", summary->count},     {"min", us(summary->min)}, {"mean", us(summary->mean)},
            {"p50", us(summary->p50)},     {"p90", us(summary->p90)}, {"p99", us(summary->p99)},
            {"p99_9", us(summary->p99_9)}, {"max", us(summary->max)}};
}

std::string_view to_text(stats::StepCause cause) {
    switch (cause) {
        case stats::StepCause::none: return "none";
        case stats::StepCause::check: return "slo";
        case stats::StepCause::growth: return "growth";
        case stats::StepCause::backlog: return "backlog";
        case stats::StepCause::losses: return "losses";
        case stats::StepCause::connection_errors: return "connection_errors";
        case stats::StepCause::generator: return "generator";
    }
    return "";
}

Json step(const stats::StepRow& row) {
    return {{"step", row.number},
            {"purpose", stats::to_text(row.purpose)},
            {"load", row.load},
            {"offered_per_s", row.offered_per_s},
            {"achieved_per_s", row.achieved_per_s},
            {"length_s", row.length_s},
            {"latency_us", latency_us(row.latency)},
            {"sent", row.sent},
            {"errors", row.errors},
            {"lost", row.lost},
            {"slo", row.check.empty() ? Json(nullptr) : Json(row.check)},
            {"figure", estimate(row.figure)},
            {"growth_s_per_s", row.growth},
            {"verdict", stats::to_text(row.verdict)},
            {"leans", row.leans == stats::Side::pass ? "pass" : "fail"},
            {"cause", to_text(row.cause)},
            {"why", row.why.empty() ? Json(nullptr) : Json(row.why)},
            {"generator",
             {{"status", stats::to_text(row.generator.status)}, {"reasons", row.generator.reasons}}},
            {"backend", row.backend ? backend_json(*row.backend) : nlohmann::ordered_json(nullptr)}};
}

Json scalability(const std::optional<stats::ScalabilityFit>& fit) {
    if (!fit) return nullptr;
    return {{"lambda_per_s", fit->lambda},
            {"sigma", fit->sigma},
            {"kappa", fit->kappa},
            {"r_squared", fit->r_squared},
            {"peak_concurrency", or_null(fit->peak_concurrency)},
            {"peak_per_s", or_null(fit->peak_throughput_per_s)},
            {"ceiling_per_s", or_null(fit->ceiling_per_s)}};
}

Json knee(const std::optional<stats::Knee>& knee) {
    if (!knee) return nullptr;
    return {{"load", knee->load.value},
            {"low", finite(knee->load.low)},
            {"high", finite(knee->load.high)},
            {"method", stats::to_text(knee->method)}};
}

Json search(const stats::LoadSearch& search) {
    Json steps = Json::array();
    for (const stats::StepRow& row : search.steps) steps.push_back(step(row));
    return {{"fixed", or_null(search.fixed)},
            {"ending", stats::to_text(search.ending)},
            {"knee", knee(search.knee)},
            {"highest_pass", or_null(search.highest_pass)},
            {"lowest_fail", or_null(search.lowest_fail)},
            {"generator_limit", or_null(search.generator_limit)},
            {"gave_first", search.gave_first},
            {"scalability", scalability(search.scalability)},
            {"messages_per_cpu_s", or_null(search.messages_per_cpu_s)},
            {"bytes_per_connection", or_null(search.bytes_per_connection)},
            {"steps", std::move(steps)}};
}

Json profile(const std::optional<stats::KneeProfile>& profile) {
    if (!profile) return nullptr;
    Json functions = Json::array();
    for (const stats::FunctionGrowth& function : profile->functions) {
        functions.push_back(
            {{"function", function.function}, {"half", function.half}, {"knee", function.knee}});
    }
    return {{"half_load", profile->half_load},
            {"knee_load", profile->knee_load},
            {"functions", std::move(functions)},
            {"half_folded", profile->half_path},
            {"knee_folded", profile->knee_path}};
}

}  // namespace

std::string saturation_json(const stats::SaturationResult& result) {
    Json rules = Json::array();
    for (const stats::SloRule& rule : result.rules) rules.push_back(rule.text);
    Json searches = Json::array();
    for (const stats::LoadSearch& one : result.searches) searches.push_back(search(one));
    const Json json{{"schema", kSaturationSchema},
                    {"version", result.version},
                    {"started_at", result.started_at},
                    {"duration_s", result.duration_s},
                    {"exit_status", result.exit_status},
                    {"seed", result.seed},
                    {"target", {{"urls", result.target.urls}, {"builtin", result.target.builtin}}},
                    {"connections", result.connections},
                    {"arrivals", result.arrivals},
                    {"over", stats::to_text(result.axis)},
                    {"unit", stats::unit_of(result.axis)},
                    {"grid", result.grid_axis ? Json(stats::to_text(*result.grid_axis)) : Json(nullptr)},
                    {"from", result.from},
                    {"to", or_null(result.to)},
                    {"precision", result.precision},
                    {"budget_s", result.budget_s},
                    {"slo", std::move(rules)},
                    {"backend", result.watched.empty() ? Json(nullptr) : Json(result.watched)},
                    {"searches", std::move(searches)},
                    {"profile", profile(result.profile)},
                    {"tls", tls_json(result.tls)},
                    {"warnings", result.warnings}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace wsblast::report
