#include "plan/scenario_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wsblast::plan {

namespace {

void weaken(Bound& bound, Bound to) {
    bound = std::max(bound, to);
}

// How often the body of a loop is executed, as far as that is known: once at least.
double passes_of(const LoopPlan& loop, Bound& bound) {
    switch (loop.kind) {
        case LoopKind::count:
            if (loop.last == kUnlimited) {
                weaken(bound, Bound::endless);
                return 1;
            }
            return loop.last > loop.first ? static_cast<double>(loop.last - loop.first) : 0;
        case LoopKind::elements: return static_cast<double>(loop.elements.size());
        case LoopKind::text:
        case LoopKind::over:
        case LoopKind::while_true: break;
    }
    weaken(bound, Bound::at_least);
    return 1;
}

// One action, executed so many times.
void add_action(const Scenario& scenario, const Action& action, double times, FlowEstimate& flow) {
    switch (action.kind) {
        case ActionKind::send: flow.messages_sent += times; break;
        case ActionKind::await: flow.messages_awaited += times; break;
        case ActionKind::think: {
            const ThinkPlan& think = scenario.thinks[action.index];
            if (!think.text.parts.empty()) weaken(flow.bound, Bound::at_least);
            flow.length_s += times * to_seconds(think.duration_ns);
            break;
        }
        case ActionKind::hold: {
            const TimeNs hold_ns = scenario.holds[action.index];
            if (hold_ns == kNever) weaken(flow.bound, Bound::endless);
            if (hold_ns != kNever) flow.length_s += times * to_seconds(hold_ns);
            break;
        }
        case ActionKind::stream: {
            const StreamPlan& stream = scenario.streams[action.index];
            const double messages = stream.rate_per_s * to_seconds(stream.duration_ns);
            flow.length_s += times * to_seconds(stream.duration_ns);
            flow.messages_sent += times * messages;
            if (!stream.expect.empty()) flow.messages_awaited += times * messages;
            break;
        }
        case ActionKind::call: flow.calls += times; break;
        case ActionKind::connect:
            if (!scenario.connects[action.index].function.empty()) flow.calls += times;
            break;
        case ActionKind::loop:
        case ActionKind::repeat:
        case ActionKind::log:
        case ActionKind::close:
        case ActionKind::end:
        case ActionKind::send_setup:
        case ActionKind::await_setup:
        case ActionKind::gate_opened:
        case ActionKind::next_round:
        case ActionKind::messages:
        case ActionKind::settle:
        case ActionKind::listen:
        case ActionKind::gate_settled: break;
    }
}

// Three standard deviations of a Poisson distribution: one run in 370 is off by more.
std::uint64_t spread_of(std::uint64_t mean) {
    return static_cast<std::uint64_t>(std::llround(3 * std::sqrt(static_cast<double>(mean))));
}

// What comes at random comes evenly on average.
ArrivalPlan plan_of(const Scenario& scenario, Draws draws) {
    std::vector<ArrivalPhase> phases = scenario.phases;
    if (draws == Draws::average) {
        for (ArrivalPhase& phase : phases) phase.arrivals = Arrivals::uniform;
    }
    return ArrivalPlan(phases, scenario.seed);
}

PhaseEstimate estimate_phase(const ArrivalPhase& phase, const PhaseSpan& span, Draws draws) {
    PhaseEstimate estimate{.name = phase.name, .kind = phase.kind};
    estimate.users_max = phase.users_max;
    estimate.duration_s = to_seconds(span.end_ns - span.begin_ns);
    estimate.users = phase.kind == PhaseKind::hold ? phase.count : span.users;
    estimate.from_per_s = phase.from_per_s;
    estimate.to_per_s = phase.kind == PhaseKind::ramp ? phase.to_per_s : phase.from_per_s;
    if (phase.kind == PhaseKind::count && phase.duration_ns > 0) {
        estimate.from_per_s = static_cast<double>(phase.count) / to_seconds(phase.duration_ns);
        estimate.to_per_s = estimate.from_per_s;
    }
    if (draws == Draws::average && is_random(phase)) {
        estimate.users = static_cast<std::uint64_t>(std::llround(phase.from_per_s * estimate.duration_s));
        estimate.users_spread = spread_of(estimate.users);
    }
    return estimate;
}

// Users at the same time.
class Concurrency {
  public:
    Concurrency(const Scenario& scenario, const ArrivalPlan& plan, const std::vector<FlowEstimate>& flows)
        : phases_(scenario.phases), plan_(plan), flows_(flows) {}

    // The most there are at one of many moments: the ends of phases, those a session later, and some
    // between.
    [[nodiscard]] double peak() const {
        constexpr std::uint64_t kMoments = 1'000;
        double most = 0;
        for (std::uint64_t i = 1; i <= kMoments; ++i)
            most = std::max(most, at(to_seconds(plan_.end_ns()) * static_cast<double>(i) / kMoments));
        for (std::size_t phase = 0; phase < plan_.phases(); ++phase) {
            const double end_s = to_seconds(plan_.span_of(phase).end_ns);
            most = std::max(most, at(end_s));
            for (const FlowEstimate& flow : flows_)
                most = std::max(most, at(std::min(end_s + flow.length_s, to_seconds(plan_.end_ns()))));
        }
        return most;
    }

  private:
    [[nodiscard]] double at(double time_s) const {
        const double begun = begun_by(time_s);
        double users = 0;
        for (const FlowEstimate& flow : flows_) {
            const bool stays = flow.bound == Bound::endless;
            users += flow.share * (begun - (stays ? 0 : begun_by(time_s - flow.length_s)));
        }
        const auto time_ns = static_cast<TimeNs>(std::max(0.0, time_s) * 1e9);
        for (const HeldUsers& held : plan_.held()) {
            if (time_ns > held.begin_ns && time_ns <= held.end_ns) users += static_cast<double>(held.users);
        }
        const double allowed = users_max_at(time_ns);
        return std::min(users, allowed);
    }

    // maxVusers of the phase that is on.
    [[nodiscard]] double users_max_at(TimeNs time_ns) const {
        for (std::size_t i = 0; i < plan_.phases(); ++i) {
            const PhaseSpan& span = plan_.span_of(i);
            const bool on = time_ns > span.begin_ns && time_ns <= span.end_ns;
            if (on && phases_[i].users_max > 0) return static_cast<double>(phases_[i].users_max);
        }
        return std::numeric_limits<double>::infinity();
    }

    // Users that are due by then.
    [[nodiscard]] double begun_by(double time_s) const {
        if (time_s < 0) return 0;
        const auto time_ns = static_cast<TimeNs>(std::llround(time_s * 1e9));
        std::uint64_t low = 0;  // the first one that is due later
        std::uint64_t high = plan_.users();
        while (low < high) {
            const std::uint64_t middle = low + (high - low) / 2;
            if (plan_.due_ns(middle) > time_ns) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return static_cast<double>(low);
    }

    const std::vector<ArrivalPhase>& phases_;
    const ArrivalPlan& plan_;
    const std::vector<FlowEstimate>& flows_;
};

// As many as can be there, whatever the round trips take: the highest rate for the longest session.
std::uint64_t bound_of(const Scenario& scenario, const ScenarioEstimate& estimate) {
    double rate_per_s = 0;
    std::uint64_t held = 0;
    std::uint64_t users_max = 0;
    for (std::size_t i = 0; i < estimate.phases.size(); ++i) {
        const PhaseEstimate& phase = estimate.phases[i];
        rate_per_s = std::max({rate_per_s, phase.from_per_s, phase.to_per_s});
        if (phase.kind == PhaseKind::hold) held = std::max(held, phase.users);
        if (phase.users == 0) continue;
        const std::uint64_t max = scenario.phases[i].users_max;
        users_max = max == 0 ? kUnlimited : std::max(users_max, max);
    }
    double longest_s = 0;
    for (const FlowEstimate& flow : estimate.flows) {
        if (flow.share > 0) longest_s = std::max(longest_s, flow.length_s);
    }
    const double arriving = static_cast<double>(estimate.users);
    double most = std::min(arriving, std::ceil(rate_per_s * longest_s) + static_cast<double>(held));
    if (estimate.bound == Bound::endless) most = arriving;
    const std::uint64_t bound = std::max(estimate.peak, static_cast<std::uint64_t>(most));
    return std::min(bound, users_max == 0 ? kUnlimited : users_max);
}

}  // namespace

FlowEstimate estimate_flow(const Scenario& scenario, const ScenarioFlow& flow) {
    FlowEstimate estimate{.name = flow.name};
    std::vector<double> times{1};  // of each loop that is open, the innermost last
    for (std::size_t at = flow.first; at < scenario.actions.size(); ++at) {
        const Action& action = scenario.actions[at];
        if (action.kind == ActionKind::end) break;
        if (action.kind == ActionKind::loop) {
            // A loop that is never entered says nothing about how good the figures are.
            Bound inner = Bound::exact;
            const LoopPlan& loop = scenario.loops[action.index];
            const double passes = times.back() * passes_of(loop, inner);
            if (loop.kind == LoopKind::while_true) estimate.calls += passes;
            if (times.back() > 0) weaken(estimate.bound, inner);
            times.push_back(passes);
        } else if (action.kind == ActionKind::repeat && times.size() > 1) {
            times.pop_back();
        } else if (times.back() > 0) {
            add_action(scenario, action, times.back(), estimate);
        }
    }
    return estimate;
}

ScenarioEstimate estimate(const Scenario& scenario, Draws draws) {
    const ArrivalPlan plan = plan_of(scenario, draws);
    ScenarioEstimate all;
    double weights = 0;
    for (const ScenarioFlow& flow : scenario.flows) weights += flow.weight;
    for (const ScenarioFlow& flow : scenario.flows) {
        FlowEstimate one = estimate_flow(scenario, flow);
        one.share = weights > 0 ? flow.weight / weights : 0;
        all.session_s += one.share * one.length_s;
        all.messages_per_user += one.share * one.messages_sent;
        all.calls_per_user += one.share * one.calls;
        if (one.share > 0) weaken(all.bound, one.bound);
        all.flows.push_back(std::move(one));
    }
    std::uint64_t random_users = 0;
    for (std::size_t i = 0; i < scenario.phases.size(); ++i) {
        const PhaseEstimate phase = estimate_phase(scenario.phases[i], plan.span_of(i), draws);
        all.users += phase.users;
        if (phase.kind == PhaseKind::hold) all.held += phase.users;
        if (phase.users_spread > 0) random_users += phase.users;
        all.phases.push_back(phase);
    }
    all.users_spread = spread_of(random_users);
    all.arrivals_s = to_seconds(plan.end_ns());
    all.messages_sent = all.messages_per_user * static_cast<double>(all.users);
    all.peak = static_cast<std::uint64_t>(std::ceil(Concurrency(scenario, plan, all.flows).peak()));
    all.peak_bound = bound_of(scenario, all);
    if (random_users > 0) all.peak_bound += spread_of(all.peak_bound);
    // However short sessions are, somebody is there.
    const std::uint64_t least = all.users > 0 ? 1 : 0;
    all.peak = std::max(all.peak, least);
    all.peak_bound = std::max(all.peak_bound, least);
    return all;
}

}  // namespace wsblast::plan
