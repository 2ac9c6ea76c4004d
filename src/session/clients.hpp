// All client connections of one worker: each is opened, upgraded, executes the run's program step by step
// and is closed. Transport events only change a connection's state and put it on the list of those that go
// on when the tick comes to send.
//
// The way of one message: Pacer::send_due() finds it due and puts its frame into the transport's arena ->
// Answers::sent() remembers it -> ClientInbox::read() -> Answers finds it again and records its latency.
//
// One worker thread. Satisfies transport::TransportHandler, and the worker's App.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "crypto/tls_session.hpp"
#include "session/client_inbox.hpp"
#include "session/client_parts.hpp"
#include "session/client_refusals.hpp"
#include "session/client_rounds.hpp"
#include "session/client_steps.hpp"
#include "session/client_turnover.hpp"
#include "session/failures.hpp"
#include "session/listening.hpp"
#include "session/offenders.hpp"
#include "session/ramp.hpp"
#include "session/users.hpp"

namespace wsblast::session {

template <class Transport>
class Clients {
  public:
    Clients(Transport& transport, const ClientsInput& input)
        : parts_(transport, input),
          turnover_(parts_, input),
          steps_(parts_, turnover_, input),
          rounds_(parts_, steps_, input),
          users_(lead(input)),
          inbox_(parts_, steps_, {listen(input), users_.get()}),
          offenders_(parts_, input),
          refusals_(parts_),
          ramp_(input.ramp) {}

    [[nodiscard]] bool ok() const {
        return parts_.ok() && turnover_.ok() && rounds_.ok() && offenders_.ok() &&
               (!listening_ || listening_->ok()) && (!users_ || users_->ok());
    }
    // What the virtual users lack.
    [[nodiscard]] Result<void> ready() const { return users_ ? users_->ready() : Result<void>{}; }

    // --- the worker's App ------------------------------------------------------------------------

    // Does what is due at `now_ns`, and says how long the next poll may wait.
    [[nodiscard]] transport::PollWait tick(TimeNs now_ns) {
        note_round(now_ns);
        const Stage stage = parts_.control.current();
        const bool entered = stage != steps_.stage();
        if (entered) enter_stage(stage, now_ns);
        if (parts_.program.round_step != 0) follow_leader(now_ns);
        ClientTable& table = parts_.table;
        table.run_listed([&](ConnectionId cid, ClientState& client) { go_on(cid, client, now_ns); });
        if (entered && stage != Stage::stopping) steps_.give_up_empty_seats();
        table.expire(now_ns, [&](ConnectionId cid, ClientState& client) { on_timer(cid, client, now_ns); });
        open_due(now_ns);
        if (users_) users_->tick(now_ns);
        const bool stopping = steps_.stage() == Stage::stopping;
        const proto::CloseFrame going_away{.code = proto::close_code::kGoingAway};
        const proto::CloseFrame farewell{.code = parts_.program.close_code,
                                         .reason = parts_.program.close_reason};
        parts_.closing.take_turns(stopping ? going_away : farewell, now_ns);
        const std::uint32_t waiting = users_ ? users_->awaiting() : parts_.answers.connections_waiting();
        return {now_ns, table.any_listed() ? now_ns : next_wake_ns(), waiting};
    }

    [[nodiscard]] bool finished() const {
        if (steps_.stage() == Stage::left) return true;
        if (users_ && !users_->done()) return false;
        return ramp_.done() && offenders_.all_begun() && parts_.table.active() == 0 &&
               steps_.stage() >= Stage::settled;
    }

    // JavaScript belongs to the thread that has made it.
    void leave_thread() { users_.reset(); }

    // --- transport events ------------------------------------------------------------------------

    void prefetch(ConnectionId cid) const { parts_.table.prefetch(cid); }

    // Where a route has stages before it is open: see transport/tunnel.hpp.
    void on_connected(ConnectionId cid, TimeNs now_ns) {
        reached(parts_.table[cid], parts_.shard.connect_tcp, now_ns);
    }
    void on_proxied(ConnectionId cid, TimeNs now_ns) {
        reached(parts_.table[cid], parts_.shard.connect_proxy, now_ns);
    }
    void on_secured(ConnectionId cid, const crypto::TlsFacts& facts, TimeNs now_ns) {
        if (parts_.table[cid].phase != Phase::connecting) return;
        reached(parts_.table[cid], parts_.shard.connect_tls, now_ns);
        const stats::TlsKey key{facts.version, facts.cipher};
        (facts.resumed ? parts_.shard.tls_resumed : parts_.shard.tls_full).count(key.pack());
    }

    void on_open(ConnectionId cid, TimeNs now_ns) {
        ClientState& client = parts_.table[cid];
        if (client.phase == Phase::misbehaving) return offenders_.on_open(cid, now_ns);
        if (client.phase != Phase::connecting) return;
        if constexpr (!requires { Transport::kHasStages; }) on_connected(cid, now_ns);
        client.phase = Phase::upgrading;
        client.unwritten = Unwritten::upgrade_request;
        steps_.write_unwritten(cid, client);
        if (parts_.sampled(client)) parts_.transport.inspect(cid);
    }

    void on_bytes(ConnectionId cid, ByteView bytes, const transport::Arrival& at) {
        ClientState& client = parts_.table[cid];
        switch (client.phase) {
            case Phase::upgrading: return read_upgrade(cid, client, bytes, at);
            case Phase::open:
            case Phase::closing: return inbox_.read(cid, client, bytes, at);
            case Phase::misbehaving: return offenders_.read(cid, client, bytes, at.now_ns);
            case Phase::refused: return refusals_.read(cid, client, bytes);
            case Phase::idle:
            case Phase::connecting:
            case Phase::closed:
            case Phase::redirected:
            case Phase::leaving: return;
        }
    }

    void on_room(ConnectionId cid) {
        parts_.wire.on_room(cid);
        parts_.stalls.over(cid);
        parts_.table.list(cid);
        if (users_ && parts_.table[cid].phase == Phase::open) users_->on_room(parts_.table[cid]);
    }

    void on_close(ConnectionId cid, transport::CloseEvent event, TimeNs now_ns) {
        ClientState& client = parts_.table[cid];
        switch (client.phase) {
            case Phase::idle: return;
            case Phase::connecting:
            case Phase::upgrading:
                handshake_failed(cid, client, failed_handshake(event.cause), now_ns);
                break;
            case Phase::refused: refusals_.gone(cid); break;
            case Phase::open:
                parts_.ledger.dropped(client, lost_connection(event.cause), now_ns);
                parts_.ledger.left();
                break;
            case Phase::redirected: return go_elsewhere(cid, client);
            case Phase::misbehaving: return offenders_.on_close(cid, event);
            case Phase::closing:
            case Phase::closed:
            case Phase::leaving: break;
        }
        if (users_) users_->disconnected(client, event.cause, now_ns);
        parts_.ledger.note_end(event);
        parts_.closing.gone(client);
        if (parts_.program.round_step != 0) turnover_.returns().gone(client.index, now_ns);
        parts_.wire.drop(cid);
        parts_.stalls.over(cid);
        parts_.table.end(cid);
    }

    // TCP was asked when the connection opened, and when it came to its last step: our close frame may
    // have left since. And where it takes nothing.
    void on_inspected(ConnectionId cid, const transport::TcpInfo& info) {
        const ClientState& client = parts_.table[cid];
        if (client.phase == Phase::idle || client.phase == Phase::leaving) return;
        if (parts_.stalls.on_inspected(cid, info)) return;
        stats::Counters& counters = parts_.shard.counters;
        if (parts_.step_of(client).kind != plan::StepKind::close)
            return counters.tcp_syn_retransmits.add(info.retransmits);
        counters.tcp_sampled.add();
        counters.tcp_retransmits.add(info.retransmits);
        parts_.shard.tcp_rtt.record(info.rtt_ns);
    }

    void on_burst_end(TimeNs) {}

  private:
    [[nodiscard]] Listening* listen(const ClientsInput& input) {
        if (input.board == nullptr) return nullptr;
        return &listening_.emplace(*input.board, input.run(), input.ramp.worker);
    }

    [[nodiscard]] std::unique_ptr<Users<Transport>> lead(const ClientsInput& input) {
        if (input.users == nullptr) return nullptr;
        return std::make_unique<Users<Transport>>(parts_, *input.users, input.now_ns);
    }

    // A stage of the way to the upgrade is behind it: what it took, since the one before.
    static void reached(ClientState& client, stats::Histogram& stage, TimeNs now_ns) {
        if (client.phase != Phase::connecting) return;
        const TimeNs all_ns = now_ns - client.began_ns;
        stage.record(all_ns - std::min<TimeNs>(client.reached_us * kMicrosecond, all_ns));
        client.reached_us = static_cast<std::uint32_t>(all_ns / kMicrosecond);
    }

    // The time since the last tick, without the wait: as long nothing could be noticed.
    void note_round(TimeNs now_ns) {
        const TimeNs waited_ns = parts_.transport.counters().waited_ns;
        const TimeNs round_ns = now_ns - last_tick_ns_;
        const TimeNs wait_ns = waited_ns - last_waited_ns_;
        if (last_tick_ns_ != 0 && steps_.stage() < Stage::settled) {
            parts_.shard.loop_lag.record(round_ns - std::min(wait_ns, round_ns));
        }
        last_tick_ns_ = now_ns;
        last_waited_ns_ = waited_ns;
    }

    void go_on(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (client.phase == Phase::misbehaving) return offenders_.act(cid, now_ns);
        steps_.go_on(cid, client, now_ns);
    }

    void follow_leader(TimeNs now_ns) {
        turnover_.follow(now_ns);
        // What this tick takes longer is not how the worker gets on with its messages.
        if (rounds_.follow(now_ns) != ClientRounds<Transport>::Followed::nothing) last_tick_ns_ = 0;
    }

    [[nodiscard]] TimeNs next_wake_ns() const {
        const TimeNs open_ns = std::min(ramp_.next_due_ns(handshakes_), offenders_.next_due_ns());
        TimeNs wake_ns = std::min(parts_.table.next_wake(), open_ns);
        if (users_) wake_ns = std::min(wake_ns, users_->next_wake_ns());
        if (parts_.program.round_step == 0) return wake_ns;
        return std::min({wake_ns, turnover_.returns().next_due_ns(), turnover_.next_due_ns()});
    }

    // Who comes back goes first, and waits for nobody's handshake: a storm is as bad as its policy makes
    // it.
    void open_due(TimeNs now_ns) {
        offenders_.open_due(now_ns);
        const std::uint64_t allowed = parts_.control.opens.load(std::memory_order_acquire);
        if (allowed != allowed_) {
            const TimeNs start_ns = parts_.control.start_ns.load(std::memory_order_relaxed);
            ramp_.allow(allowed, start_ns);
            if (users_) users_->start(start_ns);
            allowed_ = allowed;
        }
        for (std::uint32_t i = 0; i < limits::kOpensPerTick; ++i) {
            if (const auto index = turnover_.take_return(now_ns)) {
                open(*index, now_ns);
            } else if (ramp_.next_due_ns(handshakes_) <= now_ns) {
                parts_.ledger.begun();
                open(ramp_.take(), now_ns);
                parts_.report.opens.add();  // it is in flight by then
            } else {
                return;
            }
        }
    }

    void open(std::uint32_t index, TimeNs now_ns) {
        ++handshakes_;
        parts_.ledger.note_handshakes(handshakes_);
        attempt(index, {}, now_ns);
    }

    // An attempt that began at `began_ns`, at its first place or where it was redirected to: its id.
    ConnectionId attempt(std::uint32_t index, const Redirects::Move& move, TimeNs began_ns) {
        const ConnectionId cid = parts_.transport.open(parts_.upgrade.target_of(index, move));
        parts_.upgrade.begin(cid, move);
        ClientState& client = parts_.table.begin(cid);
        client.index = index;
        client.step = parts_.program.first_step(index);
        client.sender = plan::Sender::of(parts_.program.seed, index);
        client.began_ns = began_ns;
        client.deadline_ns = began_ns + parts_.step_of(client).duration_ns;
        parts_.table.wake_by(cid, client.deadline_ns);
        return cid;
    }

    void read_upgrade(ConnectionId cid, ClientState& client, ByteView bytes, const transport::Arrival& at) {
        const auto answer = parts_.upgrade.read_answer(cid, client.index, bytes);
        if (answer.check.status == proto::UpgradeStatus::need_more) return;
        if (answer.check.http_status != 0) parts_.shard.upgrade_status.count(answer.check.http_status);
        if (parts_.upgrade.redirects(answer.check)) return redirect(cid, client, answer.check, at.now_ns);
        if (answer.check.status == proto::UpgradeStatus::rejected) {
            const stats::ErrorKind kind = failed_upgrade(answer.check.failure);
            if (users_) users_->note_status(answer.check.http_status);
            refusals_.hear(cid, client, answer.check, kind);
            handshake_failed(cid, client, kind, at.now_ns);
            return refusals_.close(cid, client, at.now_ns);
        }
        parts_.ledger.opened(client, at.now_ns);
        parts_.shard.subprotocols.count(stats::subprotocol_key(answer.check.subprotocol));
        if (answer.check.deflate) parts_.agree(cid, client, *answer.check.deflate);
        ramp_.note_handshake(at.now_ns - client.began_ns);
        handshake_over();
        if (parts_.program.round_step != 0) turnover_.returns().back(client.index);
        steps_.begin(cid, client, at.now_ns);
        parts_.table.list(cid);
        if (users_) users_->connected(cid, client, at.now_ns);
        if (answer.taken < bytes.size()) inbox_.read(cid, client, bytes.subspan(answer.taken), at);
    }

    // The attempt goes on elsewhere, as soon as this connection is gone.
    void redirect(ConnectionId cid, ClientState& client, const proto::UpgradeCheck& check, TimeNs now_ns) {
        if (const auto error = parts_.upgrade.redirect(cid, client.index, check.location)) {
            refusals_.hear(cid, client, check, *error);
            handshake_failed(cid, client, *error, now_ns);
            return refusals_.close(cid, client, now_ns);
        }
        parts_.shard.counters.redirects.add();
        parts_.closing.leave(cid, client, transport::CloseMode::abort);
        client.phase = Phase::redirected;
    }

    void go_elsewhere(ConnectionId cid, const ClientState& client) {
        const ClientState was = client;
        const Redirects::Move move = parts_.upgrade.move_of(cid);
        parts_.wire.drop(cid);
        parts_.table.end(cid);
        const ConnectionId next = attempt(was.index, move, was.began_ns);
        if (users_) users_->moved(next, parts_.table[next], was.seat);
    }

    // Ends a connection that is not upgraded yet.
    void fail(ConnectionId cid, ClientState& client, stats::ErrorKind kind, TimeNs now_ns) {
        handshake_failed(cid, client, kind, now_ns);
        parts_.closing.leave(cid, client, transport::CloseMode::abort);
    }

    void handshake_failed(ConnectionId cid, ClientState& client, stats::ErrorKind kind, TimeNs now_ns) {
        refusals_.note_place(cid, kind);
        parts_.ledger.failed(client, kind, now_ns);
        handshake_over();
        if (users_) users_->connect_failed(client, kind, now_ns);
        if (parts_.program.round_step != 0) turnover_.returns().failed(client.index);
    }
    void handshake_over() { parts_.ledger.note_handshakes(--handshakes_); }

    void on_timer(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        const bool over = client.deadline_ns != 0 && now_ns >= client.deadline_ns;
        switch (client.phase) {
            case Phase::connecting:
            case Phase::upgrading:
                if (over) return fail(cid, client, stats::ErrorKind::connect_timeout, now_ns);
                break;
            case Phase::open: steps_.on_timer(cid, client, now_ns); break;
            case Phase::closing:
                if (over) parts_.shard.counters.error(stats::ErrorKind::close_timeout).add();
                [[fallthrough]];
            case Phase::closed:
                if (over) return parts_.closing.leave(cid, client, transport::CloseMode::abort);
                break;
            case Phase::misbehaving: return offenders_.on_timer(cid, client, now_ns);
            case Phase::refused: return refusals_.on_timer(cid, client, now_ns);
            case Phase::leaving: return parts_.closing.on_timer(cid, client, now_ns);
            case Phase::idle:
            case Phase::redirected: return;
        }
        steps_.go_on(cid, client, now_ns);
    }

    void enter_stage(Stage stage, TimeNs now_ns) {
        steps_.enter_stage(stage);
        if (stage < Stage::settled) return;
        ramp_.stop();
        turnover_.stop();
        if (users_) users_->stop(now_ns);
        const bool held = stage == Stage::settled;
        offenders_.end(now_ns + (held ? offenders_.hold_ns() : 0));
        parts_.table.for_each_active(
            [&](ConnectionId cid, ClientState& client) { stop(cid, client, now_ns); });
    }

    // A handshake is given up. Who is open goes on to its end, or goes there at once.
    void stop(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (client.phase == Phase::open && steps_.stage() == Stage::stopping)
            return steps_.stop(cid, client, now_ns);
        if (client.phase == Phase::redirected) {
            handshake_over();
            client.phase = Phase::leaving;
        }
        if (client.phase != Phase::connecting && client.phase != Phase::upgrading) return;
        handshake_over();
        parts_.closing.leave(cid, client, transport::CloseMode::abort);
    }

    std::optional<Listening> listening_;  // made before those that use it
    ClientParts<Transport> parts_;
    ClientTurnover<Transport> turnover_;
    ClientSteps<Transport> steps_;
    ClientRounds<Transport> rounds_;
    std::unique_ptr<Users<Transport>> users_;  // null: the run's own steps lead the connections
    ClientInbox<Transport> inbox_;
    Offenders<Transport> offenders_;
    ClientRefusals<Transport> refusals_;
    Ramp ramp_;
    std::uint64_t allowed_ = 0;     // how many the ramp may open so far
    std::uint32_t handshakes_ = 0;  // connecting or upgrading
    TimeNs last_tick_ns_ = 0;
    TimeNs last_waited_ns_ = 0;
};

}  // namespace wsblast::session
