#include "search/aftermath.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "text/format.hpp"

namespace wsblast::search {

namespace {

using load::FleetStatus;
using stats::CapacityPhase;

// How a part of it ended.
struct Outcome {
    std::uint64_t asked = 0;
    std::uint64_t unanswered = 0;
    std::uint64_t not_back = 0;
};

// What went wrong since all was well, told or ended with.
void judge(WalkState& state, const Outcome& outcome) {
    const Evidence evidence = state.evidence(state.surroundings().target_use(), outcome.unanswered);
    std::optional<stats::Limit> limit = find_limit(evidence);
    if (state.lost_too_many() || too_many(outcome.unanswered, outcome.asked) || outcome.not_back > 0) {
        state.end_with(stats::CapacityEnding::unsteady, std::move(limit));
    } else {
        state.mention(std::move(limit));
    }
    state.all_was_well();
}

// --- hold --------------------------------------------------------------------------------------------

void add_probe(stats::Hold& hold, const std::optional<stats::Probe>& probe) {
    if (!probe) return;
    ++hold.probes;
    hold.asked += probe->asked;
    hold.answered += probe->answered;
    if (probe->latency) hold.worst_p99_ns = std::max(hold.worst_p99_ns.value_or(0), probe->latency->p99);
}

// What is left of them is no longer what was to be held.
bool lost_too_many(const FleetStatus& before, const FleetStatus& now) {
    constexpr std::uint64_t kShare = 10;  // one of so many
    return (lost(now) - lost(before)) * kShare > before.counters.open;
}

// False when it was interrupted. It ends early when too many of those of `before` are lost.
bool wait_until(TimeNs until_ns, TimeNs end_ns, const FleetStatus& before, WalkState& state) {
    for (;;) {
        const TimeNs now_ns = state.surroundings().now_ns();
        if (now_ns >= until_ns) return true;
        if (state.interrupted()) return false;
        if (lost_too_many(before, state.connections().status())) return true;
        state.show(CapacityPhase::holding, end_ns > now_ns ? end_ns - now_ns : 0);
        state.surroundings().wait(std::min(kWalkLookNs, until_ns - now_ns));
    }
}

// Those that left come back, unless they cannot.
void await_return(const CapacityPlan& plan, WalkState& state) {
    const TimeNs until_ns = state.surroundings().now_ns() + plan.connect_timeout_ns;
    while (state.connections().status().away > 0 && state.surroundings().now_ns() < until_ns) {
        if (state.interrupted()) return;
        state.surroundings().wait(kWalkLookNs);
    }
}

void hold(const CapacityPlan& plan, WalkState& state) {
    const FleetStatus before = state.connections().status();
    stats::Hold& held = state.result.hold.emplace();
    held.open_at_start = before.counters.open;
    held.churn_per_s = plan.churn_per_s;
    const TimeNs start_ns = state.surroundings().now_ns();
    const TimeNs end_ns = start_ns + plan.hold_ns;
    if (plan.churn_per_s > 0) state.connections().churn(plan.churn_per_s);
    TimeNs now_ns = start_ns;
    while (now_ns < end_ns && !state.interrupted()) {
        if (!wait_until(std::min(end_ns, now_ns + limits::kHoldProbeNs), end_ns, before, state)) break;
        add_probe(held, state.probe(plan.sample));
        if (lost_too_many(before, state.connections().status())) break;
        now_ns = state.surroundings().now_ns();
    }
    if (plan.churn_per_s > 0) {
        state.connections().churn(0);
        await_return(plan, state);
    }
    const FleetStatus after = state.connections().status();
    held.seconds = to_seconds(state.surroundings().now_ns() - start_ns);
    held.open_at_end = after.counters.open;
    held.lost = lost(after) - lost(before);
    held.churned = after.churned - before.churned;
    held.reopened = after.reopened - before.reopened;
    held.reopen_failures = after.reopen_failures - before.reopen_failures;
    judge(state, {held.asked, held.asked - held.answered, 0});
}

// --- storm -------------------------------------------------------------------------------------------

class Storm {
  public:
    Storm(const CapacityPlan& plan, WalkState& state) : plan_(plan), state_(state) {}

    void go() {
        const FleetStatus before = state_.connections().status();
        stats::StormResult& result = state_.result.storm.emplace();
        result.share = plan_.storm->share;
        result.policy = to_text(plan_.storm->policy);
        const TimeNs start_ns = last_back_ns_ = state_.surroundings().now_ns();
        state_.connections().drop(*plan_.storm);
        FleetStatus now = state_.connections().status();
        result.dropped = now.dropped - before.dropped;
        while (now.away > 0 && !given_up() && !state_.interrupted()) {
            state_.show(CapacityPhase::storm, std::nullopt);
            state_.surroundings().wait(kWalkLookNs);
            now = state_.connections().status();
            note_back(now.reopened - before.reopened, state_.surroundings().now_ns() - start_ns);
        }
        note_back(now.reopened - before.reopened, state_.surroundings().now_ns() - start_ns);
        result.waited_s = to_seconds(state_.surroundings().now_ns() - start_ns);
        result.opening_peak = now.opening_peak;
        result.failures = now.reopen_failures - before.reopen_failures;
        result.connect = state_.since_well().connect_total.summarize();
        if (last_back_ns_ > start_ns) {
            result.connections_per_s =
                static_cast<double>(result.back) / to_seconds(last_back_ns_ - start_ns);
        }
    }

  private:
    void note_back(std::uint64_t back, TimeNs after_ns) {
        constexpr std::uint64_t kPercent = 100;
        constexpr std::uint64_t kHalf = 50;
        constexpr std::uint64_t kMost = 99;
        stats::StormResult& result = *state_.result.storm;
        if (back > result.back) last_back_ns_ = state_.surroundings().now_ns();
        result.back = back;
        const auto note = [&](std::optional<double>& place, std::uint64_t percent) {
            if (!place && back * kPercent >= result.dropped * percent) place = to_seconds(after_ns);
        };
        note(result.half_s, kHalf);
        note(result.most_s, kMost);
        note(result.all_s, kPercent);
    }

    // Nobody has come back for long: not even the longest wait of the policy explains it.
    [[nodiscard]] bool given_up() {
        const TimeNs patience_ns =
            limits::kStormPatience * plan_.connect_timeout_ns + plan_.storm->policy.max_ns;
        return state_.surroundings().now_ns() - last_back_ns_ > patience_ns;
    }

    const CapacityPlan& plan_;
    WalkState& state_;
    TimeNs last_back_ns_ = 0;
};

}  // namespace

void after_the_walk(const CapacityPlan& plan, WalkState& state) {
    if (plan.hold_ns > 0) hold(plan, state);
    if (!plan.storm || state.interrupted()) return;
    Storm(plan, state).go();
    if (state.interrupted()) return;
    const auto probe = state.probe(plan.sample);
    const stats::StormResult& storm = *state.result.storm;
    judge(state, {probe ? probe->asked : 0, probe ? probe->unanswered() : 0, storm.dropped - storm.back});
}

std::string to_text(const plan::ReconnectPolicy& policy) {
    const auto waits = [&policy](std::string_view name) {
        return text::format("{}, {} up to {}", name, to_duration_text(policy.first_ns),
                            to_duration_text(policy.max_ns));
    };
    switch (policy.kind) {
        case plan::Reconnect::immediate: return "immediate";
        case plan::Reconnect::exponential: return waits("exponential");
        case plan::Reconnect::jittered: return waits("jittered");
    }
    return "";
}

}  // namespace wsblast::search
