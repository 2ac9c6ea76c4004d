// What virtual users do: the interpreter of a scenario's actions. Each user executes one after the other,
// until one has to wait for a time, a message, or JavaScript.
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
#include "session/user_loops.hpp"
#include "session/user_parts.hpp"
#include "session/user_queues.hpp"
#include "session/user_scripts.hpp"
#include "session/user_streams.hpp"

namespace wsblast::session {

template <class Transport>
class UserActions : private UserScripts {
  public:
    UserActions(ClientParts<Transport>& parts, const UsersInput& input, TimeNs now_ns)
        : UserScripts(input.shard, input.log),
          now_ns_(now_ns),
          users_(input, make(input.scenario, input.users_max), now_ns),
          links_(parts, users_),
          loops_(users_),
          counts_(input.shard, parts.shard),
          streams_(users_, links_, counts_),
          queues_(input.scenario.queue),
          arrivals_({input.scenario, input.arrivals, input.all, input.worker, input.workers}) {}

    // What the processor lacks.
    [[nodiscard]] Result<void> ready() const { return made(); }
    [[nodiscard]] std::uint32_t awaiting() const { return awaiting_; }

    // Whatever follows happens then.
    void set_now(TimeNs now_ns) { now_ns_ = now_ns; }
    [[nodiscard]] TimeNs now_ns() const override { return now_ns_; }

    // Executes actions until one has to wait, or others have their turn.
    void take_turn(UserRef user) {
        if (user.state.end != UserEnd::none) return end(user, user.state.end);
        for (std::uint32_t i = 0; i < limits::kActionsPerTurn; ++i) {
            if (user.state.phase != UserPhase::ready) return;
            execute(user, users_.action_of(user.state));
        }
        if (user.state.phase == UserPhase::ready) users_.table.list(user.id);
    }

    // From its first action on.
    void begin_flow(UserRef user, TimeNs due_ns) {
        user.state.phase = UserPhase::ready;
        user.state.action = users_.scenario.flows[user.state.flow].first;
        user.state.began_ns = due_ns;
        user.state.due_ns = due_ns;
        users_.table.list(user.id);
    }

    // What it waited for has happened.
    void goes_on(UserRef user, TimeNs now_ns) {
        user.state.phase = UserPhase::ready;
        user.state.due_ns = now_ns;
        next(user.state);
        users_.table.list(user.id);
    }

    void on_timer(UserRef user) {
        switch (user.state.phase) {
            case UserPhase::streaming: return stream_on(user);
            case UserPhase::thinking: return goes_on(user, user.state.deadline_ns);
            case UserPhase::awaiting:
                if (follows_send(user.state)) counts_.timed_out();
                return fail(user, user_error::kTimeout);
            case UserPhase::returning: user.state.passes = {}; return begin_flow(user, now_ns_);
            case UserPhase::idle:
            case UserPhase::ready:
            case UserPhase::connecting:
            case UserPhase::blocked:
            case UserPhase::calling: return;
        }
    }

    // A data message of its open connection.
    void read(UserRef user, ByteView message) {
        users_.extracts.begin(message);
        if (user.state.phase == UserPhase::awaiting) {
            read_awaited(user, message);
        } else if (user.state.phase == UserPhase::streaming && streams_.answers(user, now_ns_)) {
            stream_on(user);
        } else {
            react(user, message);
        }
        if (user.state.scripted == Scripted::yes && users_.machine->listens(user.id))
            users_.machine->message(user.id, as_text(message));
    }

    // Of a stream: looks what is due.
    void stream_on(UserRef user) {
        using Came = typename UserStreams<Transport>::Came;
        switch (streams_.go_on(user, now_ns_)) {
            case Came::on: return users_.table.arm(user.id, streams_.next_ns(user.state));
            case Came::over: return goes_on(user, std::max(now_ns_, user.state.stream_due_ns));
            case Came::not_open: return lose(user, user_error::kNotOpen);
            case Came::too_long: return fail(user, user_error::kTooLong);
        }
    }

    void fail(UserRef user, std::string_view error) {
        counts_.error(error, now_ns_);
        end(user, UserEnd::failed);
    }
    // Its connection failed, or was lost: where users come back it begins anew.
    void lose(UserRef user, std::string_view error) {
        if (user.state.link == Link::open) links_.abandon(user.state);
        user.state.link = Link::none;
        if (user.state.phase == UserPhase::awaiting && follows_send(user.state)) counts_.lost();
        if (!users_.scenario.reconnect) return fail(user, error);
        counts_.error(error, now_ns_);
        await_over(user.state);
        const std::uint64_t random = draw(users_.scenario.seed, Stream::reconnect,
                                          std::uint64_t{user.state.number} << 8 | user.state.attempts);
        const TimeNs wait_ns = users_.scenario.reconnect->wait_ns(user.state.attempts, random);
        if (user.state.attempts < 0xff) ++user.state.attempts;
        user.state.phase = UserPhase::returning;
        users_.table.arm(user.id, now_ns_ + std::max<TimeNs>(wait_ns, 1));
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
            case UserPhase::calling:
            case UserPhase::returning: return;
        }
    }

    void end(UserRef user, UserEnd how) {
        UserState& state = user.state;
        await_over(state);
        links_.leave(state, close_ == nullptr ? plan::ClosePlan{} : *close_, now_ns_);
        if (state.phase == UserPhase::connecting) links_.abandon(state);
        if (users_.kept != nullptr && how == UserEnd::completed) keep(user);
        users_.variables.drop(user);
        queues_.drop(user.id);
        links_.addresses().drop(user.id);
        counts_.ended(state, how, now_ns_);
        close_ = nullptr;
        if (arrivals_.is_held(state.number)) arrivals_.held_ended(now_ns_);
        users_.table.give(user.id);
    }

  private:
    void keep(UserRef user) {
        users_.kept->clear();
        for (plan::SlotId slot = 0; slot < users_.scenario.slots.size(); ++slot)
            users_.kept->emplace_back(users_.variables.get(user, slot));
    }

    // --- actions ---------------------------------------------------------------------------------

    void execute(UserRef user, const plan::Action& action) {
        const plan::Scenario& scenario = users_.scenario;
        switch (action.kind) {
            case plan::ActionKind::connect: return connect(user, action.index);
            case plan::ActionKind::send: return send(user, scenario.sends[action.index]);
            case plan::ActionKind::await: return await(user, scenario.awaits[action.index]);
            case plan::ActionKind::think:
                return wait(user, loops_.think_ns(user, scenario.thinks[action.index]));
            case plan::ActionKind::hold: return wait(user, scenario.holds[action.index]);
            case plan::ActionKind::loop: return loops_.enter(user, scenario.loops[action.index]);
            case plan::ActionKind::repeat: return repeat(user, action.index);
            case plan::ActionKind::call: return call(user, function_of_call(action.index));
            case plan::ActionKind::log:
                users_.log.write(users_.texts.write(user, scenario.logs[action.index]));
                return next(user.state);
            case plan::ActionKind::stream: return stream(user);
            case plan::ActionKind::close:
                links_.leave(user.state, scenario.closes[action.index], now_ns_);
                return next(user.state);
            case plan::ActionKind::end: return end(user, UserEnd::completed);
        }
    }
    static void next(UserState& state) { ++state.action; }
    // In a hold without an end.
    [[nodiscard]] bool stays(const UserState& state) const {
        const plan::Action& action = users_.action_of(state);
        return action.kind == plan::ActionKind::hold && users_.scenario.holds[action.index] == kNever;
    }
    void connect(UserRef user, plan::TableIndex index) {
        const plan::ConnectPlan& plan = users_.scenario.connects[index];
        if (plan.function.empty()) return open(user, plan);
        introduce(user);
        user.state.phase = UserPhase::calling;
        const std::string params = links_.addresses().params(user, plan);
        switch (users_.machine->call_connect(user.id, function_of_connect(index), params)) {
            case js::CallState::waiting: return;
            case js::CallState::failed: return fail(user, users_.machine->error());
            case js::CallState::stopped: return fail(user, user_error::kStopped);
            case js::CallState::done: break;
        }
        open_there(user, plan);
    }
    void open_there(UserRef user, const plan::ConnectPlan& plan) {
        user.state.phase = UserPhase::ready;
        if (!links_.addresses().take(user, plan, users_.machine->connect_params()))
            return fail_later(user, user_error::kOtherHost);
        open(user, plan);
    }
    void open(UserRef user, const plan::ConnectPlan& plan) {
        links_.leave(user.state, {}, now_ns_);
        user.state.phase = UserPhase::connecting;
        if (!links_.connect(user, plan, now_ns_)) {
            user.state.phase = UserPhase::ready;
            fail(user, user_error::kNoCapacity);
        }
    }

    void send(UserRef user, const plan::SendPlan& plan) {
        if (!links_.usable(user.state)) return lose(user, user_error::kNotOpen);
        switch (links_.send(user, plan)) {
            case UserLinks<Transport>::Sent::no_room: user.state.phase = UserPhase::blocked; return;
            case UserLinks<Transport>::Sent::too_long: return fail(user, user_error::kTooLong);
            case UserLinks<Transport>::Sent::yes: break;
        }
        user.state.sent_ns = now_ns_;
        counts_.sent(user.state.due_ns, now_ns_);
        next(user.state);
    }

    void wait(UserRef user, TimeNs duration_ns) {
        user.state.phase = UserPhase::thinking;
        if (duration_ns == kNever) return;
        user.state.deadline_ns = user.state.due_ns + duration_ns;
        users_.table.arm(user.id, user.state.deadline_ns);
    }

    void stream(UserRef user) {
        streams_.begin(user.state);
        stream_on(user);
    }
    // --- messages --------------------------------------------------------------------------------

    void await(UserRef user, const plan::AwaitPlan& plan) {
        if (!links_.usable(user.state)) return lose(user, user_error::kNotOpen);
        user.state.phase = UserPhase::awaiting;
        ++awaiting_;
        user.state.deadline_ns = now_ns_ + plan.timeout_ns;
        users_.table.arm(user.id, user.state.deadline_ns);
        while (user.state.phase == UserPhase::awaiting) {
            const auto kept = queues_.take(user.id);
            if (!kept) return;
            users_.extracts.begin(as_bytes(*kept));
            read_awaited(user, as_bytes(*kept));
        }
    }
    void await_over(UserState& state) {
        if (state.phase == UserPhase::awaiting) --awaiting_;
        if (state.phase == UserPhase::streaming) streams_.give_up(state);
    }

    void read_awaited(UserRef user, ByteView message) {
        const plan::AwaitPlan& plan = users_.scenario.awaits[users_.action_of(user.state).index];
        if (!plan.expect.empty() && !users_.extracts.all_match(user, plan.expect))
            return react(user, message);
        counts_.received(now_ns_);
        if (follows_send(user.state))
            counts_.answered({user.state.due_ns, user.state.sent_ns}, plan.label, now_ns_);
        if (message.empty()) return fail(user, user_error::kEmptyMessage);
        if (!users_.extracts.all_match(user, plan.matches) ||
            !users_.extracts.capture_all(user, plan.captures))
            return fail(user, user_error::kNoMatch);
        await_over(user.state);
        users_.table.arm(user.id, kNever);
        goes_on(user, now_ns_);
    }
    // A wait of its own has no beginning.
    [[nodiscard]] bool follows_send(const UserState& state) const {
        return users_.scenario.actions[state.action - 1].kind == plan::ActionKind::send;
    }

    // The first handler that matches a message that nobody awaits.
    void react(UserRef user, ByteView message) {
        for (const plan::Handler& handler : users_.scenario.flows[user.state.flow].handlers) {
            if (users_.extracts.all_match(user, handler.matches)) return react(user, handler);
        }
        if (user.state.phase != UserPhase::awaiting) queues_.keep(user.id, message);
    }
    void react(UserRef user, const plan::Handler& handler) {
        switch (handler.reaction) {
            case plan::Reaction::count:
                return users_.shard.named.count(stats::MetricKind::counter, handler.counter);
            case plan::Reaction::capture:
                if (!users_.extracts.capture_all(user, handler.captures)) fail(user, user_error::kNoMatch);
                return;
            case plan::Reaction::reply:
                if (links_.usable(user.state)) (void)links_.send(user, users_.scenario.sends[handler.send]);
                return;
            case plan::Reaction::close:
                close_ = &users_.scenario.closes[handler.close];
                return end(user, UserEnd::completed);
        }
    }

    // --- JavaScript ------------------------------------------------------------------------------

    void call(UserRef user, js::FunctionId function) {
        user.state.phase = UserPhase::calling;
        introduce(user);
        switch (users_.machine->call(user.id, function)) {
            case js::CallState::waiting: return;
            case js::CallState::failed: return fail(user, users_.machine->error());
            case js::CallState::stopped: return fail(user, user_error::kStopped);
            case js::CallState::done: break;
        }
        user.state.phase = UserPhase::ready;
        next(user.state);
    }
    void repeat(UserRef user, plan::TableIndex index) {
        const plan::LoopPlan& loop = users_.scenario.loops[index];
        if (loop.kind != plan::LoopKind::while_true) return loops_.repeat(user, loop);
        user.state.phase = UserPhase::calling;
        introduce(user);
        switch (users_.machine->call_test(user.id, function_of_loop(index))) {
            case js::CallState::waiting: return;
            case js::CallState::failed: return fail(user, users_.machine->error());
            case js::CallState::stopped: return fail(user, user_error::kStopped);
            case js::CallState::done: break;
        }
        user.state.phase = UserPhase::ready;
        loops_.repeat_while(user, loop, users_.machine->truth() ? Again::yes : Again::no);
    }
    void introduce(UserRef user) {
        if (user.state.scripted == Scripted::no) users_.variables.introduce(user);
    }

    bool is_open(js::UserId id) const override { return links_.usable(users_.table[id]); }
    bool send(js::UserId id, std::string_view text) override {
        const UserState& state = users_.table[id];
        if (!links_.usable(state)) return false;
        return links_.send_scripted(state, text) == UserLinks<Transport>::Sent::yes;
    }
    // The machine is at work with the user: it ends in its own turn.
    void fail_later(UserRef user, std::string_view error) {
        counts_.error(error, now_ns_);
        user.state.phase = UserPhase::ready;
        user.state.end = UserEnd::failed;
        users_.table.list(user.id);
    }
    void on_done(js::UserId id, js::CallState outcome, bool truth) override {  // tidy: of js::Host
        const UserRef user{id, users_.table[id]};
        if (user.state.phase != UserPhase::calling) return;
        if (outcome == js::CallState::failed) return fail_later(user, users_.machine->error());
        if (outcome == js::CallState::stopped) return fail_later(user, user_error::kStopped);
        const plan::Action& action = users_.action_of(user.state);
        if (action.kind == plan::ActionKind::connect)
            return open_there(user, users_.scenario.connects[action.index]);
        if (action.kind != plan::ActionKind::repeat) return goes_on(user, now_ns_);
        user.state.phase = UserPhase::ready;
        loops_.repeat_while(user, users_.scenario.loops[action.index], truth ? Again::yes : Again::no);
        users_.table.list(id);
    }

    TimeNs now_ns_;

  protected:
    UserParts users_;
    UserLinks<Transport> links_;
    UserLoops loops_;
    UserCounts counts_;
    UserStreams<Transport> streams_;
    UserQueues queues_;
    UserArrivals arrivals_;

  private:
    const plan::ClosePlan* close_ = nullptr;  // of a handler that closes; null: the normal one
    std::uint32_t awaiting_ = 0;
};

}  // namespace wsblast::session
