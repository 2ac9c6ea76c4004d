// Connections that misbehave on purpose, beside those that are measured: each is opened and upgraded like
// them, then does what is wrong of its kind (plan/misbehaviour.hpp) until the server ends it or the run is
// over. They are counted by how they ended, and in no other figure.
//
// They share ids, wire and timers with the others, in a phase of their own (Phase::misbehaving). One worker
// thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "proto/frame.hpp"
#include "session/client_parts.hpp"
#include "session/ramp.hpp"
#include "stats/misbehaving.hpp"

namespace wsblast::session {

// The ramp of a worker's part of them: they come as fast as the others, in proportion.
[[nodiscard]] inline RampPlan offender_ramp(const plan::Program& program, RampPlan others) {
    const auto offenders = static_cast<double>(program.offenders.size());
    if (others.rate_per_s && others.connections > 0)
        *others.rate_per_s *= offenders / static_cast<double>(others.connections);
    others.connections = program.offenders.size();
    return others;
}

template <class Transport>
class Offenders {
  public:
    Offenders(ClientParts<Transport>& parts, const ClientsInput& input)
        : parts_(parts),
          offenders_(input.program.offenders.empty() ? 1 : parts.table.size()),
          ramp_(offender_ramp(input.program, input.ramp)) {
        if (!input.program.offenders.empty()) write_message();
    }

    [[nodiscard]] bool ok() const { return offenders_.ok(); }
    // No further one will be opened.
    [[nodiscard]] bool all_begun() const { return ramp_.done(); }
    // When open_due() may open one; kNever: not before something changes.
    [[nodiscard]] TimeNs next_due_ns() const {
        return handshakes_ < limits::kBadHandshakesMax ? ramp_.next_due_ns(handshakes_) : kNever;
    }

    void open_due(TimeNs now_ns) {
        if (ramp_.done()) return;
        if (start_ns_ == 0) {
            start_ns_ = parts_.control.start_ns.load(std::memory_order_relaxed);
            ramp_.allow(parts_.program.offenders.size(), start_ns_);
        }
        while (next_due_ns() <= now_ns) {
            ++handshakes_;
            attempt(ramp_.take(), {}, now_ns);
        }
    }

    // --- transport events ------------------------------------------------------------------------

    void on_open(ConnectionId cid, TimeNs now_ns) {
        offenders_[cid].stage = Stage::upgrading;
        act(cid, now_ns);
    }

    void read(ConnectionId cid, ClientState& client, ByteView bytes, TimeNs now_ns) {
        switch (offenders_[cid].stage) {
            case Stage::upgrading: return read_upgrade(cid, client, bytes, now_ns);
            case Stage::open:
            case Stage::last_look: return read_frames(cid, client, bytes, now_ns);
            case Stage::connecting:
            case Stage::redirected:
            case Stage::counted: return;
        }
    }

    // The transport has closed it: its id is free when this returns.
    void on_close(ConnectionId cid, transport::CloseEvent event) {
        const ClientState client = parts_.table[cid];
        const bool goes_on = offenders_[cid].stage == Stage::redirected && client.deadline_ns == 0;
        if (!goes_on) count_end(cid, event);
        const Redirects::Move move = parts_.upgrade.move_of(cid);
        parts_.wire.drop(cid);
        parts_.table.end(cid);
        const auto number = static_cast<std::uint32_t>(client.index - parts_.program.connections_all());
        if (goes_on) attempt(number, move, client.began_ns);
    }

    // --- its turn in a tick ----------------------------------------------------------------------

    // There is room again, or its time has come.
    void act(ConnectionId cid, TimeNs now_ns) {
        ClientState& client = parts_.table[cid];
        Offender& offender = offenders_[cid];
        if (offender.stage == Stage::upgrading && offender.written == 0) {
            offender.written = parts_.upgrade.write_request(cid, client) ? 1 : 0;
        } else if (offender.stage == Stage::open) {
            misbehave(cid, client, now_ns);
        }
    }

    void on_timer(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        Offender& offender = offenders_[cid];
        const bool over = client.deadline_ns != 0 && now_ns >= client.deadline_ns;
        switch (offender.stage) {
            case Stage::connecting:
            case Stage::upgrading:
                if (!over) return parts_.table.wake_by(cid, client.deadline_ns);
                handshake_over(cid, stats::BadEnd::failed);
                return leave(cid, client, transport::CloseMode::abort);
            case Stage::open:
                if (over) return last_look(cid, client, now_ns);
                parts_.table.wake_by(cid, client.deadline_ns == 0 ? kNever : client.deadline_ns);
                return act(cid, now_ns);
            case Stage::last_look:
                if (!over) return parts_.table.wake_by(cid, client.deadline_ns);
                count(cid, stats::BadEnd::open);
                return leave(cid, client, transport::CloseMode::abort);
            case Stage::counted: return parts_.closing.on_timer(cid, client, now_ns);
            case Stage::redirected: return;
        }
    }

    // The others have settled: they stay open as long as those are held, then they end.
    [[nodiscard]] TimeNs hold_ns() const { return parts_.program.hold_ns(); }
    void end(TimeNs end_ns) {
        ramp_.stop();
        parts_.table.for_each_active([&](ConnectionId cid, ClientState& client) {
            if (client.phase != Phase::misbehaving) return;
            client.deadline_ns = std::max<TimeNs>(end_ns, 1);
            parts_.table.wake_by(cid, client.deadline_ns);
        });
    }

  private:
    enum class Stage : std::uint8_t {
        connecting,
        upgrading,
        redirected,  // waits for the transport's close, to go on elsewhere
        open,        // misbehaves
        last_look,   // the run is over: what has become of it?
        counted,     // only waits for the transport's close
    };

    // Of an id that misbehaves; overwritten when it is opened.
    struct Offender {
        plan::Misbehaviour kind;
        Stage stage;
        std::uint32_t written;  // upgrading: the request (1); then bytes of its message, or times it sent
        TimeNs next_ns;         // when it acts again
    };

    // --- the way to the upgrade ------------------------------------------------------------------

    // That began at `began_ns`, at its first place or where it was redirected to.
    void attempt(std::uint32_t number, const Redirects::Move& move, TimeNs began_ns) {
        const auto index = static_cast<std::uint32_t>(parts_.program.connections_all() + number);
        const ConnectionId cid = parts_.transport.open(parts_.upgrade.target_of(index, move));
        parts_.upgrade.begin(cid, move);
        ClientState& client = parts_.table.begin(cid);
        client.phase = Phase::misbehaving;
        client.index = index;
        client.began_ns = began_ns;
        client.deadline_ns = began_ns + parts_.program.connect_timeout_ns;
        offenders_[cid] = {parts_.program.offenders[number], Stage::connecting, 0, 0};
        parts_.table.wake_by(cid, client.deadline_ns);
    }

    void read_upgrade(ConnectionId cid, ClientState& client, ByteView bytes, TimeNs now_ns) {
        const auto answer = parts_.upgrade.read_answer(cid, client.index, bytes);
        if (answer.check.status == proto::UpgradeStatus::need_more) return;
        if (parts_.upgrade.redirects(answer.check) &&
            !parts_.upgrade.redirect(cid, client.index, answer.check.location)) {
            offenders_[cid].stage = Stage::redirected;
            return leave(cid, client, transport::CloseMode::abort);
        }
        if (answer.check.status == proto::UpgradeStatus::rejected) {
            handshake_over(cid, stats::BadEnd::failed);
            return leave(cid, client, transport::CloseMode::abort);
        }
        --handshakes_;
        if (answer.check.deflate) inflate(cid, *answer.check.deflate);
        offenders_[cid].stage = Stage::open;
        offenders_[cid].written = 0;
        client.deadline_ns = 0;
        offenders_[cid].next_ns = now_ns;
        parts_.table.list(cid);
        if (answer.taken < bytes.size()) read_frames(cid, client, bytes.subspan(answer.taken), now_ns);
    }

    // What the server sends is read like that of the others; our own messages stay as they are.
    void inflate(ConnectionId cid, const proto::DeflateTerms& terms) {
        parts_.wire.agree(
            cid, {.window_bits = terms.server_window_bits, .alone = terms.server_no_context_takeover});
    }

    void handshake_over(ConnectionId cid, stats::BadEnd end) {
        --handshakes_;
        count(cid, end);
    }

    // --- what is wrong with it -------------------------------------------------------------------

    void misbehave(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        Offender& offender = offenders_[cid];
        if (now_ns < offender.next_ns) return parts_.table.wake_by(cid, offender.next_ns);
        switch (offender.kind) {
            case plan::Misbehaviour::slow_reader: read_slowly(cid, offender); break;
            case plan::Misbehaviour::half_open:
                pause(cid);
                offender.next_ns = kNever;
                break;
            case plan::Misbehaviour::no_pong: offender.next_ns = kNever; break;
            case plan::Misbehaviour::byte_sender:
                if (send(cid, ByteView(message_).subspan(offender.written % message_.size(), 1)))
                    ++offender.written;
                break;
            case plan::Misbehaviour::oversized: return send_once(cid, offender, oversized());
            case plan::Misbehaviour::invalid_utf8: return send_once(cid, offender, invalid_utf8());
            case plan::Misbehaviour::stall:
                return send_once(cid, offender,
                                 ByteView(message_).first(std::max<std::size_t>(1, message_.size() / 2)));
        }
        if (offender.next_ns != kNever) offender.next_ns = now_ns + limits::kBadSendNs;
        parts_.table.wake_by(
            cid, std::min(offender.next_ns, client.deadline_ns == 0 ? kNever : client.deadline_ns));
    }

    // A message each time, as far as there is room; a look each second.
    void read_slowly(ConnectionId cid, Offender& offender) {
        constexpr auto kTurns = static_cast<std::uint32_t>(limits::kSlowReadNs / limits::kBadSendNs);
        if (offender.written++ % kTurns == kTurns - 1) resume(cid);
        pause(cid);  // at once: what is there now is taken, as far as one receive goes
        (void)send(cid, message_);
    }

    // Then it only waits for what the server does. Without room now it is tried again when there is.
    void send_once(ConnectionId cid, Offender& offender, ByteView bytes) {
        if (send(cid, bytes)) offender.next_ns = kNever;
    }

    [[nodiscard]] bool send(ConnectionId cid, ByteView bytes) {
        const ByteSpan room = parts_.transport.reserve(cid, bytes.size());
        if (room.empty()) return false;
        std::ranges::copy(bytes, room.begin());
        parts_.transport.commit(cid, bytes.size());
        return true;
    }

    // A frame of the run's message, the same for all of them.
    void write_message() {
        const plan::MessageInstance instance{
            plan::Sender::of(parts_.program.seed, parts_.program.connections_all()),
            {static_cast<std::uint32_t>(parts_.program.connections_all()), 1, 0}};
        message_.resize(parts_.program.message.frame_size(instance));
        parts_.program.message.write(message_.data(), instance);
    }

    [[nodiscard]] static ByteView oversized() {
        static const auto kHeader = [] {
            std::array<std::uint8_t, proto::kFrameHeaderMax> bytes{};
            proto::encode_frame_header(bytes, {.opcode = proto::Opcode::binary,
                                               .mask_key = proto::MaskKey{},
                                               .payload_size = limits::kOversizedBytes});
            return bytes;
        }();
        return kHeader;
    }

    [[nodiscard]] static ByteView invalid_utf8() {
        // A lead byte of two, and no continuation behind it.
        static constexpr std::array<std::uint8_t, 2> kText{0xc3, 0x28};
        static const auto kFrame = [] {
            std::array<std::uint8_t, 8> bytes{};  // header, key and text
            proto::encode_frame(bytes, proto::Opcode::text, kText, proto::MaskKey{1, 2, 3, 4});
            return bytes;
        }();
        return kFrame;
    }

    // A transport of memory has no room that a peer could use up.
    void pause(ConnectionId cid) {
        if constexpr (requires { parts_.transport.pause(cid); }) parts_.transport.pause(cid);
    }
    void resume(ConnectionId cid) {
        if constexpr (requires { parts_.transport.resume(cid); }) parts_.transport.resume(cid);
    }

    // --- what the server says --------------------------------------------------------------------

    struct Sink {
        Offenders& offenders;
        ConnectionId cid;
        ClientState& client;
        TimeNs now_ns;

        proto::Flow on_message(proto::Opcode, ByteView) { return proto::Flow::go_on; }
        proto::Flow on_fragment(proto::Opcode, ByteView, proto::FragmentEnd) { return proto::Flow::go_on; }
        proto::Flow on_ping(ByteView payload) {
            offenders.answer_ping(cid, payload);
            return proto::Flow::go_on;
        }
        proto::Flow on_pong(ByteView) { return proto::Flow::go_on; }
        void on_close(proto::CloseFrame close) {
            offenders.on_close_frame(cid, client, close.code, now_ns);
        }
    };

    void read_frames(ConnectionId cid, ClientState& client, ByteView bytes, TimeNs now_ns) {
        Sink sink{*this, cid, client, now_ns};
        const auto result = parts_.wire.read(cid, bytes, sink);
        (void)parts_.wire.take_inflated();  // not to be counted with the others'
        if (result.status == proto::ReadStatus::violation) {
            const bool by_us = result.violation == proto::Violation::no_memory;
            count(cid, by_us ? stats::BadEnd::failed : stats::BadEnd::dropped);
            return leave(cid, client, transport::CloseMode::abort);
        }
    }

    // In the middle of a frame a pong would be taken for its payload.
    void answer_ping(ConnectionId cid, ByteView payload) {
        const plan::Misbehaviour kind = offenders_[cid].kind;
        if (kind != plan::Misbehaviour::no_pong && between_frames(kind))
            parts_.wire.send_pong(cid, payload);
    }
    [[nodiscard]] static bool between_frames(plan::Misbehaviour kind) {
        return kind == plan::Misbehaviour::slow_reader || kind == plan::Misbehaviour::invalid_utf8 ||
               kind == plan::Misbehaviour::no_pong;
    }

    // Who takes no answer is cut off.
    void on_close_frame(ConnectionId cid, ClientState& client, proto::CloseCode code, TimeNs now_ns) {
        count(cid, stats::BadEnd::closed, code);
        if (between_frames(offenders_[cid].kind)) (void)parts_.wire.send_close(cid, {.code = code});
        leave(cid, client, transport::CloseMode::graceful);
        client.deadline_ns = now_ns + limits::kCloseTimeoutNs;
        parts_.table.wake_by(cid, client.deadline_ns);
    }

    // --- the end ---------------------------------------------------------------------------------

    void last_look(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        offenders_[cid].stage = Stage::last_look;
        client.deadline_ns = now_ns + limits::kLastLookNs;
        parts_.table.wake_by(cid, client.deadline_ns);
        resume(cid);
    }

    // One that the transport has closed.
    void count_end(ConnectionId cid, transport::CloseEvent event) {
        switch (offenders_[cid].stage) {
            case Stage::connecting:
            case Stage::upgrading:
            case Stage::redirected: return handshake_over(cid, stats::BadEnd::failed);
            case Stage::open:
            case Stage::last_look:
                return count(cid, event.cause == transport::CloseCause::peer_closed ? stats::BadEnd::dropped
                                                                                    : stats::BadEnd::reset);
            case Stage::counted: return;
        }
    }

    void count(ConnectionId cid, stats::BadEnd end, proto::CloseCode code = 0) {
        if (offenders_[cid].stage == Stage::counted) return;
        offenders_[cid].stage = Stage::counted;
        const auto kind = static_cast<std::uint8_t>(offenders_[cid].kind);
        parts_.shard.bad_ends.count(stats::BadEndKey{kind, end, code}.pack());
    }

    void leave(ConnectionId cid, ClientState& client, transport::CloseMode mode) {
        client.deadline_ns = 0;
        parts_.transport.close(cid, mode);
    }

    ClientParts<Transport>& parts_;
    MappedArray<Offender> offenders_;  // by id; touched where one misbehaves
    Ramp ramp_;
    TimeNs start_ns_ = 0;  // of the ramp; 0: it has not begun
    std::vector<std::uint8_t> message_;
    std::uint32_t handshakes_ = 0;
};

}  // namespace wsblast::session
