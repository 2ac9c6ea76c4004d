#include "search/load_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "search/gave_first.hpp"
#include "search/step_judge.hpp"
#include "stats/crossing.hpp"
#include "stats/scalability.hpp"

namespace wsblast::search {

namespace {

using stats::StepPurpose;
using stats::StepRow;
using stats::StepVerdict;

class LoadSearcher {
  public:
    LoadSearcher(const SearchPlan& plan, const Blast& blast, const SearchHooks& hooks)
        : plan_(plan), blast_(blast), hooks_(hooks), knee_(plan.bounds), start_ns_(hooks.now_ns()) {}

    Result<stats::LoadSearch> run();

  private:
    [[nodiscard]] TimeNs time_left_ns() const;
    // How a part of the search came to its end.
    enum class PartEnding : std::uint8_t { complete, edge, budget, interrupted };
    [[nodiscard]] Result<PartEnding> bracket(double precision);
    [[nodiscard]] Result<PartEnding> fit(const stats::SloRule& rule);
    [[nodiscard]] Result<PartEnding> step(const KneeSearch::Probe& probe);
    [[nodiscard]] Result<PartEnding> step_with_generator(const KneeSearch::Probe& probe);
    [[nodiscard]] StepRow row_of(const KneeSearch::Probe& probe, const StepRun& run,
                                 const Judgement& judgement) const;
    void show_progress(const KneeSearch::Probe& probe, const Judgement& judgement) const;
    void update_bracket();
    void conclude(PartEnding ending);

    const SearchPlan& plan_;
    const Blast& blast_;
    const SearchHooks& hooks_;
    KneeSearch knee_;
    TimeNs start_ns_;
    bool edge_ = false;  // no line through the knee: verdicts decide
    stats::LoadSearch search_;
};

Care care_of(StepPurpose purpose) {
    switch (purpose) {
        case StepPurpose::growth: return Care::rough;
        case StepPurpose::bisection: return Care::exact;
        case StepPurpose::repetition:
        case StepPurpose::fit: return Care::whole;
    }
    return Care::whole;
}

double seconds_of(const StepRun& run) {
    double length_s = 0;
    for (const Batch& batch : run.batches) length_s += batch.length_s;
    return length_s;
}

// Towards which side a step's outcome counts.
LoadOutcome outcome_of(const StepRow& row) {
    switch (row.verdict) {
        case StepVerdict::pass: return LoadOutcome::pass;
        case StepVerdict::fail:
        case StepVerdict::unstable: return LoadOutcome::fail;
        case StepVerdict::inconclusive:
            return row.leans == stats::Side::pass ? LoadOutcome::pass : LoadOutcome::fail;
        case StepVerdict::generator: return LoadOutcome::generator;
    }
    return LoadOutcome::fail;
}

// Its latency is that of a steady state, whatever its check says.
bool is_steady(const StepRow& row) {
    switch (row.cause) {
        case stats::StepCause::none:
        case stats::StepCause::check: return row.verdict != StepVerdict::generator;
        case stats::StepCause::growth:
        case stats::StepCause::backlog:
        case stats::StepCause::losses:
        case stats::StepCause::connection_errors:
        case stats::StepCause::generator: return false;
    }
    return false;
}

// Every batch at first, then some: what a look adds gets less, and what it costs gets more.
bool is_worth_a_look(const StepView& view) {
    const std::size_t batches = view.batches.size();
    return batches <= kBatchesOfShortest || batches % (kBatchesOfShortest / 2) == 0;
}

const stats::SloRule* rule_of(const std::vector<stats::SloRule>& rules, const std::string& text) {
    const auto found = std::find_if(rules.begin(), rules.end(),
                                    [&](const stats::SloRule& rule) { return rule.text == text; });
    return found == rules.end() ? nullptr : &*found;
}

// The check whose figure gave at the upper end of the bracket, where it grows with the load.
const stats::SloRule* rule_at_knee(const stats::LoadSearch& search,
                                   const std::vector<stats::SloRule>& rules) {
    const auto failed = std::find_if(search.steps.rbegin(), search.steps.rend(), [&](const StepRow& row) {
        return row.load == search.lowest_fail && row.cause != stats::StepCause::none;
    });
    if (failed == search.steps.rend() || failed->cause != stats::StepCause::check) return nullptr;
    const stats::SloRule* rule = rule_of(rules, failed->check);
    return rule != nullptr && stats::wants_less(*rule) && rule->unit == "ms" ? rule : nullptr;
}

// The steps near the bracket that were measured in full.
std::vector<stats::LoadPoint> points_near(const stats::LoadSearch& search, const stats::SloRule& rule) {
    std::vector<stats::LoadPoint> points;
    for (const StepRow& row : search.steps) {
        const bool in_full = row.purpose == StepPurpose::repetition || row.purpose == StepPurpose::fit;
        const bool near = row.load > *search.highest_pass * (1 - kNearKnee) &&
                          row.load < *search.lowest_fail * (1 + kNearKnee);
        if (!in_full || !near || row.check != rule.text || !row.figure || !is_steady(row)) continue;
        points.push_back({row.load, row.figure->value, row.figure->standard_error});
    }
    return points;
}

bool is_edge(const std::vector<stats::LoadPoint>& points) {
    const auto [least, most] = std::minmax_element(
        points.begin(), points.end(),
        [](const stats::LoadPoint& a, const stats::LoadPoint& b) { return a.value < b.value; });
    return least != points.end() && most->value > kEdgeFactor * least->value;
}

// Where the line through them meets the limit.
std::optional<stats::Estimate> fitted_load(const stats::LoadSearch& search, const stats::SloRule& rule) {
    const auto load = stats::crossing(points_near(search, rule), rule.limit);
    const bool is_near = load && load->value > *search.highest_pass * (1 - kNearKnee) &&
                         load->value < *search.lowest_fail * (1 + kNearKnee);
    return is_near ? load : std::nullopt;
}

// Where the law does not fit, or beyond what was measured, it foretells nothing.
void keep_what_was_measured(const std::vector<stats::ScalabilityPoint>& points, stats::ScalabilityFit& fit) {
    constexpr double kFitsFrom = 0.9;
    constexpr double kNearCeiling = 0.8;
    constexpr double kNoise = 1.1;
    double most = 0;
    double fastest = 0;
    for (const stats::ScalabilityPoint& point : points) {
        most = std::max(most, point.concurrency);
        fastest = std::max(fastest, point.throughput_per_s);
    }
    const bool fits = fit.r_squared >= kFitsFrom;
    const bool peaked = fits && fit.peak_concurrency && *fit.peak_concurrency <= most;
    if (!peaked) fit.peak_concurrency = fit.peak_throughput_per_s = std::nullopt;
    const bool levelled = fits && fit.ceiling_per_s && fastest >= kNearCeiling * *fit.ceiling_per_s &&
                          fastest <= kNoise * *fit.ceiling_per_s;
    if (!levelled) fit.ceiling_per_s = std::nullopt;
}

// Each steady step is a point; how many messages were in the system is known by Little's law.
std::optional<stats::ScalabilityFit> scalability_of(const stats::LoadSearch& search) {
    std::vector<stats::ScalabilityPoint> points;
    for (const StepRow& row : search.steps) {
        if (!is_steady(row) || !row.latency) continue;
        points.push_back({row.achieved_per_s * row.latency->mean / 1e9, row.achieved_per_s});
    }
    auto fit = stats::fit_scalability(points);
    if (fit) keep_what_was_measured(points, *fit);
    return fit;
}

TimeNs LoadSearcher::time_left_ns() const {
    const TimeNs end_ns = start_ns_ + plan_.budget_ns;
    return end_ns - std::min(end_ns, hooks_.now_ns());
}

void LoadSearcher::show_progress(const KneeSearch::Probe& probe, const Judgement& judgement) const {
    stats::SearchProgress now;
    now.elapsed_ns = hooks_.now_ns() - start_ns_;
    now.left_ns = time_left_ns();
    now.axis = plan_.axis;
    now.step = static_cast<std::uint32_t>(search_.steps.size()) + 1;
    now.purpose = probe.purpose;
    now.load = probe.load;
    now.check = judgement.check;
    now.figure = judgement.figure;
    now.highest_pass = knee_.highest_pass();
    now.lowest_fail = knee_.lowest_fail();
    hooks_.show_progress(now);
}

StepRow LoadSearcher::row_of(const KneeSearch::Probe& probe, const StepRun& run,
                             const Judgement& judgement) const {
    StepRow row;
    row.number = static_cast<std::uint32_t>(search_.steps.size()) + 1;
    row.purpose = probe.purpose;
    row.load = probe.load;
    row.offered_per_s = run.offered_per_s;
    row.length_s = seconds_of(run);
    std::uint64_t received = 0;
    for (const Batch& batch : run.batches) {
        received += batch.received;
        row.sent += batch.sent;
        row.errors += batch.errors;
        row.lost += batch.lost;
    }
    row.errors = std::max(row.errors, stats::errors_total(run.counters));
    row.lost = std::max(row.lost, run.counters.lost);
    if (row.length_s > 0) row.achieved_per_s = static_cast<double>(received) / row.length_s;
    row.latency = run.latency.summarize();
    row.check = judgement.check;
    row.figure = judgement.figure;
    row.growth = judgement.growth;
    row.verdict = judgement.verdict;
    row.leans = judgement.leans;
    row.cause = judgement.cause;
    row.why = judgement.why;
    row.generator = run.generator;
    row.backend = run.backend;
    return row;
}

// One more row.
Result<LoadSearcher::PartEnding> LoadSearcher::step(const KneeSearch::Probe& probe) {
    const TimeNs left_ns = time_left_ns();
    if (left_ns < plan_.step_warmup_ns + plan_.step_min_ns) return PartEnding::budget;
    const TimeNs most_ns = left_ns - std::min(left_ns, plan_.step_warmup_ns);
    JudgeRules rules{.slos = plan_.slos, .care = care_of(probe.purpose)};
    rules.length_min_ns = plan_.step_min_ns;
    rules.length_max_ns = std::clamp(most_ns, plan_.step_min_ns, plan_.step_max_ns);
    rules.precision = plan_.bounds.precision;
    const StepPlan step_plan{.load = probe.load,
                             .fixed = plan_.fixed,
                             .warmup_ns = plan_.step_warmup_ns,
                             .batch_ns = plan_.step_min_ns / kBatchesOfShortest,
                             .length_max_ns = rules.length_max_ns};
    show_progress(probe, {});
    auto run = blast_(step_plan, [&](const StepView& view) {
        if (!is_worth_a_look(view)) return StepState::goes_on;
        const Judgement so_far = judge_step(view, rules, Ended::no);
        show_progress(probe, so_far);
        return so_far.state;
    });
    if (!run) return run.error();
    if (hooks_.stop_requested()) return PartEnding::interrupted;
    const StepView whole{run->offered_per_s, run->batches, &run->generator, &run->counters};
    search_.steps.push_back(row_of(probe, *run, judge_step(whole, rules, Ended::yes)));
    hooks_.show_step(search_.steps.back());
    return PartEnding::complete;
}

// Again where the generator was the bottleneck: something else may have had its core.
Result<LoadSearcher::PartEnding> LoadSearcher::step_with_generator(const KneeSearch::Probe& probe) {
    for (std::uint32_t repeats = 0;; ++repeats) {
        const auto made = step(probe);
        if (!made || *made != PartEnding::complete) return made;
        const bool thrown_out = search_.steps.back().verdict == StepVerdict::generator;
        if (!thrown_out || repeats == kGeneratorRepeats) return made;
    }
}

// Verdicts, until the bracket is narrow.
Result<LoadSearcher::PartEnding> LoadSearcher::bracket(double precision) {
    knee_.set_precision(precision);
    while (const auto probe = knee_.next()) {
        const auto made = step_with_generator(*probe);
        if (!made || *made != PartEnding::complete) return made;
        knee_.note(probe->load, outcome_of(search_.steps.back()));
    }
    return PartEnding::complete;
}

// Figures, until the line through them meets the limit in a narrow interval, or it is clear that there is
// no such line. Where the figures differ too much to tell, the bracket stays as wide as it is.
Result<LoadSearcher::PartEnding> LoadSearcher::fit(const stats::SloRule& rule) {
    constexpr std::array<double, 3> kPlaces{-kFitSpread, kFitSpread, 0};
    std::uint32_t unsteady = 0;
    for (std::uint32_t steps = 0; steps < kFitStepsMax; ++steps) {
        const auto knee = fitted_load(search_, rule);
        const bool narrow = knee && knee->relative_half_width() <= plan_.bounds.precision;
        if (narrow && steps >= kFitStepsMin) return PartEnding::complete;
        const double center = knee ? knee->value : (*search_.highest_pass + *search_.lowest_fail) / 2;
        double load = center * (1 + kPlaces[steps % kPlaces.size()]);
        if (plan_.bounds.numbers == LoadNumbers::whole) load = std::round(load);
        const auto made = step_with_generator({load, StepPurpose::fit});
        if (!made || *made != PartEnding::complete) return made;
        unsteady += is_steady(search_.steps.back()) ? 0 : 1;
        if (unsteady >= kFitUnsteadyMax || is_edge(points_near(search_, rule))) return PartEnding::edge;
    }
    return PartEnding::complete;
}

void LoadSearcher::update_bracket() {
    search_.highest_pass = knee_.highest_pass();
    search_.lowest_fail = knee_.lowest_fail();
    search_.generator_limit = knee_.generator_limit();
}

// What is known when no further step is made.
void LoadSearcher::conclude(PartEnding ending) {
    using stats::SearchEnding;
    update_bracket();
    search_.ending = SearchEnding::knee;
    if (!search_.lowest_fail) search_.ending = SearchEnding::all_passed;
    if (!search_.highest_pass) search_.ending = SearchEnding::none_passed;
    if (search_.generator_limit) search_.ending = SearchEnding::generator;
    const bool spent = ending == PartEnding::budget && search_.ending != SearchEnding::generator;
    if (spent) search_.ending = SearchEnding::budget;
    if (ending == PartEnding::interrupted) search_.ending = SearchEnding::interrupted;
    const bool enclosed = search_.highest_pass && search_.lowest_fail && !search_.generator_limit;
    if (enclosed) {
        const double low = *search_.highest_pass;
        const double high = *search_.lowest_fail;
        search_.knee = {{low, low, high, (high - low) / 2}, stats::KneeMethod::bracketed};
        const stats::SloRule* rule = rule_at_knee(search_, plan_.slos);
        const auto fitted = rule == nullptr || edge_ ? std::nullopt : fitted_load(search_, *rule);
        if (fitted) search_.knee = {*fitted, stats::KneeMethod::fitted};
    }
    search_.scalability = scalability_of(search_);
    search_.gave_first = what_gave_first(search_, plan_.axis);
}

Result<stats::LoadSearch> LoadSearcher::run() {
    search_.fixed = plan_.fixed;
    auto ending = bracket(std::max(plan_.bounds.precision, kNearKnee));
    if (!ending) return ending.error();
    update_bracket();
    const bool enclosed = search_.highest_pass && search_.lowest_fail && !search_.generator_limit;
    if (*ending == PartEnding::complete && enclosed) {
        const stats::SloRule* rule = rule_at_knee(search_, plan_.slos);
        ending = rule == nullptr ? PartEnding::edge : fit(*rule);
        if (!ending) return ending.error();
        edge_ = *ending == PartEnding::edge;
        if (edge_) ending = bracket(plan_.bounds.precision);
        if (!ending) return ending.error();
    }
    conclude(*ending);
    return std::move(search_);
}

}  // namespace

Result<stats::LoadSearch> search_load(const SearchPlan& plan, const Blast& blast,
                                      const SearchHooks& hooks) {
    return LoadSearcher(plan, blast, hooks).run();
}

}  // namespace wsblast::search
