// Messages that a virtual user sends on a schedule of its own, which no answer holds up (open loop): each
// is due at its time, and its latency runs from there.
//
// One worker thread.
#pragma once

#include <cmath>
#include <cstdint>

#include "base/limits.hpp"
#include "base/prng.hpp"
#include "base/units.hpp"
#include "plan/scenario.hpp"
#include "session/user_counts.hpp"
#include "session/user_links.hpp"
#include "session/user_parts.hpp"

namespace wsblast::session {

template <class Transport>
class UserStreams {
  public:
    using Links = UserLinks<Transport>;

    UserStreams(UserParts& users, Links& links, UserCounts& counts)
        : users_(users), links_(links), counts_(counts) {}

    void begin(UserState& state) {
        state.phase = UserPhase::streaming;
        state.stream_due_ns = state.due_ns;
        state.stream_oldest_ns = state.due_ns;
        state.stream_sent = 0;
        state.stream_answered = 0;
    }

    // What a look at a user's stream has come to.
    enum class Came : std::uint8_t {
        on,        // it goes on: see next_ns()
        blocked,   // it goes on when there is room, if that is before patience_ns()
        stuck,     // there was no room for too long
        over,      // all is sent, and answered or lost
        not_open,  // its connection is not open
        too_long,  // a text is longer than a message may be
    };
    // Sends what is due, and gives up what was not answered in time.
    [[nodiscard]] Came go_on(UserRef user, TimeNs now_ns) {
        const plan::StreamPlan& plan = plan_of(user.state);
        if (!links_.usable(user.state)) return Came::not_open;
        expire(user.state, plan, now_ns);
        while (user.state.stream_due_ns <= now_ns && !all_sent(user.state, plan)) {
            switch (links_.send(user, users_.scenario.sends[plan.send])) {
                case Links::Sent::no_room:
                    return now_ns < patience_ns(user.state) ? Came::blocked : Came::stuck;
                case Links::Sent::too_long: return Came::too_long;
                case Links::Sent::yes: break;
            }
            counts_.sent(user.state.stream_due_ns, now_ns);
            user.state.sent_ns = now_ns;
            user.state.stream_due_ns =
                after(user.state.stream_due_ns, user.state, ++user.state.stream_sent);
        }
        const bool over = all_sent(user.state, plan) && open(user.state, plan) == 0;
        return over ? Came::over : Came::on;
    }
    // How long what is due now may wait for room.
    [[nodiscard]] static TimeNs patience_ns(const UserState& state) {
        return state.stream_due_ns + limits::kBlockedTimeoutNs;
    }
    // When to look again.
    [[nodiscard]] TimeNs next_ns(const UserState& state) const {
        const plan::StreamPlan& plan = plan_of(state);
        const TimeNs lost_ns = open(state, plan) == 0 ? kNever : state.stream_oldest_ns + plan.timeout_ns;
        return all_sent(state, plan) ? lost_ns : std::min(state.stream_due_ns, lost_ns);
    }

    // Whether the message that extracts were begun with is an answer; it then answers the oldest.
    [[nodiscard]] bool answers(UserRef user, TimeNs now_ns) {
        const plan::StreamPlan& plan = plan_of(user.state);
        if (open(user.state, plan) == 0 || !users_.extracts.all_match(user, plan.expect)) return false;
        counts_.received(now_ns);
        counts_.answered({user.state.stream_oldest_ns, user.state.stream_oldest_ns}, plan.label, now_ns);
        end_oldest(user.state);
        return true;
    }
    // The user ends: nobody awaits what is open.
    void give_up(UserState& state) {
        for (std::uint32_t left = open(state, plan_of(state)); left > 0; --left) counts_.lost();
    }

  private:
    [[nodiscard]] const plan::StreamPlan& plan_of(const UserState& state) const {
        return users_.scenario.streams[users_.action_of(state).index];
    }
    [[nodiscard]] static bool all_sent(const UserState& state, const plan::StreamPlan& plan) {
        return state.stream_due_ns >= state.due_ns + plan.duration_ns;
    }
    [[nodiscard]] static std::uint32_t open(const UserState& state, const plan::StreamPlan& plan) {
        return plan.expect.empty() ? 0 : state.stream_sent - state.stream_answered;
    }
    void expire(UserState& state, const plan::StreamPlan& plan, TimeNs now_ns) {
        while (open(state, plan) > 0 && state.stream_oldest_ns + plan.timeout_ns <= now_ns) {
            counts_.timed_out();
            counts_.error(user_error::kTimeout, now_ns);
            end_oldest(state);
        }
    }
    void end_oldest(UserState& state) const {
        state.stream_oldest_ns = after(state.stream_oldest_ns, state, ++state.stream_answered);
    }

    // When message `number` (1 ..) is due, the one before it being due at `before_ns`.
    [[nodiscard]] TimeNs after(TimeNs before_ns, const UserState& state, std::uint32_t number) const {
        const plan::StreamPlan& plan = plan_of(state);
        // From the beginning: what is rounded does not add up.
        if (plan.arrivals == plan::Arrivals::uniform)
            return state.due_ns + static_cast<TimeNs>(std::llround(number * 1e9 / plan.rate_per_s));
        const std::uint64_t place = mix(std::uint64_t{state.number} << 32 | state.action) + number - 1;
        const std::uint64_t random = draw(users_.scenario.seed, Stream::arrival, place);
        const double fraction = static_cast<double>((random >> 11) + 1) * 0x1p-53;
        return before_ns + static_cast<TimeNs>(std::llround(-std::log(fraction) * 1e9 / plan.rate_per_s));
    }

    UserParts& users_;
    Links& links_;
    UserCounts& counts_;
};

}  // namespace wsblast::session
