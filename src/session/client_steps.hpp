// The interpreter of the run's program: each open connection executes its steps one after the other, and
// waits in those that wait for an event, a time, or the others.
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
class ClientSteps {
  public:
    ClientSteps(ClientParts<Transport>& parts, ClientTurnover<Transport>& turnover,
                const ClientsInput& input)
        : parts_(parts),
          turnover_(turnover),
          pacer_(parts.transport, parts.answers, input.run(), input.board),
          board_(input.board),
          counts_(input.program.schedule.duration_ns == kNever) {}

    [[nodiscard]] Stage stage() const { return stage_; }

    // The upgrade is done: the first step after `connect`.
    void begin(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        client.phase = Phase::open;
        client.planned = counts_ && !listens(client) ? parts_.program.schedule.messages : 0;
        if (parts_.pings.active()) parts_.pings.begin(cid, now_ns);
        next_step(cid, client, now_ns);
    }

    // Enters the step that follows.
    void next_step(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (comes_to_rest(client)) return rest(cid, client, now_ns);
        const plan::Step& step = parts_.program.steps[++client.step];
        client.deadline_ns = 0;
        switch (step.kind) {
            case plan::StepKind::await_setup:
            case plan::StepKind::hold: client.deadline_ns = now_ns + step.duration_ns; break;
            case plan::StepKind::gate_opened:
                listens(client) ? parts_.ledger.listens() : parts_.ledger.take_seat();
                break;
            case plan::StepKind::messages: pacer_.begin(client, now_ns, next_seat()); break;
            case plan::StepKind::listen: board_->join(parts_.worker, client.index); break;
            case plan::StepKind::gate_settled: parts_.ledger.settled(client); break;
            case plan::StepKind::close: close(cid, client); break;
            case plan::StepKind::next_round: parts_.ledger.prepared(); break;
            case plan::StepKind::connect:
            case plan::StepKind::send_setup:
            case plan::StepKind::scenario:
            case plan::StepKind::settle: break;
        }
    }

    // Writes what was put off, then executes steps until one has to wait.
    void go_on(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        write_unwritten(cid, client);
        if (parts_.pings.active() && client.phase == Phase::open) ping(cid, client, now_ns);
        while (client.phase == Phase::open && is_done(cid, client, now_ns)) next_step(cid, client, now_ns);
        arm(cid, client, now_ns);
    }

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

    // The timer of an open connection fired.
    void on_timer(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        parts_.answers.expire(client, now_ns);
        const bool over = client.deadline_ns != 0 && now_ns >= client.deadline_ns;
        if (over && parts_.step_of(client).kind == plan::StepKind::await_setup) {
            parts_.ledger.lost(client, stats::ErrorKind::setup_timeout, now_ns);
            parts_.closing.begin(cid, client, proto::close_code::kNormal, now_ns);
        }
    }

    // The run came to another stage: all look whether they may go on.
    void enter_stage(Stage stage) {
        stage_ = stage;
        parts_.table.list_all();
    }

    // All that were at the gate have begun. Who was lost while it was raised has a seat there and is none
    // of them: what it had to send by a rate is unsent.
    void give_up_empty_seats() {
        const plan::Schedule& schedule = parts_.program.schedule;
        if (schedule.pacing != plan::Pacing::rate || schedule.messages != plan::kUnlimited) return;
        const std::uint64_t end = parts_.control.first_seat[parts_.worker + 1];
        while (parts_.control.first_seat[parts_.worker] + seats_taken_ < end)
            parts_.answers.give_up_seat(next_seat());
    }

    // An interrupt: an open connection sends no more, and closes when its turn comes. What is in flight
    // stays so, nothing is lost by it.
    void stop(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        end_sending(client, now_ns);
        parts_.ledger.settled(client);
        parts_.ledger.round_done(client);
        if (parts_.step_of(client).kind == plan::StepKind::close) return;  // its turn will come
        while (parts_.step_of(client).kind != plan::StepKind::close) ++client.step;
        client.deadline_ns = 0;
        close(cid, client);
    }

    // What was due by now and is not sent is unsent; the rest was never due.
    void end_sending(ClientState& client, TimeNs now_ns) {
        if (parts_.step_of(client).kind == plan::StepKind::messages) pacer_.interrupt(client, now_ns);
    }

    // A round begins: its seats are dealt out from the first one on.
    void deal_seats() { seats_taken_ = 0; }

  private:
    // Its part in a round is over.
    [[nodiscard]] bool comes_to_rest(const ClientState& client) const {
        return parts_.program.round_step != 0 && stage_ < Stage::settled &&
               parts_.step_of(client).kind == plan::StepKind::settle;
    }
    void rest(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        client.deadline_ns = 0;
        if (parts_.answers.confusable(client)) return turnover_.replace(cid, client, now_ns);
        parts_.ledger.round_done(client);
        client.step = parts_.program.round_step;
    }
    // There is none any more: what follows the last one is next.
    [[nodiscard]] bool skip_rounds(ClientState& client) const {
        while (parts_.step_of(client).kind != plan::StepKind::settle) ++client.step;
        return true;
    }

    [[nodiscard]] bool listens(const ClientState& client) const {
        return client.index >= parts_.program.connections;
    }
    // Seats are dealt out when the gate is up, to those that are still there.
    [[nodiscard]] std::uint64_t next_seat() {
        return parts_.control.first_seat[parts_.worker] + seats_taken_++;
    }

    // What TCP knows of a connection is asked while it is still whole.
    void close(ConnectionId cid, const ClientState& client) {
        if (parts_.sampled(client)) parts_.transport.inspect(cid);
        parts_.closing.await_turn(cid);
    }

    [[nodiscard]] bool is_done(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        switch (parts_.step_of(client).kind) {
            case plan::StepKind::connect: return false;      // the upgrade goes on
            case plan::StepKind::await_setup: return false;  // its answer does
            case plan::StepKind::close: return false;        // its turn will come
            case plan::StepKind::scenario: return false;     // its user decides
            case plan::StepKind::send_setup: return send_setup(cid, client, now_ns);
            case plan::StepKind::gate_opened: return stage_ >= Stage::opened;
            case plan::StepKind::messages: return send_messages(cid, client, now_ns);
            case plan::StepKind::settle: return client.book.open() == 0;
            case plan::StepKind::listen:
            case plan::StepKind::gate_settled: return stage_ >= Stage::settled;
            case plan::StepKind::next_round: return stage_ >= Stage::settled && skip_rounds(client);
            case plan::StepKind::hold: return now_ns >= client.deadline_ns;
        }
        return false;
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

    // Who does not answer is given up.
    void ping(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (parts_.pings.beat(cid, now_ns) == Liveness::alive) return;
        parts_.ledger.dropped(client, stats::ErrorKind::pong_timeout, now_ns);
        parts_.closing.begin(cid, client, proto::close_code::kGoingAway, now_ns);
    }

    // Sees to it that the timer fires at the connection's next deadline, or before; who hears it looks
    // again.
    void arm(ConnectionId cid, const ClientState& client, TimeNs now_ns) {
        TimeNs next_ns = client.deadline_ns == 0 ? kNever : client.deadline_ns;
        if (client.phase == Phase::open) {
            next_ns = std::min(next_ns, parts_.answers.next_timeout_ns(client));
            const bool sends = parts_.step_of(client).kind == plan::StepKind::messages;
            if (sends) next_ns = std::min(next_ns, pacer_.next_wake_ns(client, now_ns));
            if (parts_.pings.active()) next_ns = std::min(next_ns, parts_.pings.next_ns(cid, now_ns));
        }
        parts_.table.wake_by(cid, next_ns);
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
