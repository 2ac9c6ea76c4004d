#include "search/step_judge.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "search/step_evidence.hpp"
#include "stats/confidence.hpp"
#include "stats/stationarity.hpp"
#include "text/format.hpp"

namespace wsblast::search {

namespace {

using stats::Estimate;
using stats::SloMetric;
using stats::SloRule;
using stats::StepCause;
using stats::StepVerdict;

// An interval that is looked at after every batch leaves the truth in one of its many looks more often than
// in one: until the end it counts as so much wider (95 % become 99.4 %).
constexpr double kEarlyFactor = 1.4;
// While the load is doubled, this far from the limit the side is clear.
constexpr double kRoughFactor = 2;
// A backend falls behind by the share by which latency grows: 0.1 % at the end of a step. Before, as a
// queue may still be on its way to its length, 1 %: what kAchievedMin allows.
constexpr double kGrowthMin = 0.001;
constexpr double kGrowthMinEarly = 0.01;
// What may be on its way without being a backlog: so many times what Little's law has in the system.
constexpr double kInSystemFactor = 4;
constexpr double kInSystemMin = 3;
// A generator that sends less of what was due, though nothing kept it waiting, was late itself.
constexpr double kSentMin = 0.97;

enum class Clearness : std::uint8_t { holds, breaks, open };

struct Check {
    const SloRule* rule = nullptr;
    std::optional<Estimate> figure{};
    Clearness clearness = Clearness::open;
};

// --- checks --------------------------------------------------------------------------------------

// A floor of throughput says nothing of a load that does not offer so much.
bool applies(const SloRule& rule, const StepEvidence& evidence) {
    const bool floor = rule.metric == SloMetric::throughput && !stats::wants_less(rule);
    return !floor || evidence.offered_per_s >= rule.limit;
}

// By so much that a few messages more would not change it.
bool far_on_one_side(const SloRule& rule, const Estimate& figure) {
    const bool holds = stats::holds(rule, figure.value);
    const bool held_by_others = stats::holds(rule, figure.low) || stats::holds(rule, figure.high);
    if (!holds && held_by_others) return false;
    return stats::holds(rule, figure.value * kRoughFactor) == holds &&
           stats::holds(rule, figure.value / kRoughFactor) == holds;
}

Clearness clearness_of(const Check& check, const StepEvidence& evidence, const JudgeRules& rules) {
    if (!check.figure) return Clearness::open;
    const SloRule& rule = *check.rule;
    const Estimate& figure = *check.figure;
    if (rules.care == Care::rough && !is_share(rule.metric) && far_on_one_side(rule, figure)) {
        return stats::holds(rule, figure.value) ? Clearness::holds : Clearness::breaks;
    }
    const double factor = evidence.at_bound ? 1 : kEarlyFactor;
    const double low = figure.value - factor * (figure.value - figure.low);
    const double high = figure.value + factor * (figure.high - figure.value);
    if (stats::holds(rule, low) && stats::holds(rule, high)) return Clearness::holds;
    if (!stats::holds(rule, low) && !stats::holds(rule, high)) return Clearness::breaks;
    const bool narrow = (figure.high - figure.low) / 2 <= rules.precision * rule.limit;
    if (!evidence.at_bound || !narrow) return Clearness::open;
    return stats::holds(rule, figure.value) ? Clearness::holds : Clearness::breaks;
}

std::vector<Check> checks_of(const StepView& step, const StepEvidence& evidence, const JudgeRules& rules) {
    std::vector<Check> checks;
    for (const SloRule& rule : rules.slos) {
        if (!applies(rule, evidence)) continue;
        Check check{.rule = &rule, .figure = figure_of(step, evidence, rule)};
        check.clearness = clearness_of(check, evidence, rules);
        checks.push_back(std::move(check));
    }
    return checks;
}

// How far a figure is towards its limit, and beyond it: 1 is the limit.
double nearness(const Check& check) {
    if (!check.figure || check.rule->limit <= 0) return 0;
    const double share = check.figure->value / check.rule->limit;
    return stats::wants_less(*check.rule) ? share : 1 / std::max(share, 1e-9);
}

void name_check(const Check& check, Judgement& judgement) {
    judgement.check = check.rule->text;
    judgement.figure = check.figure;
}

std::string figure_text(const Check& check) {
    const SloRule& rule = *check.rule;
    if (!check.figure) return text::format("{}: no answer that could be judged", rule.text);
    const Estimate& figure = *check.figure;
    const std::string high =
        std::isfinite(figure.high) ? stats::value_text(rule, figure.high) : "more than could be told";
    return text::format("{}: {} ({} to {})", rule.text, stats::value_text(rule, figure.value),
                        stats::value_text(rule, figure.low), high);
}

// --- what holds whatever the checks --------------------------------------------------------------

bool judges(const JudgeRules& rules, std::initializer_list<SloMetric> metrics) {
    return std::any_of(rules.slos.begin(), rules.slos.end(), [&](const SloRule& rule) {
        return std::find(metrics.begin(), metrics.end(), rule.metric) != metrics.end();
    });
}

Judgement ended_by(StepVerdict verdict, StepCause cause, std::string why) {
    return {.state = StepState::over, .verdict = verdict, .cause = cause, .why = std::move(why)};
}

std::optional<Judgement> judge_generator(const StepView& step, const StepEvidence& evidence) {
    if (!evidence.at_minimum) return std::nullopt;
    if (step.generator && step.generator->status == stats::GeneratorStatus::saturated) {
        const auto& reasons = step.generator->reasons;
        return ended_by(StepVerdict::generator, StepCause::generator,
                        reasons.empty() ? "the generator was the bottleneck" : reasons.front());
    }
    const double due = evidence.offered_per_s * evidence.length_s;
    const double noise = 3 * std::sqrt(due);
    if (evidence.blocked > 0 || static_cast<double>(evidence.sent) >= kSentMin * due - noise) {
        return std::nullopt;
    }
    return ended_by(StepVerdict::generator, StepCause::generator,
                    text::format("the generator sent {:.1f}% of what was due",
                                 100 * static_cast<double>(evidence.sent) / due));
}

// A latency that would hold without what the generator itself was late by says nothing of the backend.
bool was_late_itself(const StepView& step, const Judgement& judgement) {
    const auto* health = step.generator;
    if (health == nullptr || health->status == stats::GeneratorStatus::ok || !health->own_lag) return false;
    if (judgement.cause != StepCause::check || !judgement.figure) return false;
    const auto rule = stats::parse_slo(judgement.check);
    if (!rule || rule->metric != SloMetric::latency || !stats::wants_less(*rule)) return false;
    const double lag_ms = static_cast<double>(health->own_lag->p99) / 1e6;
    return stats::holds(*rule, judgement.figure->value - lag_ms);
}

std::optional<Judgement> judge_losses(const StepEvidence& evidence, const JudgeRules& rules) {
    if (judges(rules, {SloMetric::error_rate, SloMetric::success_rate, SloMetric::lost}))
        return std::nullopt;
    if (evidence.lost > 0) {
        return ended_by(StepVerdict::fail, StepCause::losses,
                        text::format("{} of {} messages had no answer", evidence.lost, evidence.sent));
    }
    if (evidence.errors == 0) return std::nullopt;
    return ended_by(StepVerdict::fail, StepCause::connection_errors,
                    text::format("{} connections failed", evidence.errors));
}

// Of the batches that have an answer.
std::vector<double> medians_of(const StepView& step) {
    std::vector<double> medians_s;
    for (const Batch& batch : step.batches) {
        if (const auto median_ns = batch.latency.percentile(0.5)) {
            medians_s.push_back(static_cast<double>(*median_ns) / 1e9);
        }
    }
    return medians_s;
}

// How fast latency grows, s/s; 0 where it does not.
double growth_of(const StepView& step, const StepEvidence& evidence) {
    const stats::TrendTest test = stats::test_trend(medians_of(step));
    if (test.trend != stats::Trend::rising) return 0;
    return test.slope * static_cast<double>(step.batches.size()) / evidence.length_s;
}

std::optional<Judgement> judge_growth(double growth, const StepEvidence& evidence) {
    if (growth < (evidence.at_bound ? kGrowthMin : kGrowthMinEarly)) return std::nullopt;
    return ended_by(StepVerdict::unstable, StepCause::growth,
                    text::format("latency grew by {:.3g} ms each second", 1'000 * growth));
}

// The latency of most messages, in seconds.
double usual_latency_s(const StepView& step) {
    std::vector<double> medians_s = medians_of(step);
    if (medians_s.empty()) return 0;
    const auto middle = medians_s.begin() + static_cast<std::ptrdiff_t>(medians_s.size() / 2);
    std::nth_element(medians_s.begin(), middle, medians_s.end());
    return *middle;
}

// What came back of what was sent (or, where messages had to wait for room, of what was due), once answers
// have had the time to come back.
struct Achieved {
    std::optional<Estimate> share{};
    double missing = 0;
};
Achieved achieved(const StepView& step, const StepEvidence& evidence) {
    const double wait_s = 2 * usual_latency_s(step);
    Achieved achieved;
    std::vector<stats::BatchSum> sums;
    double start_s = 0;
    for (const Batch& batch : step.batches) {
        const double due = evidence.offered_per_s * batch.length_s;
        const auto sent = static_cast<double>(batch.sent);
        const double offered = evidence.blocked > 0 ? std::max(sent, due) : sent;
        if (start_s >= wait_s && start_s > 0) {
            sums.push_back({static_cast<double>(batch.received), offered});
            achieved.missing += offered - static_cast<double>(batch.received);
        }
        start_s += batch.length_s;
    }
    achieved.share = stats::ratio_estimate(sums);
    return achieved;
}

std::optional<Judgement> judge_backlog(const StepView& step, const StepEvidence& evidence) {
    if (evidence.sent == 0) return std::nullopt;
    const auto [share, missing] = achieved(step, evidence);
    if (!share) {
        if (!evidence.at_bound || evidence.received > 0) return std::nullopt;
        return ended_by(StepVerdict::fail, StepCause::backlog, "nothing came back");
    }
    const double in_system = evidence.offered_per_s * usual_latency_s(step);
    if (missing <= kInSystemMin + kInSystemFactor * in_system) return std::nullopt;
    // Where messages wait for room they are compared with the schedule, which is random itself.
    const bool surely = !evidence.at_bound || evidence.blocked > 0;
    const double factor = evidence.at_bound ? 1 : kEarlyFactor;
    const double most = surely ? share->value + factor * (share->high - share->value) : share->value;
    if (most >= kAchievedMin) return std::nullopt;
    return ended_by(StepVerdict::fail, StepCause::backlog,
                    text::format("{:.1f}% of what was offered came back", 100 * share->value));
}

// --- the verdict ---------------------------------------------------------------------------------

Judgement judge_checks(const std::vector<Check>& checks, const StepEvidence& evidence,
                       const JudgeRules& rules) {
    Judgement judgement;
    const auto worst = std::max_element(checks.begin(), checks.end(), [](const Check& a, const Check& b) {
        return nearness(a) < nearness(b);
    });
    if (worst != checks.end()) name_check(*worst, judgement);
    const auto is = [](Clearness clearness) {
        return [=](const Check& check) { return check.clearness == clearness; };
    };
    const auto broken = std::find_if(checks.begin(), checks.end(), is(Clearness::breaks));
    const bool may_fail = evidence.at_bound || rules.care == Care::rough ||
                          (rules.care == Care::exact && evidence.at_minimum);
    if (broken != checks.end() && may_fail) {
        judgement.state = StepState::over;
        judgement.verdict = StepVerdict::fail;
        judgement.cause = StepCause::check;
        judgement.why = figure_text(*broken);
        name_check(*broken, judgement);
        return judgement;
    }
    const bool may_pass =
        evidence.at_bound || (rules.care == Care::rough && evidence.at_minimum && evidence.shows_trends());
    if (may_pass && std::all_of(checks.begin(), checks.end(), is(Clearness::holds))) {
        judgement.state = StepState::over;
        judgement.verdict = StepVerdict::pass;
        judgement.leans = stats::Side::pass;
        return judgement;
    }
    if (!evidence.at_bound) return judgement;
    judgement.state = StepState::over;
    const auto leaning = std::find_if(checks.begin(), checks.end(), [](const Check& check) {
        return !check.figure || !stats::holds(*check.rule, check.figure->value);
    });
    judgement.leans = leaning == checks.end() ? stats::Side::pass : stats::Side::fail;
    if (leaning != checks.end()) {
        judgement.cause = StepCause::check;
        name_check(*leaning, judgement);
    }
    const auto named = leaning == checks.end() ? worst : leaning;
    if (named != checks.end()) judgement.why = figure_text(*named) + ", which holds the limit";
    return judgement;
}

}  // namespace

Judgement judge_step(const StepView& step, const JudgeRules& rules, Ended ended) {
    const StepEvidence evidence =
        evidence_of(step, {rules.length_min_ns, rules.length_max_ns, ended == Ended::yes});
    const std::vector<Check> checks = checks_of(step, evidence, rules);
    Judgement judgement = judge_checks(checks, evidence, rules);
    judgement.growth = growth_of(step, evidence);
    // What holds whatever the checks comes first: latencies of a queue that grows say nothing.
    std::optional<Judgement> sooner = judge_generator(step, evidence);
    if (!sooner) sooner = judge_losses(evidence, rules);
    if (!sooner) sooner = judge_growth(judgement.growth, evidence);
    if (!sooner) sooner = judge_backlog(step, evidence);
    if (!sooner && ended == Ended::yes && was_late_itself(step, judgement)) {
        const std::string lag =
            text::format("{:.3g} ms", static_cast<double>(step.generator->own_lag->p99) / 1e6);
        sooner = ended_by(StepVerdict::generator, StepCause::generator,
                          text::format("{}; the generator itself was {} late (p99)", judgement.why, lag));
    }
    if (!sooner) return judgement;
    sooner->check = judgement.check;
    sooner->figure = judgement.figure;
    sooner->growth = judgement.growth;
    return *sooner;
}

}  // namespace wsblast::search
