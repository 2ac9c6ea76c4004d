// Which virtual user a worker begins next, and when: user i of the run belongs to worker i mod workers. Of
// a phase that holds users each worker keeps its share at work; those are numbered behind all others.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <span>
#include <vector>

#include "base/limits.hpp"
#include "base/prng.hpp"
#include "base/units.hpp"
#include "plan/arrival_phases.hpp"
#include "plan/scenario.hpp"
#include "session/user_state.hpp"
#include "stats/user_shard.hpp"

namespace wsblast::session {

class UserArrivals {
  public:
    struct Input {
        const plan::Scenario& scenario;
        const plan::ArrivalPlan& plan;
        std::span<const std::unique_ptr<stats::UserShard>> all;
        std::uint32_t worker = 0;
        std::uint32_t workers = 1;
    };
    explicit UserArrivals(const Input& input)
        : input_(input), next_(input.worker), held_next_(input.worker) {
        for (const plan::ScenarioFlow& flow : input.scenario.flows) weights_ += flow.weight;
        for (const plan::HeldUsers& held : input.plan.held())
            held_left_.push_back({held, share_of(held.users)});
    }

    // The first phase begins then.
    void start(TimeNs start_ns) {
        start_ns_ = start_ns;
        note_next();
    }
    // Nobody begins any more.
    void stop() {
        next_ = input_.plan.users();
        held_left_.clear();
        held_pauses_ = {};
        note_next();
    }

    // When the next one is due; kNever: none is, or a place has to become free first.
    [[nodiscard]] TimeNs next_due_ns() const { return std::min(numbered_ns_, held_due_ns()); }
    // How many of this worker's have a number and have not begun, and the places of held users that are
    // still to come or to be kept.
    [[nodiscard]] std::uint64_t left() const {
        const std::uint64_t users = input_.plan.users();
        const std::uint64_t numbered =
            users <= next_ ? 0 : (users - next_ + input_.workers - 1) / input_.workers;
        return numbered + held_left_.size();
    }
    [[nodiscard]] bool done() const { return left() == 0; }

    // The number of the one that is due, which begins now, or is skipped.
    [[nodiscard]] std::uint64_t take() {
        if (held_due_ns() < numbered_ns_) {
            if (held_taken() == held_left_.front().share) held_pauses_.pop();
            ++held_active_;
            const std::uint64_t number = input_.plan.users() + held_next_;
            held_next_ += input_.workers;
            return number;
        }
        const std::uint64_t number = next_;
        next_ += input_.workers;
        note_next();
        return number;
    }
    // Whether the phase of the one that is due allows no more users at the same time.
    [[nodiscard]] bool full() const {
        if (held_due_ns() < numbered_ns_) return false;
        const std::uint64_t users_max = input_.scenario.phases[input_.plan.phase_of(next_)].users_max;
        if (users_max == 0) return false;
        std::uint64_t active = 0;
        for (const auto& shard : input_.all) active += shard->active.get();
        return active >= users_max;
    }

    [[nodiscard]] bool is_held(std::uint64_t number) const { return number >= input_.plan.users(); }
    // A held user has ended: its place is free, after a pause where it failed. The pause doubles whenever
    // as many have failed, one after the other, as there are places.
    void held_ended(UserEnd how, TimeNs now_ns) {
        --held_active_;
        held_free_ns_ = now_ns;
        if (how != UserEnd::failed) held_failed_ = 0;
        if (how != UserEnd::failed || held_left_.empty()) return;
        constexpr plan::ReconnectPolicy kPause{.kind = plan::Reconnect::exponential,
                                               .first_ns = limits::kHeldPauseFirstNs,
                                               .max_ns = limits::kHeldPauseMaxNs};
        const std::uint64_t all_failed = held_failed_++ / held_left_.front().share;
        held_pauses_.push(now_ns + kPause.wait_ns(static_cast<std::uint32_t>(all_failed), 0));
    }
    // Whether a phase that held users is over by now: its users end.
    [[nodiscard]] bool hold_is_over(TimeNs now_ns) {
        if (held_left_.empty() || now_ns < start_ns_ + held_left_.front().held.end_ns) return false;
        held_left_.erase(held_left_.begin());
        held_free_ns_ = 0;
        held_failed_ = 0;
        held_pauses_ = {};
        return true;
    }
    // When that is to be looked at; kNever: no users are held.
    [[nodiscard]] TimeNs hold_end_ns() const {
        return held_left_.empty() ? kNever : start_ns_ + held_left_.front().held.end_ns;
    }

    // Drawn by the scenarios' weights.
    [[nodiscard]] std::uint16_t flow_of(std::uint64_t number) const {
        const auto& flows = input_.scenario.flows;
        std::uint64_t place = below(draw(input_.scenario.seed, Stream::user_flow, number), weights_);
        std::uint16_t flow = 0;
        while (flow + 1u < flows.size() && place >= flows[flow].weight) place -= flows[flow++].weight;
        return flow;
    }

  private:
    struct Held {
        plan::HeldUsers held;
        std::uint64_t share = 0;
    };

    [[nodiscard]] std::uint64_t share_of(std::uint64_t users) const {
        return users / input_.workers + (input_.worker < users % input_.workers ? 1 : 0);
    }
    void note_next() {
        numbered_ns_ = next_ < input_.plan.users() ? start_ns_ + input_.plan.due_ns(next_) : kNever;
    }
    [[nodiscard]] TimeNs held_due_ns() const {
        if (held_left_.empty()) return kNever;
        const TimeNs begin_ns = start_ns_ + held_left_.front().held.begin_ns;
        if (held_taken() < held_left_.front().share) return std::max(begin_ns, held_free_ns_);
        return held_pauses_.empty() ? kNever : std::max(begin_ns, held_pauses_.top());
    }
    // Places with a user, or with a pause before the next one.
    [[nodiscard]] std::uint64_t held_taken() const { return held_active_ + held_pauses_.size(); }

    Input input_;
    std::uint64_t next_;
    std::uint64_t weights_ = 0;
    TimeNs start_ns_ = 0;
    TimeNs numbered_ns_ = kNever;
    std::vector<Held> held_left_;
    std::uint64_t held_next_;
    std::uint64_t held_active_ = 0;
    TimeNs held_free_ns_ = 0;
    std::uint64_t held_failed_ = 0;                                                 // one after the other
    std::priority_queue<TimeNs, std::vector<TimeNs>, std::greater<>> held_pauses_;  // their ends
};

}  // namespace wsblast::session
