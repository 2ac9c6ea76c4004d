// How virtual users begin, go on, fail and end, whatever they do in between (user_actions.hpp).
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/limits.hpp"
#include "base/prng.hpp"
#include "session/client_parts.hpp"
#include "session/user_arrivals.hpp"
#include "session/user_counts.hpp"
#include "session/user_errors.hpp"
#include "session/user_links.hpp"
#include "session/user_parts.hpp"
#include "session/user_queues.hpp"
#include "session/user_scripts.hpp"
#include "session/user_streams.hpp"

namespace wsblast::session {

template <class Transport>
class UserLives : private UserScripts {
  public:
    UserLives(ClientParts<Transport>& parts, const UsersInput& input, TimeNs now_ns)
        : UserScripts(input.shard, input.log),
          now_ns_(now_ns),
          users_(parts.program.scenario, input, make(parts.program.scenario), now_ns),
          links_(parts, users_),
          counts_(input.shard, parts.shard),
          streams_(users_, links_, counts_),
          queues_(users_.scenario.queue),
          arrivals_({users_.scenario, input.arrivals, input.all, input.worker, input.workers}) {}

    // What the processor lacks.
    [[nodiscard]] Result<void> ready() const { return made(); }
    [[nodiscard]] std::uint32_t awaiting() const { return awaiting_; }

    // Whatever follows happens then.
    void set_now(TimeNs now_ns) { now_ns_ = now_ns; }
    [[nodiscard]] TimeNs now_ns() const override { return now_ns_; }

    // From its first action on.
    void begin_flow(UserRef user, TimeNs due_ns) {
        user.state.phase = UserPhase::ready;
        user.state.action = users_.scenario.flows[user.state.flow].first;
        user.state.due_ns = due_ns;
        users_.table.list(user.id);
    }

    // What it waited for has happened.
    void goes_on(UserRef user, TimeNs now_ns) {
        user.state.phase = UserPhase::ready;
        user.state.due_ns = now_ns;
        ++user.state.action;
        users_.table.list(user.id);
    }

    void fail(UserRef user, std::string_view error) {
        counts_.error(error, now_ns_);
        end(user, UserEnd::failed);
    }
    // The machine is at work with the user: it ends in its own turn.
    void fail_later(UserRef user, std::string_view error) {
        counts_.error(error, now_ns_);
        user.state.end = UserEnd::failed;
        users_.table.list(user.id);
    }
    // Its connection failed, or was lost: where users come back it begins anew.
    void lose(UserRef user, std::string_view error) {
        if (user.state.link == Link::open) links_.abandon(user);
        user.state.link = Link::none;
        if (user.state.phase == UserPhase::awaiting && follows_send(user.state)) counts_.lost();
        if (!users_.scenario.reconnect) return fail(user, error);
        counts_.error(error, now_ns_);
        await_over(user.state);
        forget(user);
        ++user.state.lives;
        const std::uint64_t random = draw(users_.scenario.seed, Stream::reconnect,
                                          std::uint64_t{user.state.number} << 8 | user.state.attempts);
        const TimeNs wait_ns = users_.scenario.reconnect->wait_ns(user.state.attempts, random);
        if (user.state.attempts < 0xff) ++user.state.attempts;
        user.state.phase = UserPhase::returning;
        users_.table.arm(user.id, now_ns_ + std::max<TimeNs>(wait_ns, 1));
    }
    // Its connection is open, and of no use.
    void give_up(UserRef user, std::string_view error) {
        links_.leave(user, {}, now_ns_);
        lose(user, error);
    }
    // Who needs no connection now goes on; who stayed until it would end, as well.
    void closed_by_server(UserRef user) {
        if (users_.scenario.reconnect) return lose(user, user_error::kClosed);
        switch (user.state.phase) {
            case UserPhase::awaiting:
            case UserPhase::blocked:
            case UserPhase::streaming: return lose(user, user_error::kClosed);
            case UserPhase::thinking: return stays(user.state) ? goes_on(user, now_ns_) : void();
            case UserPhase::idle:
            case UserPhase::ready:
            case UserPhase::connecting:
            case UserPhase::attached:
            case UserPhase::calling:
            case UserPhase::returning: return;
        }
    }

    void end(UserRef user, UserEnd how) {
        UserState& state = user.state;
        await_over(state);
        links_.leave(user, close_ == nullptr ? plan::ClosePlan{} : *close_, now_ns_);
        if (state.phase == UserPhase::connecting) links_.abandon(user);
        if (users_.kept != nullptr && how == UserEnd::completed) keep(user);
        forget(user);
        counts_.ended(state, how, now_ns_);
        close_ = nullptr;
        if (arrivals_.is_held(state.number)) arrivals_.held_ended(how, now_ns_);
        users_.table.give(user.id);
    }

  protected:
    // A wait of its own has no beginning.
    [[nodiscard]] bool follows_send(const UserState& state) const {
        return users_.scenario.actions[state.action - 1].kind == plan::ActionKind::send;
    }
    void await_over(UserState& state) {
        if (state.phase == UserPhase::awaiting) --awaiting_;
        if (state.phase == UserPhase::streaming) streams_.give_up(state);
    }

    // The part of the host that needs a connection.
    [[nodiscard]] bool is_open(js::UserId id) const override { return links_.usable(users_.table[id]); }
    [[nodiscard]] js::SendOutcome send(js::UserId id, std::string_view text) override {
        return links_.send_scripted({id, users_.table[id]}, text);
    }
    void on_fault(js::UserId id, std::string_view error) override {  // tidy: of js::Host
        if (users_.table[id].phase == UserPhase::idle) return counts_.error(error, now_ns_);
        fail_later({id, users_.table[id]}, error);
    }

    TimeNs now_ns_;
    UserParts users_;
    UserLinks<Transport> links_;
    UserCounts counts_;
    UserStreams<Transport> streams_;
    UserQueues queues_;
    UserArrivals arrivals_;
    const plan::ClosePlan* close_ = nullptr;  // of a handler that closes; null: the normal one
    std::uint32_t awaiting_ = 0;

    using UserScripts::function_of_call;
    using UserScripts::function_of_connect;
    using UserScripts::function_of_loop;

  private:
    // What it has of its own: variables, its JavaScript's handlers and timers, messages that wait.
    void forget(UserRef user) {
        users_.variables.drop(user);
        user.state.scripted = Scripted::no;
        queues_.drop(user.id);
        links_.drop(user.id);
    }
    void keep(UserRef user) {
        users_.kept->slots.clear();
        for (plan::SlotId slot = 0; slot < users_.scenario.slots.size(); ++slot)
            users_.kept->slots.emplace_back(users_.variables.get(user, slot));
        if (user.state.scripted == Scripted::yes)
            users_.kept->script_json = users_.machine->vars_json(user.id);
    }
    // In a hold without an end.
    [[nodiscard]] bool stays(const UserState& state) const {
        const plan::Action& action = users_.action_of(state);
        return action.kind == plan::ActionKind::hold && users_.scenario.holds[action.index] == kNever;
    }
};

}  // namespace wsblast::session
