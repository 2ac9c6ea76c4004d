// The actions with the run's own messages, by users that live as long as their connections: what they begin
// with, and when they are done. Who executes them is session/user_actions.hpp.
//
// At work a connection is all that is looked at: its user is touched when one action follows another.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/units.hpp"
#include "plan/program.hpp"
#include "session/client_parts.hpp"
#include "session/client_turnover.hpp"
#include "session/pacer.hpp"
#include "session/run_control.hpp"

namespace wsblast::session {

template <class Transport>
class RunActions {
  public:
    RunActions(ClientParts<Transport>& parts, ClientTurnover<Transport>& turnover,
               const ClientsInput& input)
        : parts_(parts),
          turnover_(turnover),
          pacer_({parts.transport, parts.deflations}, parts.answers, input.run(), input.board),
          board_(input.board),
          counts_(input.program.schedule.duration_ns == kNever) {}

    [[nodiscard]] Stage stage() const { return stage_; }

    // --- one action after the other --------------------------------------------------------------

    // The upgrade is done.
    void open(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        client.phase = Phase::open;
        client.deadline_ns = 0;
        client.planned = counts_ && !listens(client) ? parts_.program.schedule.messages : 0;
        if (parts_.pings.active()) parts_.pings.begin(cid, now_ns);
    }

    // The user of an open connection begins with client.doing.
    void begin(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        client.deadline_ns = 0;
        switch (client.doing) {
            case plan::ActionKind::await_setup:
                client.deadline_ns = now_ns + parts_.program.answer_timeout_ns;
                return;
            case plan::ActionKind::gate_opened:
                return listens(client) ? parts_.ledger.listens() : parts_.ledger.take_seat();
            case plan::ActionKind::next_round: return parts_.ledger.prepared();
            case plan::ActionKind::messages: return pacer_.begin(client, now_ns, next_seat());
            case plan::ActionKind::listen: return board_->join(parts_.worker, client.index);
            case plan::ActionKind::gate_settled: return parts_.ledger.settled(client);
            case plan::ActionKind::end: return end(cid, client);
            case plan::ActionKind::send_setup:
            case plan::ActionKind::settle: return;
            case plan::ActionKind::connect:
            case plan::ActionKind::send:
            case plan::ActionKind::await:
            case plan::ActionKind::think:
            case plan::ActionKind::loop:
            case plan::ActionKind::repeat:
            case plan::ActionKind::call:
            case plan::ActionKind::log:
            case plan::ActionKind::hold:
            case plan::ActionKind::stream:
            case plan::ActionKind::close: return;  // no message of the run is in it
        }
    }

    // How far the user of an open connection has come with client.doing.
    enum class Came : std::uint8_t {
        waits,     // for an event, a time, or the others
        done,      // the next one follows
        to_rest,   // a round is over: next_round follows, as if it had been there before
        to_settle  // there are no more rounds: what follows `settle` is next
    };
    [[nodiscard]] Came look(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        switch (client.doing) {
            case plan::ActionKind::messages: return done_if(send_messages(cid, client, now_ns));
            case plan::ActionKind::settle: return settle(cid, client, now_ns);
            case plan::ActionKind::send_setup: return done_if(send_setup(cid, client, now_ns));
            case plan::ActionKind::gate_opened: return done_if(stage_ >= Stage::opened);
            case plan::ActionKind::listen:
            case plan::ActionKind::gate_settled: return done_if(stage_ >= Stage::settled);
            case plan::ActionKind::next_round:
                return stage_ >= Stage::settled ? Came::to_settle : Came::waits;
            case plan::ActionKind::await_setup:  // its answer goes on
            case plan::ActionKind::connect:
            case plan::ActionKind::send:
            case plan::ActionKind::await:
            case plan::ActionKind::think:
            case plan::ActionKind::loop:
            case plan::ActionKind::repeat:
            case plan::ActionKind::call:
            case plan::ActionKind::log:
            case plan::ActionKind::hold:
            case plan::ActionKind::stream:
            case plan::ActionKind::close:
            case plan::ActionKind::end: return Came::waits;
        }
        return Came::waits;
    }

    // --- what connections tell -------------------------------------------------------------------

    // Writes the request or the close frame that found no room before.
    void write_unwritten(ConnectionId cid, ClientState& client) {
        bool written = true;
        switch (client.unwritten) {
            case Unwritten::nothing: return;
            case Unwritten::upgrade_request: written = parts_.upgrade.write_request(cid, client); break;
            case Unwritten::close_frame: written = parts_.closing.write(cid, client); break;
            case Unwritten::farewell:
                written = parts_.closing.write(cid, client, parts_.program.close_reason);
                break;
        }
        if (written) client.unwritten = Unwritten::nothing;
    }

    // Pings when it is time. Who does not answer is given up.
    void ping(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (!parts_.pings.active() || client.phase != Phase::open) return;
        if (parts_.pings.beat(cid, now_ns) == Liveness::alive) return;
        parts_.ledger.dropped(client, stats::ErrorKind::pong_timeout, now_ns);
        parts_.closing.begin(cid, client, proto::close_code::kGoingAway, now_ns);
    }

    // The timer of an open connection fired.
    void on_timer(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        parts_.answers.expire(client, now_ns);
        const bool over = client.deadline_ns != 0 && now_ns >= client.deadline_ns;
        if (!over || client.doing != plan::ActionKind::await_setup) return;
        parts_.ledger.lost(client, stats::ErrorKind::setup_timeout, now_ns);
        parts_.closing.begin(cid, client, proto::close_code::kNormal, now_ns);
    }

    // Sees to it that the timer fires at the connection's next deadline, or before; who hears it looks
    // again.
    void arm(ConnectionId cid, const ClientState& client, TimeNs now_ns) {
        TimeNs next_ns = client.deadline_ns == 0 ? kNever : client.deadline_ns;
        if (client.phase == Phase::open) {
            next_ns = std::min(next_ns, parts_.answers.next_timeout_ns(client));
            const bool sends = client.doing == plan::ActionKind::messages;
            if (sends) next_ns = std::min(next_ns, pacer_.next_wake_ns(client, now_ns));
            if (parts_.pings.active()) next_ns = std::min(next_ns, parts_.pings.next_ns(cid, now_ns));
        }
        parts_.table.wake_by(cid, next_ns);
    }

    // --- what the leader tells -------------------------------------------------------------------

    // The run came to another stage: all look whether they may go on.
    void enter_stage(Stage stage) {
        stage_ = stage;
        parts_.table.list_all();
    }

    // A round begins: its seats are dealt out from the first one on.
    void deal_seats() { seats_taken_ = 0; }

    // All that were at the gate have begun. Who was lost while it was raised has a seat there and is none
    // of them: what it had to send by a rate is unsent.
    void give_up_empty_seats() {
        const plan::Schedule& schedule = parts_.program.schedule;
        if (schedule.pacing != plan::Pacing::rate || schedule.messages != plan::kUnlimited) return;
        const std::uint64_t end = parts_.control.first_seat[parts_.worker + 1];
        while (parts_.control.first_seat[parts_.worker] + seats_taken_ < end)
            parts_.answers.give_up_seat(next_seat());
    }

    // What was due by now and is not sent is unsent; the rest was never due.
    void end_sending(ClientState& client, TimeNs now_ns) {
        if (client.doing == plan::ActionKind::messages) pacer_.interrupt(client, now_ns);
    }

    // An interrupt: an open connection sends no more, and closes when its turn comes. What is in flight
    // stays so, nothing is lost by it.
    void stop(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        end_sending(client, now_ns);
        parts_.ledger.settled(client);
        parts_.ledger.round_done(client);
        if (client.doing == plan::ActionKind::end) return;  // its turn will come
        client.doing = plan::ActionKind::end;
        client.deadline_ns = 0;
        end(cid, client);
    }

  private:
    [[nodiscard]] static Came done_if(bool done) { return done ? Came::done : Came::waits; }

    [[nodiscard]] bool listens(const ClientState& client) const {
        return client.index >= parts_.program.connections;
    }
    // Seats are dealt out when the gate is up, to those that are still there.
    [[nodiscard]] std::uint64_t next_seat() {
        return parts_.control.first_seat[parts_.worker] + seats_taken_++;
    }

    [[nodiscard]] Came settle(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (client.book.open() != 0) return Came::waits;
        if (!parts_.program.rounds() || stage_ >= Stage::settled) return Came::done;
        if (parts_.answers.confusable(client)) {
            turnover_.replace(cid, client, now_ns);
            return Came::waits;  // for its end
        }
        parts_.ledger.round_done(client);
        return Came::to_rest;
    }

    // What TCP knows of a connection is asked while it is still whole.
    void end(ConnectionId cid, const ClientState& client) {
        if (parts_.sampled(client)) parts_.transport.inspect(cid);
        parts_.closing.await_turn(cid);
    }

    [[nodiscard]] bool send_messages(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        switch (pacer_.send_due(cid, client, now_ns)) {
            case Pace::done: return true;
            case Pace::waiting:
            case Pace::blocked: return false;
            case Pace::roomless:
                if (counts_) await_room(cid, client, now_ns);
                return false;
        }
        return false;
    }
    // A server that takes nothing for as long as an answer may take is given up: what waits would wait for
    // ever, as would its own close frame.
    void await_room(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (parts_.stalls.refused(cid, now_ns) == Taking::perhaps)
            return parts_.table.wake_by(cid, parts_.stalls.next_ns(cid));
        parts_.ledger.lost(client, stats::ErrorKind::send_timeout, now_ns);
        parts_.ledger.left();
        parts_.closing.leave(cid, client, transport::CloseMode::reset);
    }

    [[nodiscard]] bool send_setup(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (!pacer_.send_setup(cid, client, now_ns)) return await_room(cid, client, now_ns), false;
        parts_.shard.counters.setup_sent.add();
        return true;
    }

    ClientParts<Transport>& parts_;
    ClientTurnover<Transport>& turnover_;
    Pacer<Transport> pacer_;
    FanOutBoard* board_;  // null without listeners
    bool counts_;         // a connection has so many messages, whatever time that takes
    Stage stage_ = Stage::opening;
    std::uint64_t seats_taken_ = 0;
};

}  // namespace wsblast::session
