// All client connections of one worker: each is opened, upgraded, executes the run's program step by step
// and is closed. This is the interpreter of steps; transport events only change a connection's state and
// put it on the list of those that go on when the tick comes to send.
//
// The way of one message: Pacer::send_due() finds it due and puts its frame into the transport's arena ->
// Answers::sent() remembers it -> on_bytes() -> Answers finds it again and records its latency.
//
// One worker thread. Satisfies transport::TransportHandler, and the worker's App.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "base/clock.hpp"
#include "plan/program.hpp"
#include "session/answers.hpp"
#include "session/client_closing.hpp"
#include "session/client_table.hpp"
#include "session/client_upgrade.hpp"
#include "session/failures.hpp"
#include "session/ledger.hpp"
#include "session/pacer.hpp"
#include "session/ramp.hpp"
#include "session/run_control.hpp"
#include "session/wire.hpp"
#include "stats/shard.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

// Everything lives longer than the clients.
struct ClientsInput {
    const plan::Program& program;
    std::span<const ClientTarget> targets;
    RampPlan ramp;
    const RunControl& control;
    WorkerReport& report;
    stats::Shard& shard;
    TimeNs now_ns = monotonic_now();  // of the transport's clock: no earlier time will be passed in

    [[nodiscard]] RunParts run() const { return {program, control, report, shard}; }
};

template <class Transport>
class Clients {
  public:
    Clients(Transport& transport, const ClientsInput& input)
        : transport_(transport),
          program_(input.program),
          control_(input.control),
          shard_(input.shard),
          worker_(input.ramp.worker),
          table_(transport.capacity(), input.now_ns),
          answers_(input.program, input.shard, input.report),
          pacer_(transport, answers_, input.run()),
          wire_(transport, transport.capacity(), draw(input.program.seed, Stream::mask_key, 2 + worker_)),
          upgrade_(transport, wire_, input.targets, input.program.seed),
          ramp_(input.ramp),
          ledger_(input.run(), answers_, {ramp_.share(), input.ramp.workers}),
          closing_(transport, wire_, ledger_, table_) {}

    [[nodiscard]] bool ok() const { return answers_.ok() && wire_.ok() && table_.ok() && closing_.ok(); }

    // --- the worker's App ------------------------------------------------------------------------

    // Does what is due at `now_ns`, and says how long the next poll may wait.
    [[nodiscard]] transport::PollWait tick(TimeNs now_ns) {
        if (const Stage stage = control_.current(); stage != stage_) enter_stage(stage, now_ns);
        table_.run_listed([&](ConnectionId cid, ClientState& client) { go_on(cid, client, now_ns); });
        table_.expire(now_ns,
                      [&](ConnectionId cid, ClientState& client) { on_timer(cid, client, now_ns); });
        const TimeNs start_ns = control_.start_ns.load(std::memory_order_relaxed);
        for (std::uint32_t opens = 0; opens < limits::kOpensPerTick; ++opens) {
            if (ramp_.next_due_ns(start_ns, handshakes_) > now_ns) break;
            open_next(now_ns);
        }
        const bool stopping = stage_ == Stage::stopping;
        closing_.take_turns(stopping ? proto::close_code::kGoingAway : proto::close_code::kNormal, now_ns);
        const TimeNs wake_ns = std::min(table_.next_wake(), ramp_.next_due_ns(start_ns, handshakes_));
        return {now_ns, table_.any_listed() ? now_ns : wake_ns, answers_.connections_waiting()};
    }

    [[nodiscard]] bool finished() const {
        return ramp_.done() && table_.active() == 0 && stage_ >= Stage::settled;
    }

    // --- transport events ------------------------------------------------------------------------

    void prefetch(ConnectionId cid) const { table_.prefetch(cid); }

    void on_open(ConnectionId cid, TimeNs now_ns) {
        ClientState& client = table_[cid];
        if (client.phase != Phase::connecting) return;
        client.phase = Phase::upgrading;
        client.tcp_us = static_cast<std::uint32_t>((now_ns - client.began_ns) / kMicrosecond);
        shard_.connect_tcp.record(now_ns - client.began_ns);
        client.unwritten = Unwritten::upgrade_request;
        write_unwritten(cid, client);
    }

    void on_bytes(ConnectionId cid, ByteView bytes, TimeNs now_ns) {
        switch (table_[cid].phase) {
            case Phase::upgrading: return read_upgrade(cid, bytes, now_ns);
            case Phase::open:
            case Phase::closing: return read_frames(cid, bytes, now_ns);
            case Phase::idle:
            case Phase::connecting:
            case Phase::closed:
            case Phase::leaving: return;
        }
    }

    void on_room(ConnectionId cid) {
        wire_.on_room(cid);
        table_.list(cid);
    }

    void on_close(ConnectionId cid, transport::CloseEvent event, TimeNs now_ns) {
        ClientState& client = table_[cid];
        switch (client.phase) {
            case Phase::idle: return;
            case Phase::connecting:
            case Phase::upgrading:
                ledger_.failed(client, failed_handshake(event.cause), now_ns);
                --handshakes_;
                break;
            case Phase::open:
                ledger_.dropped(client, lost_connection(event.cause), now_ns);
                ledger_.left();
                break;
            case Phase::closing:
            case Phase::closed:
            case Phase::leaving: break;
        }
        closing_.gone(client);
        wire_.drop(cid);
        table_.end(cid);
    }

    void on_burst_end(TimeNs) {}

  private:
    // What the frame reader finds on one connection, in one burst.
    struct Sink {
        Clients& clients;
        ConnectionId cid;
        ClientState& client;
        TimeNs now_ns;
        std::uint64_t unread = 0;  // data messages that need not be looked at

        proto::Flow on_message(proto::Opcode, ByteView whole) { return clients.on_message(*this, whole); }
        proto::Flow on_fragment(proto::Opcode, ByteView piece, proto::FragmentEnd end) {
            const auto whole = clients.wire_.assemble(cid, piece, end);
            return whole ? clients.on_message(*this, *whole) : proto::Flow::go_on;
        }
        proto::Flow on_ping(ByteView payload) {
            if (client.phase == Phase::open) clients.wire_.send_pong(cid, payload);
            return proto::Flow::go_on;
        }
        proto::Flow on_pong(ByteView) { return proto::Flow::go_on; }
        void on_close(proto::CloseFrame close) {
            clients.count_unread(*this);
            clients.closing_.on_frame(cid, client, close.code, now_ns);
        }
    };

    // --- opening ---------------------------------------------------------------------------------

    void open_next(TimeNs now_ns) {
        const std::uint32_t index = ramp_.take();
        ledger_.begun();
        const ConnectionId cid = transport_.open(upgrade_.target_of(index));
        ClientState& client = table_.begin(cid);
        client.index = index;
        client.sender = plan::Sender::of(program_.seed, index);
        client.began_ns = now_ns;
        ++handshakes_;
        client.deadline_ns = now_ns + program_.steps.front().duration_ns;
        table_.wake_by(cid, client.deadline_ns);
    }

    void read_upgrade(ConnectionId cid, ByteView bytes, TimeNs now_ns) {
        ClientState& client = table_[cid];
        const auto answer = upgrade_.read_answer(cid, client.index, bytes);
        if (answer.check.status == proto::UpgradeStatus::need_more) return;
        if (answer.check.http_status != 0) shard_.upgrade_status.count(answer.check.http_status);
        if (answer.check.status == proto::UpgradeStatus::rejected) {
            shard_.excerpts.keep(answer.check.http_status, as_bytes(answer.check.body_excerpt));
            return fail(cid, client, failed_upgrade(answer.check.failure), now_ns);
        }
        ledger_.opened(client, now_ns);
        ramp_.note_handshake(now_ns - client.began_ns);
        --handshakes_;
        client.phase = Phase::open;
        client.planned = program_.schedule.duration_ns == kNever ? program_.schedule.messages : 0;
        next_step(cid, client, now_ns);
        table_.list(cid);
        if (answer.taken < bytes.size()) read_frames(cid, bytes.subspan(answer.taken), now_ns);
    }

    // Ends a connection that is not upgraded yet.
    void fail(ConnectionId cid, ClientState& client, stats::ErrorKind kind, TimeNs now_ns) {
        ledger_.failed(client, kind, now_ns);
        --handshakes_;
        closing_.leave(cid, client, transport::CloseMode::abort);
    }

    // --- reading ---------------------------------------------------------------------------------

    void read_frames(ConnectionId cid, ByteView bytes, TimeNs now_ns) {
        ClientState& client = table_[cid];
        Sink sink{*this, cid, client, now_ns};
        const proto::ReadResult result = wire_.read(cid, bytes, sink);
        if (client.phase == Phase::open) {
            shard_.counters.bytes_received.add(result.consumed);
            count_unread(sink);
            table_.list(cid);
        }
        if (result.status != proto::ReadStatus::violation) return;
        closing_.break_off(cid, client, result.violation, now_ns);
    }

    proto::Flow on_message(Sink& sink, ByteView whole) {
        ClientState& client = sink.client;
        if (client.phase != Phase::open) return proto::Flow::go_on;
        if (step_of(client).kind == plan::StepKind::await_setup) {
            read_setup_answer(sink.cid, client, whole, sink.now_ns);
            return proto::Flow::go_on;
        }
        switch (program_.matching) {
            case plan::Matching::none: shard_.counters.unexpected.add(); break;
            case plan::Matching::fifo: ++sink.unread; break;
            case plan::Matching::ymera_number:
            case plan::Matching::ymera_type: answers_.answer_by_content(client, whole, sink.now_ns); break;
        }
        return proto::Flow::go_on;
    }

    void count_unread(Sink& sink) {
        if (sink.unread == 0) return;
        answers_.answer_oldest(sink.client, std::exchange(sink.unread, 0), sink.now_ns);
    }

    void read_setup_answer(ConnectionId cid, ClientState& client, ByteView payload, TimeNs now_ns) {
        if (answers_.answers_setup(payload)) {
            shard_.counters.setup_answered.add();
            next_step(cid, client, now_ns);
        } else if (answers_.refuses_setup(payload)) {
            ledger_.lost(client, stats::ErrorKind::setup_refused, now_ns);
            closing_.begin(cid, client, proto::close_code::kNormal, now_ns);
        } else {
            shard_.counters.unexpected.add();
        }
    }

    // --- the interpreter -------------------------------------------------------------------------

    const plan::Step& step_of(const ClientState& client) const { return program_.steps[client.step]; }

    // Enters the step that follows.
    void next_step(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        const plan::Step& step = program_.steps[++client.step];
        client.deadline_ns = 0;
        switch (step.kind) {
            case plan::StepKind::await_setup:
            case plan::StepKind::hold: client.deadline_ns = now_ns + step.duration_ns; break;
            case plan::StepKind::gate_opened: client.seat = ledger_.take_seat(); break;
            case plan::StepKind::messages: pacer_.begin(client, now_ns, worker_); break;
            case plan::StepKind::gate_settled: ledger_.settled(client); break;
            case plan::StepKind::close: closing_.await_turn(cid); break;
            case plan::StepKind::connect:
            case plan::StepKind::send_setup:
            case plan::StepKind::settle: break;
        }
    }

    [[nodiscard]] bool step_is_done(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        switch (step_of(client).kind) {
            case plan::StepKind::connect: return false;      // read_upgrade() goes on
            case plan::StepKind::await_setup: return false;  // read_setup_answer() does
            case plan::StepKind::close: return false;        // its turn will come
            case plan::StepKind::send_setup: return send_setup(cid);
            case plan::StepKind::gate_opened: return stage_ >= Stage::opened;
            case plan::StepKind::messages: return pacer_.send_due(cid, client, now_ns) == Pace::done;
            case plan::StepKind::settle: return client.book.open() == 0;
            case plan::StepKind::gate_settled: return stage_ >= Stage::settled;
            case plan::StepKind::hold: return now_ns >= client.deadline_ns;
        }
        return false;
    }

    [[nodiscard]] bool send_setup(ConnectionId cid) {
        if (!transport_.commit_ref(cid, program_.setup->block(1))) return false;
        shard_.counters.setup_sent.add();
        return true;
    }

    // Writes what was put off, then executes steps until one has to wait.
    void go_on(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        write_unwritten(cid, client);
        while (client.phase == Phase::open && step_is_done(cid, client, now_ns))
            next_step(cid, client, now_ns);
        arm(cid, client, now_ns);
    }

    void write_unwritten(ConnectionId cid, ClientState& client) {
        bool written = true;
        switch (client.unwritten) {
            case Unwritten::nothing: return;
            case Unwritten::upgrade_request: written = upgrade_.write_request(cid, client.index); break;
            case Unwritten::close_frame: written = closing_.write(cid, client); break;
        }
        if (written) client.unwritten = Unwritten::nothing;
    }

    // --- the stages of the run -------------------------------------------------------------------

    void enter_stage(Stage stage, TimeNs now_ns) {
        stage_ = stage;
        if (stage != Stage::stopping) return table_.list_all();
        ramp_.stop();
        table_.for_each_active([&](ConnectionId cid, ClientState& client) { stop(cid, client, now_ns); });
    }

    // An interrupt: what is in flight stays so, nothing is lost by it.
    void stop(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (client.phase == Phase::connecting || client.phase == Phase::upgrading) {
            --handshakes_;
            return closing_.leave(cid, client, transport::CloseMode::abort);
        }
        if (client.phase != Phase::open) return;
        if (step_of(client).kind == plan::StepKind::messages) pacer_.interrupt(client, now_ns);
        ledger_.settled(client);
        if (step_of(client).kind == plan::StepKind::close) return;  // its turn will come
        while (step_of(client).kind != plan::StepKind::close) ++client.step;
        client.deadline_ns = 0;
        closing_.await_turn(cid);
    }

    // --- time ------------------------------------------------------------------------------------

    // Sees to it that the timer fires at the connection's next deadline, or before; on_timer() looks again.
    void arm(ConnectionId cid, const ClientState& client, TimeNs now_ns) {
        TimeNs next_ns = client.deadline_ns == 0 ? kNever : client.deadline_ns;
        if (client.phase == Phase::open) {
            next_ns = std::min(next_ns, answers_.next_timeout_ns(client));
            const bool sends = step_of(client).kind == plan::StepKind::messages;
            if (sends) next_ns = std::min(next_ns, pacer_.next_wake_ns(client, now_ns));
        }
        table_.wake_by(cid, next_ns);
    }

    void on_timer(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        const bool over = client.deadline_ns != 0 && now_ns >= client.deadline_ns;
        switch (client.phase) {
            case Phase::connecting:
            case Phase::upgrading:
                if (over) return fail(cid, client, stats::ErrorKind::connect_timeout, now_ns);
                break;
            case Phase::open:
                answers_.expire(client, now_ns);
                if (over && step_of(client).kind == plan::StepKind::await_setup) {
                    ledger_.lost(client, stats::ErrorKind::setup_timeout, now_ns);
                    closing_.begin(cid, client, proto::close_code::kNormal, now_ns);
                }
                break;
            case Phase::closing:
                if (over) shard_.counters.error(stats::ErrorKind::close_timeout).add();
                [[fallthrough]];
            case Phase::closed:
                if (over) return closing_.leave(cid, client, transport::CloseMode::abort);
                break;
            case Phase::idle:
            case Phase::leaving: return;
        }
        go_on(cid, client, now_ns);
    }

    // Constant after construction.
    Transport& transport_;
    const plan::Program& program_;
    const RunControl& control_;
    stats::Shard& shard_;
    std::uint32_t worker_;
    // What a connection passes through.
    ClientTable table_;
    Answers answers_;
    Pacer<Transport> pacer_;
    Wire<proto::Role::client, Transport> wire_;
    ClientUpgrade<Transport> upgrade_;
    Ramp ramp_;
    Ledger ledger_;
    ClientClosing<Transport> closing_;
    Stage stage_ = Stage::opening;
    std::uint32_t handshakes_ = 0;  // connecting or upgrading
};

}  // namespace wsblast::session
