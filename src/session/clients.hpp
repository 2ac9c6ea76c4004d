// All client connections of one worker: each is opened, upgraded, used by its user and closed. Transport
// events only change a connection's state and put it on the list of those that go on when the tick comes to
// send.
//
// The way of one message: Users::look() -> RunActions::look() -> Pacer::send_due() finds it due and puts
// its frame into the transport's arena -> Answers::sent() remembers it -> ClientInbox::read() -> Answers
// finds it again and records its latency.
//
// One worker thread. Satisfies transport::TransportHandler, and the worker's App.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "crypto/tls_facts.hpp"
#include "session/client_inbox.hpp"
#include "session/client_parts.hpp"
#include "session/client_refusals.hpp"
#include "session/client_rounds.hpp"
#include "session/client_turnover.hpp"
#include "session/failures.hpp"
#include "session/listening.hpp"
#include "session/loop_lag.hpp"
#include "session/offenders.hpp"
#include "session/ramp.hpp"
#include "session/run_actions.hpp"
#include "session/users.hpp"

namespace wsblast::session {

template <class Transport>
class Clients {
  public:
    Clients(Transport& transport, const ClientsInput& input)
        : parts_(transport, input),
          turnover_(parts_, input),
          run_(parts_, turnover_, input),
          users_(make_users(input)),
          rounds_(parts_, run_, *users_, input),
          inbox_(parts_, *users_, listen(input)),
          offenders_(parts_, input),
          refusals_(parts_),
          ramp_(input.ramp),
          lag_(input.shard) {}

    [[nodiscard]] bool ok() const {
        return parts_.ok() && turnover_.ok() && rounds_.ok() && offenders_.ok() &&
               (!listening_ || listening_->ok()) && (!silent_users_ || silent_users_->ok()) && users_->ok();
    }
    // What the users lack.
    [[nodiscard]] Result<void> ready() const { return users_->ready(); }

    // --- the worker's App ------------------------------------------------------------------------

    // Does what is due at `now_ns`, and says how long the next poll may wait.
    [[nodiscard]] transport::PollWait tick(TimeNs now_ns) {
        lag_.note(now_ns, parts_.transport.counters().waited_ns,
                  run_.stage() < Stage::settled ? Counted::yes : Counted::no);
        const Stage stage = parts_.control.current();
        const bool entered = stage != run_.stage();
        if (entered) enter_stage(stage, now_ns);
        if (parts_.program.rounds()) follow_leader(now_ns);
        ClientTable& table = parts_.table;
        table.run_listed([&](ConnectionId cid, ClientState& client) { go_on(cid, client, now_ns); });
        if (entered && stage != Stage::stopping) run_.give_up_empty_seats();
        table.expire(now_ns, [&](ConnectionId cid, ClientState& client) { on_timer(cid, client, now_ns); });
        open_due(now_ns);
        users_->tick(now_ns);
        const bool stopping = run_.stage() == Stage::stopping;
        const proto::CloseFrame going_away{.code = proto::close_code::kGoingAway};
        const proto::CloseFrame farewell{.code = parts_.program.close_code,
                                         .reason = parts_.program.close_reason};
        parts_.closing.take_turns(stopping ? going_away : farewell, now_ns);
        const std::uint32_t waiting = users_->awaiting() + parts_.answers.connections_waiting();
        return {now_ns, table.any_listed() ? now_ns : next_wake_ns(), waiting};
    }

    [[nodiscard]] bool finished() const {
        if (run_.stage() == Stage::left) return true;
        return users_->done() && ramp_.done() && offenders_.all_begun() && parts_.table.active() == 0 &&
               run_.stage() >= Stage::settled;
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
        run_.write_unwritten(cid, client);
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
        if (parts_.table[cid].phase == Phase::open) users_->on_room(parts_.table[cid]);
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
        users_->disconnected(client, event.cause, now_ns);
        parts_.ledger.note_end(event);
        parts_.closing.gone(client);
        if (parts_.program.rounds()) turnover_.returns().gone(client.index, now_ns);
        users_->end_with(cid);
        parts_.forget(cid);
    }

    // TCP was asked when the connection opened, and when it came to its end: our close frame may
    // have left since. And where it takes nothing.
    void on_inspected(ConnectionId cid, const transport::TcpInfo& info) {
        const ClientState& client = parts_.table[cid];
        if (client.phase == Phase::idle || client.phase == Phase::leaving) return;
        if (parts_.stalls.on_inspected(cid, info)) return;
        stats::Counters& counters = parts_.shard.counters;
        if (client.doing != plan::ActionKind::end)
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

    [[nodiscard]] std::unique_ptr<Users<Transport>> make_users(const ClientsInput& input) {
        if (input.users == nullptr) silent_users_.emplace(input.program.scenario, parts_.table.size());
        const UsersInput& users = input.users != nullptr ? *input.users : silent_users_->input();
        return std::make_unique<Users<Transport>>(parts_, run_, users, input.now_ns);
    }

    // A stage of the way to the upgrade is behind it: what it took, since the one before.
    static void reached(ClientState& client, stats::Histogram& stage, TimeNs now_ns) {
        if (client.phase != Phase::connecting) return;
        const TimeNs all_ns = now_ns - client.began_ns;
        stage.record(all_ns - std::min<TimeNs>(client.reached_us * kMicrosecond, all_ns));
        client.reached_us = static_cast<std::uint32_t>(all_ns / kMicrosecond);
    }

    void go_on(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (client.phase == Phase::misbehaving) return offenders_.act(cid, now_ns);
        look(cid, client, now_ns);
    }
    void look(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        run_.write_unwritten(cid, client);
        run_.ping(cid, client, now_ns);
        users_->look(cid, client, now_ns);
        run_.arm(cid, client, now_ns);
    }

    void follow_leader(TimeNs now_ns) {
        turnover_.follow(now_ns);
        if (rounds_.follow(now_ns) != ClientRounds<Transport>::Followed::nothing) lag_.leave_out();
    }

    [[nodiscard]] TimeNs next_wake_ns() const {
        const TimeNs open_ns = std::min(ramp_.next_due_ns(handshakes_), offenders_.next_due_ns());
        TimeNs wake_ns = std::min(parts_.table.next_wake(), open_ns);
        wake_ns = std::min(wake_ns, users_->next_wake_ns());
        if (!parts_.program.rounds()) return wake_ns;
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
            users_->start(start_ns);
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
        client.doing = plan::ActionKind::connect;
        client.sender = plan::Sender::of(parts_.program.seed, index);
        client.began_ns = began_ns;
        client.deadline_ns = began_ns + parts_.program.connect_timeout_ns;
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
            users_->note_status(answer.check.http_status);
            refusals_.hear(cid, client, answer.check, kind);
            handshake_failed(cid, client, kind, at.now_ns);
            return refusals_.close(cid, client, at.now_ns);
        }
        if (answer.check.deflate && !parts_.agree(cid, client, *answer.check.deflate))
            return fail(cid, client, stats::ErrorKind::no_memory, at.now_ns);
        parts_.ledger.opened(client, at.now_ns);
        parts_.shard.subprotocols.count(stats::subprotocol_key(answer.check.subprotocol));
        ramp_.note_handshake(at.now_ns - client.began_ns);
        handshake_over();
        if (parts_.program.rounds()) turnover_.returns().back(client.index);
        run_.open(cid, client, at.now_ns);
        parts_.table.list(cid);
        users_->connected(cid, client, at.now_ns);
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
        parts_.forget(cid);
        const ConnectionId next = attempt(was.index, move, was.began_ns);
        users_->moved(next, parts_.table[next], was.seat);
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
        users_->connect_failed(client, kind, now_ns);
        if (parts_.program.rounds()) turnover_.returns().failed(client.index);
    }
    void handshake_over() { parts_.ledger.note_handshakes(--handshakes_); }

    void on_timer(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        const bool over = client.deadline_ns != 0 && now_ns >= client.deadline_ns;
        switch (client.phase) {
            case Phase::connecting:
            case Phase::upgrading:
                if (over) return fail(cid, client, stats::ErrorKind::connect_timeout, now_ns);
                break;
            case Phase::open: run_.on_timer(cid, client, now_ns); break;
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
        look(cid, client, now_ns);
    }

    void enter_stage(Stage stage, TimeNs now_ns) {
        run_.enter_stage(stage);
        if (stage < Stage::settled) return;
        ramp_.stop();
        turnover_.stop();
        users_->stop(now_ns);
        const bool held = stage == Stage::settled;
        offenders_.end(now_ns + (held ? offenders_.hold_ns() : 0));
        parts_.table.for_each_active(
            [&](ConnectionId cid, ClientState& client) { stop(cid, client, now_ns); });
    }

    // A handshake is given up. Who is open goes on to its end, or goes there at once.
    void stop(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (client.phase == Phase::open && run_.stage() == Stage::stopping)
            return users_->stop_with(cid, client, now_ns);
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
    RunActions<Transport> run_;
    std::optional<SilentUsers> silent_users_;  // there where nobody brings users
    std::unique_ptr<Users<Transport>> users_;
    ClientRounds<Transport> rounds_;
    ClientInbox<Transport> inbox_;
    Offenders<Transport> offenders_;
    ClientRefusals<Transport> refusals_;
    Ramp ramp_;
    std::uint64_t allowed_ = 0;     // how many the ramp may open so far
    std::uint32_t handshakes_ = 0;  // connecting or upgrading
    LoopLag lag_;
};

}  // namespace wsblast::session
