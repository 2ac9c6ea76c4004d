#include "session/ledger.hpp"

#include <algorithm>

#include "base/clock.hpp"

namespace wsblast::session {

namespace {

using plan::ActionKind;

// Before the gates and the messages.
bool prepares(ActionKind doing) {
    return doing == ActionKind::connect || doing == ActionKind::send_setup ||
           doing == ActionKind::await_setup;
}

}  // namespace

Ledger::Ledger(const RunParts& run, Answers& answers, Share share)
    : program_(run.program),
      answers_(answers),
      shard_(run.shard),
      report_(run.report),
      share_(share.connections),
      window_(std::max<std::uint64_t>(1, std::min(kRampWindow / share.workers, share.connections / 2))),
      has_start_gate_(program_.has_start_gate()) {}

void Ledger::begun() {
    if (report_.ramp_cpu_ns[0].get() == 0) report_.ramp_cpu_ns[0].set(thread_cpu_now());
}

// The CPU clock is read four times in a run: around the first and the last window of connections.
void Ledger::note_ramp(TimeNs now_ns) {
    ++decided_;
    if (decided_ == window_) report_.ramp_cpu_ns[1].set(thread_cpu_now());
    if (decided_ == share_ - std::min(share_, window_)) report_.ramp_cpu_ns[2].set(thread_cpu_now());
    if (decided_ != share_) return;
    report_.ramp_cpu_ns[3].set(thread_cpu_now());
    report_.ramp_end_ns.set(now_ns);
}

void Ledger::opened(const ClientState& client, TimeNs now_ns) {
    const TimeNs total_ns = now_ns - client.began_ns;
    shard_.connect_upgrade.record(total_ns - std::min<TimeNs>(client.reached_us * kMicrosecond, total_ns));
    shard_.connect_total.record(total_ns);
    shard_.counters.attempted.add();
    shard_.counters.successful.add();
    shard_.counters.open.add();
    shard_.counters.open_peak.raise_to(shard_.counters.open.get());
    if (program_.rounds()) report_.rounds.preparing.add();
    note_ramp(now_ns);
}

void Ledger::failed(ClientState& client, stats::ErrorKind kind, TimeNs now_ns) {
    shard_.counters.attempted.add();
    shard_.counters.failed.add();
    shard_.counters.error(kind).add();
    report_.at_gate.add();
    note_ramp(now_ns);
    settled(client);
}

void Ledger::note_end(transport::CloseEvent event) {
    using transport::CloseCause;
    const auto count_fault = [&](stats::TlsFaultKind kind, int code) {
        shard_.tls_faults.count(stats::TlsFaultKey{kind, static_cast<std::uint8_t>(code)}.pack());
    };
    switch (event.cause) {
        case CloseCause::tls_alert: return count_fault(stats::TlsFaultKind::alert, event.error);
        case CloseCause::tls_untrusted:
        case CloseCause::tls_expired:
        case CloseCause::tls_wrong_name: return count_fault(stats::TlsFaultKind::certificate, event.error);
        case CloseCause::peer_closed:
            if (event.error == transport::kNoCloseNotify) count_fault(stats::TlsFaultKind::truncation, 0);
            return;
        case CloseCause::proxy_refused:
        case CloseCause::proxy_login:
            if (event.error > 0) shard_.proxy_answers.count(static_cast<std::uint32_t>(event.error));
            return;
        case CloseCause::local:
        case CloseCause::reset:
        case CloseCause::refused:
        case CloseCause::no_such_socket:
        case CloseCause::not_permitted:
        case CloseCause::unreachable:
        case CloseCause::timed_out:
        case CloseCause::no_source_port:
        case CloseCause::no_memory:
        case CloseCause::socket_error:
        case CloseCause::proxy_broken:
        case CloseCause::tls_missing:
        case CloseCause::tls_broken: return;
    }
}

void Ledger::take_seat() {
    report_.seats.add();
    report_.at_gate.add();
}

void Ledger::listens() {
    report_.at_gate.add();
    report_.listening.add();
}

void Ledger::settled(ClientState& client) {
    if (client.settled == Settled::yes) return;
    if (is_listener(client) && passed_gate(client)) report_.listening.subtract();
    client.settled = Settled::yes;
    shard_.counters.settled.add();
}

// It has come to the start gate, or there is none.
bool Ledger::passed_gate(const ClientState& client) const {
    return !has_start_gate_ || !prepares(client.doing);
}

// It has begun with the round, and has not come to rest again.
bool Ledger::plays(const ClientState& client) const {
    return program_.rounds() &&
           (client.doing == ActionKind::messages || client.doing == ActionKind::settle);
}

// The last answer may have come in the same burst as the end, before its user could take note of it. Where
// another round may follow, something always is.
bool Ledger::nothing_left(const ClientState& client) const {
    const bool sends = !prepares(client.doing) && client.doing != ActionKind::gate_opened;
    return sends && !program_.rounds() && !is_listener(client) && client.sent >= client.planned &&
           client.book.open() == 0;
}

void Ledger::lost(ClientState& client, stats::ErrorKind kind, TimeNs now_ns) {
    if (client.settled == Settled::yes || nothing_left(client)) return settled(client);
    shard_.counters.error(kind).add();
    if (!passed_gate(client)) {
        report_.at_gate.add();
    } else if (client.doing == ActionKind::gate_opened && !is_listener(client)) {
        report_.seats.subtract();
    }
    if (client.doing == ActionKind::next_round) report_.rounds.lost_at_rest.add();
    if (!is_listener(client)) answers_.give_up(client, now_ns);
    settled(client);
    leave_rounds(client);
}

void Ledger::leave_rounds(const ClientState& client) {
    if (program_.rounds() && prepares(client.doing)) prepared();
    round_done(client);
}

void Ledger::given_up(ClientState& client, TimeNs now_ns) {
    answers_.give_up(client, now_ns);
    settled(client);
    leave_rounds(client);
}

void Ledger::dropped(ClientState& client, stats::ErrorKind kind, TimeNs now_ns) {
    if (kind == stats::ErrorKind::closed_by_peer) {
        close_frame(client, proto::close_code::kAbnormal, stats::CloseBy::peer);
    } else if (client.settled == Settled::yes) {
        shard_.counters.error(kind).add();
    }
    lost(client, kind, now_ns);
}

stats::ClosePhase Ledger::phase_of(const ClientState& client) const {
    switch (client.doing) {
        case ActionKind::send_setup:
        case ActionKind::await_setup: return stats::ClosePhase::setup;
        case ActionKind::next_round:
        case ActionKind::hold: return stats::ClosePhase::hold;
        case ActionKind::connect:
        case ActionKind::send:
        case ActionKind::await:
        case ActionKind::think:
        case ActionKind::loop:
        case ActionKind::repeat:
        case ActionKind::call:
        case ActionKind::log:
        case ActionKind::stream:
        case ActionKind::close:
        case ActionKind::end:
        case ActionKind::gate_opened:
        case ActionKind::messages:
        case ActionKind::settle:
        case ActionKind::listen:
        case ActionKind::gate_settled: return stats::ClosePhase::open;
    }
    return stats::ClosePhase::open;
}

void Ledger::close_frame(const ClientState& client, proto::CloseCode code, stats::CloseBy by) {
    shard_.closes.count(stats::CloseKey{code, by, phase_of(client)}.pack());
    if (by == stats::CloseBy::peer) shard_.counters.closed_by_peer.add();
}

}  // namespace wsblast::session
