#include "search/step_evidence.hpp"

#include <algorithm>
#include <vector>

#include "math/distributions.hpp"

namespace wsblast::search {

namespace {

using stats::Estimate;
using stats::SloMetric;
using stats::SloRule;

std::vector<const stats::HistogramSnapshot*> histograms_of(const StepView& step, SloMetric metric) {
    std::vector<const stats::HistogramSnapshot*> histograms;
    histograms.reserve(step.batches.size());
    for (const Batch& batch : step.batches) {
        histograms.push_back(metric == SloMetric::service_time ? &batch.service_time : &batch.latency);
    }
    return histograms;
}

Estimate scaled(const Estimate& estimate, double factor) {
    return {estimate.value * factor, estimate.low * factor, estimate.high * factor,
            estimate.standard_error * factor};
}

Estimate exactly(double value) {
    return {value, value, value, 0};
}

std::optional<Estimate> time_figure(const StepView& step, const SloRule& rule) {
    constexpr double kMsPerNs = 1e-6;
    const std::vector<const stats::HistogramSnapshot*> batches = histograms_of(step, rule.metric);
    if (rule.figure == stats::SloFigure::min || rule.figure == stats::SloFigure::max) {
        stats::HistogramSnapshot all;
        for (const auto* batch : batches) all.add(*batch);
        const auto value = stats::figure_of(rule, all);
        return value ? std::optional(exactly(*value)) : std::nullopt;
    }
    const auto estimate = rule.figure == stats::SloFigure::mean
                              ? stats::mean_estimate(batches)
                              : stats::quantile_estimate(batches, rule.percentile);
    return estimate ? std::optional(scaled(*estimate, kMsPerNs)) : std::nullopt;
}

std::optional<Estimate> share_figure(const StepEvidence& evidence, const SloRule& rule) {
    if (evidence.sent == 0) return std::nullopt;
    const std::uint64_t errors = std::min(evidence.errors, evidence.sent);
    const bool of_errors = rule.metric == SloMetric::error_rate;
    const std::uint64_t count = of_errors ? errors : evidence.sent - errors;
    const math::ShareBounds bounds = math::binomial_bounds(count, evidence.sent, stats::kConfidence);
    const double value = static_cast<double>(count) / static_cast<double>(evidence.sent);
    return Estimate{100 * value, 100 * bounds.low, 100 * bounds.high, 25 * (bounds.high - bounds.low)};
}

std::optional<Estimate> throughput_figure(const StepView& step) {
    std::vector<stats::BatchSum> sums;
    for (const Batch& batch : step.batches) {
        sums.push_back({static_cast<double>(batch.received), batch.length_s});
    }
    return stats::ratio_estimate(sums);
}

}  // namespace

StepEvidence evidence_of(const StepView& step, const StepBounds& bounds) {
    StepEvidence sum{.offered_per_s = step.offered_per_s};
    for (const Batch& batch : step.batches) {
        sum.length_s += batch.length_s;
        sum.sent += batch.sent;
        sum.received += batch.received;
        sum.errors += batch.errors;
        sum.lost += batch.lost;
        sum.late += batch.late;
        sum.blocked += batch.blocked;
        sum.answered_batches += batch.latency.empty() ? 0 : 1;
    }
    if (step.counters != nullptr) {
        sum.errors = std::max(sum.errors, stats::errors_total(*step.counters));
        sum.lost = std::max(sum.lost, step.counters->lost);
        sum.late = std::max(sum.late, step.counters->late);
    }
    const double half_batch_s = step.batches.empty() ? 0 : step.batches.back().length_s / 2;
    const auto reached = [&](TimeNs bound_ns) {
        return sum.length_s + half_batch_s >= static_cast<double>(bound_ns) / 1e9;
    };
    sum.at_bound = bounds.ended || reached(bounds.length_max_ns);
    sum.at_minimum = sum.at_bound || reached(bounds.length_min_ns);
    return sum;
}

std::optional<Estimate> figure_of(const StepView& step, const StepEvidence& evidence, const SloRule& rule) {
    const auto count = [](std::uint64_t number) { return exactly(static_cast<double>(number)); };
    switch (rule.metric) {
        case SloMetric::latency:
        case SloMetric::service_time: return time_figure(step, rule);
        case SloMetric::error_rate:
        case SloMetric::success_rate: return share_figure(evidence, rule);
        case SloMetric::throughput: return throughput_figure(step);
        case SloMetric::lost: return count(evidence.lost);
        case SloMetric::late: return count(evidence.late);
        case SloMetric::blocked: return count(evidence.blocked);
        case SloMetric::duplicates:
        case SloMetric::out_of_order: return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace wsblast::search
