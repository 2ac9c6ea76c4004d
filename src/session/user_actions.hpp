// What users do: the interpreter of actions. Each user executes one after the other, until one has to wait
// for a time, a message, JavaScript, or, with the messages of a run, for its connection.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/limits.hpp"
#include "session/run_actions.hpp"
#include "session/user_errors.hpp"
#include "session/user_lives.hpp"
#include "session/user_loops.hpp"

namespace wsblast::session {

template <class Transport>
class UserActions : public UserLives<Transport> {
    using Lives = UserLives<Transport>;

  protected:
    using Lives::await_over;
    using Lives::awaiting_;
    using Lives::close_;
    using Lives::counts_;
    using Lives::follows_send;
    using Lives::links_;
    using Lives::now_ns_;
    using Lives::queues_;
    using Lives::streams_;
    using Lives::users_;

  public:
    UserActions(ClientParts<Transport>& parts, RunActions<Transport>& run, const UsersInput& input,
                TimeNs now_ns)
        : Lives(parts, input, now_ns), parts_(parts), run_(run), loops_(users_) {}

    using Lives::begin_flow;
    using Lives::end;
    using Lives::fail;
    using Lives::fail_later;
    using Lives::give_up;
    using Lives::goes_on;
    using Lives::lose;

    // Executes actions until one has to wait, or others have their turn.
    void take_turn(UserRef user) {
        if (is_over(user)) return;
        if (user.state.end != UserEnd::none) return end(user, user.state.end);
        for (std::uint32_t i = 0; i < limits::kActionsPerTurn; ++i) {
            if (user.state.phase != UserPhase::ready || user.state.end != UserEnd::none) return;
            execute(user, users_.action_of(user.state));
        }
        if (user.state.phase == UserPhase::ready) users_.table.list(user.id);
        if (user.state.phase == UserPhase::attached) parts_.table.list(user.state.cid);
    }

    // --- users that live as long as their connections --------------------------------------------

    // The connection is open, or said that the action which waited for it is done. What its user is at the
    // connection knows; a state of its own it has only while it waits for a time.
    void goes_on_attached(ConnectionId cid) {
        const ClientState& client = parts_.table[cid];
        UserState state{};
        state.phase = UserPhase::ready;
        state.link = Link::open;
        state.number = client.index;
        state.cid = cid;
        state.due_ns = now_ns_;
        state.flow = parts_.program.flow_of(client.index);
        state.action = parts_.program.action_of(state.flow, client.doing);
        do {
            ++state.action;
            execute({cid, state}, users_.action_of(state));
        } while (state.phase == UserPhase::ready);
        if (state.phase != UserPhase::attached) users_.table.begin(cid) = state;
    }

    // Whatever happened to an open connection: goes on as far as it can.
    void look(ConnectionId cid, ClientState& client) {
        using Came = typename RunActions<Transport>::Came;
        while (client.phase == Phase::open) {
            switch (run_.look(cid, client, now_ns_)) {
                case Came::waits: return;
                case Came::done: break;
                case Came::to_rest: client.doing = plan::ActionKind::next_round; return;
                case Came::to_settle: client.doing = plan::ActionKind::settle; break;
            }
            goes_on_attached(cid);
        }
    }

    void on_timer(UserRef user) {
        if (is_over(user)) return;
        switch (user.state.phase) {
            case UserPhase::streaming: return stream_on(user);
            case UserPhase::thinking: return goes_on(user, user.state.deadline_ns);
            case UserPhase::awaiting:
                if (follows_send(user.state)) counts_.timed_out();
                return fail(user, user_error::kTimeout);
            case UserPhase::returning: user.state.passes = {}; return begin_flow(user, now_ns_);
            case UserPhase::calling: return fail(user, user_error::kNeverDone);
            case UserPhase::blocked: return give_up(user, user_error::kNoRoom);
            case UserPhase::idle:
            case UserPhase::ready:
            case UserPhase::connecting:
            case UserPhase::attached: return;
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
            case Came::blocked: return users_.table.arm(user.id, streams_.patience_ns(user.state));
            case Came::stuck: return give_up(user, user_error::kNoRoom);
            case Came::over: return goes_on(user, std::max(now_ns_, user.state.stream_due_ns));
            case Came::not_open: return lose(user, user_error::kNotOpen);
            case Came::too_long: return fail(user, user_error::kTooLong);
        }
    }

  private:
    // Its connection closes: it does nothing more, and ends with it.
    [[nodiscard]] bool is_over(UserRef user) const {
        return parts_.program.lead == plan::Lead::connections &&
               parts_.table[user.state.cid].phase != Phase::open;
    }

    // --- actions ---------------------------------------------------------------------------------

    void execute(UserRef user, const plan::Action& action) {
        const plan::Scenario& scenario = users_.scenario;
        // Of a user that leads its connection nobody asks what it does.
        if (parts_.program.lead == plan::Lead::connections)
            parts_.table[user.state.cid].doing = action.kind;
        switch (action.kind) {
            case plan::ActionKind::connect: return connect(user, action.index);
            case plan::ActionKind::send: return send(user, scenario.sends[action.index]);
            case plan::ActionKind::await: return await(user, scenario.awaits[action.index]);
            case plan::ActionKind::think:
                return wait(user, loops_.think_ns(user, scenario.thinks[action.index]));
            case plan::ActionKind::hold: return wait(user, scenario.holds[action.index]);
            case plan::ActionKind::loop: return loops_.enter(user, scenario.loops[action.index]);
            case plan::ActionKind::repeat: return repeat(user, action.index);
            case plan::ActionKind::call: return call(user, Lives::function_of_call(action.index));
            case plan::ActionKind::log:
                users_.log.write(users_.texts.write(user, scenario.logs[action.index]));
                return next(user.state);
            case plan::ActionKind::stream: return stream(user);
            case plan::ActionKind::close:
                if (links_.backlogged(user)) return block(user);
                links_.leave(user, scenario.closes[action.index], now_ns_);
                return next(user.state);
            case plan::ActionKind::end:
                if (parts_.program.lead == plan::Lead::connections) return attach(user);
                return links_.backlogged(user) ? block(user) : end(user, UserEnd::completed);
            case plan::ActionKind::send_setup:
            case plan::ActionKind::await_setup:
            case plan::ActionKind::gate_opened:
            case plan::ActionKind::next_round:
            case plan::ActionKind::messages:
            case plan::ActionKind::settle:
            case plan::ActionKind::listen:
            case plan::ActionKind::gate_settled: return attach(user);
        }
    }
    void attach(UserRef user) {
        user.state.phase = UserPhase::attached;
        run_.begin(user.state.cid, parts_.table[user.state.cid], now_ns_);
    }
    static void next(UserState& state) { ++state.action; }
    // Until there is room: see Users::on_room().
    void block(UserRef user) {
        user.state.phase = UserPhase::blocked;
        users_.table.arm(user.id, now_ns_ + limits::kBlockedTimeoutNs);
    }
    void connect(UserRef user, plan::TableIndex index) {
        const plan::ConnectPlan& plan = users_.scenario.connects[index];
        if (plan.function.empty()) return open(user, plan);
        introduce(user);
        user.state.phase = UserPhase::calling;
        const std::string params = links_.addresses().params(user, plan);
        const js::FunctionId function = Lives::function_of_connect(index);
        if (is_done(user, users_.machine->call_connect(user.id, function, params))) open_there(user, plan);
    }
    void open_there(UserRef user, const plan::ConnectPlan& plan) {
        user.state.phase = UserPhase::ready;
        switch (links_.addresses().take(user, plan, users_.machine->connect_params())) {
            case UserAddresses::Taken::yes: return open(user, plan);
            case UserAddresses::Taken::other_host: return fail_later(user, user_error::kOtherHost);
            case UserAddresses::Taken::bad_header: return fail_later(user, user_error::kBadHeader);
        }
    }
    void open(UserRef user, const plan::ConnectPlan& plan) {
        links_.leave(user, {}, now_ns_);
        user.state.phase = UserPhase::connecting;
        if (!links_.connect(user, plan, now_ns_)) {
            user.state.phase = UserPhase::ready;
            fail(user, user_error::kNoCapacity);
        }
    }

    void send(UserRef user, const plan::SendPlan& plan) {
        if (!links_.usable(user.state)) return lose(user, user_error::kNotOpen);
        switch (links_.send(user, plan)) {
            case UserLinks<Transport>::Sent::no_room: return block(user);
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
        const auto kept = queues_.take(user.id, [&](ByteView message) {
            users_.extracts.begin(message);
            return users_.extracts.all_match(user, plan.expect);
        });
        if (!kept && !links_.usable(user.state)) return lose(user, user_error::kNotOpen);
        user.state.phase = UserPhase::awaiting;
        ++awaiting_;
        user.state.deadline_ns = now_ns_ + plan.timeout_ns;
        users_.table.arm(user.id, user.state.deadline_ns);
        if (!kept) return;
        users_.extracts.begin(as_bytes(*kept));
        read_awaited(user, as_bytes(*kept));
    }

    void read_awaited(UserRef user, ByteView message) {
        const plan::AwaitPlan& plan = users_.scenario.awaits[users_.action_of(user.state).index];
        if (!plan.expect.empty() && !users_.extracts.all_match(user, plan.expect))
            return react(user, message);
        counts_.received(now_ns_);
        const bool fits = !message.empty() && users_.extracts.all_match(user, plan.matches) &&
                          users_.extracts.capture_all(user, plan.captures);
        if (follows_send(user.state))
            fits ? counts_.answered({user.state.due_ns, user.state.sent_ns}, plan.label, now_ns_)
                 : counts_.wrong_answer();
        if (!fits) return fail(user, message.empty() ? user_error::kEmptyMessage : user_error::kNoMatch);
        await_over(user.state);
        users_.table.arm(user.id, kNever);
        goes_on(user, now_ns_);
    }

    // The first handler that matches a message that nobody awaits.
    void react(UserRef user, ByteView message) {
        for (const plan::Handler& handler : users_.scenario.flows[user.state.flow].handlers) {
            if (users_.extracts.all_match(user, handler.matches)) return react(user, handler);
        }
        queues_.keep(user.id, message);
    }
    void react(UserRef user, const plan::Handler& handler) {
        switch (handler.reaction) {
            case plan::Reaction::count:
                return users_.shard.named.count(stats::MetricKind::counter, handler.counter);
            case plan::Reaction::capture:
                if (!users_.extracts.capture_all(user, handler.captures)) fail(user, user_error::kNoMatch);
                return;
            case plan::Reaction::reply: return reply(user, users_.scenario.sends[handler.send]);
            case plan::Reaction::close:
                close_ = &users_.scenario.closes[handler.close];
                return end(user, UserEnd::completed);
        }
    }

    void reply(UserRef user, const plan::SendPlan& plan) {
        if (!links_.usable(user.state)) return;
        switch (links_.reply(user, plan)) {
            case UserLinks<Transport>::Sent::yes: return;
            case UserLinks<Transport>::Sent::no_room: return fail(user, user_error::kNoRoom);
            case UserLinks<Transport>::Sent::too_long: return fail(user, user_error::kTooLong);
        }
    }

    // --- JavaScript ------------------------------------------------------------------------------

    void call(UserRef user, js::FunctionId function) {
        user.state.phase = UserPhase::calling;
        introduce(user);
        if (is_done(user, users_.machine->call(user.id, function))) next(user.state);
    }
    void repeat(UserRef user, plan::TableIndex index) {
        const plan::LoopPlan& loop = users_.scenario.loops[index];
        if (loop.kind != plan::LoopKind::while_true) return loops_.repeat(user, loop);
        user.state.phase = UserPhase::calling;
        introduce(user);
        if (!is_done(user, users_.machine->call_test(user.id, Lives::function_of_loop(index)))) return;
        loops_.repeat_while(user, loop, users_.machine->truth() ? Again::yes : Again::no);
    }
    // Whether the user goes on at once: a call that waits has a time for it, one that failed ends the user.
    [[nodiscard]] bool is_done(UserRef user, js::CallState state) {
        switch (state) {
            case js::CallState::waiting:
                users_.table.arm(user.id, now_ns_ + users_.scenario.done_timeout_ns);
                return false;
            case js::CallState::failed: fail(user, users_.machine->error()); return false;
            case js::CallState::stopped: fail(user, user_error::kStopped); return false;
            case js::CallState::done: user.state.phase = UserPhase::ready; return true;
        }
        return false;
    }
    void introduce(UserRef user) {
        if (user.state.scripted == Scripted::no) users_.variables.introduce(user);
    }

    void on_done(js::UserId id, js::CallState outcome, bool truth) override {  // tidy: of js::Host
        const UserRef user{id, users_.table[id]};
        if (user.state.phase != UserPhase::calling) return;
        users_.table.arm(id, kNever);
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

  protected:
    ClientParts<Transport>& parts_;
    RunActions<Transport>& run_;

  private:
    UserLoops loops_;
};

}  // namespace wsblast::session
