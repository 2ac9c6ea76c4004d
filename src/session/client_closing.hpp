// The end of a client connection: the closing handshake, whoever begins it (RFC 6455 7), and the ways
// around it.
//
//     open -> closing (our frame) -> closed (both frames) -> leaving
//
// The server closes TCP (7.1.1); who does not do it within limits::kCloseTimeoutNs is cut off, and so is
// who does not even take our close frame. One worker thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "proto/close_code.hpp"
#include "session/client_state.hpp"
#include "session/client_table.hpp"
#include "session/failures.hpp"
#include "session/ledger.hpp"
#include "session/wire.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

template <class Transport>
class ClientClosing {
  public:
    using ClientWire = Wire<proto::Role::client, Transport>;

    ClientClosing(Transport& transport, ClientWire& wire, Ledger& ledger, ClientTable& table)
        : transport_(transport), wire_(wire), ledger_(ledger), table_(table), turns_(table.size()) {}

    [[nodiscard]] bool ok() const { return turns_.ok(); }

    // --- at the end of a run all close, and not in one burst -------------------------------------

    // Its user has come to its end. Once for each; no connection is opened after that.
    void await_turn(ConnectionId cid) { turns_[turns_waiting_++] = cid; }

    // Those whose turn it is begin with that frame, as many as may be closing at the same time. Its reason
    // is given to write() again where it found no room.
    void take_turns(const proto::CloseFrame& farewell, TimeNs now_ns) {
        while (turns_taken_ < turns_waiting_ && has_room()) {
            const ConnectionId cid = turns_[turns_taken_++];
            if (table_[cid].phase != Phase::open) continue;
            ledger_.close_frame(table_[cid], farewell.code, stats::CloseBy::us);
            send_frame(cid, table_[cid], farewell, now_ns);
        }
    }

    // Whether one more may be closing.
    [[nodiscard]] bool has_room() const { return in_flight_ < limits::kClosesMax; }

    // The connection is gone.
    void gone(const ClientState& client) {
        if (client.close_code != 0) --in_flight_;
    }

    // --- one connection --------------------------------------------------------------------------

    // We begin. The connection is open.
    void begin(ConnectionId cid, ClientState& client, proto::CloseCode code, TimeNs now_ns) {
        ledger_.close_frame(client, code, stats::CloseBy::us);
        send_frame(cid, client, {.code = code}, now_ns);
    }

    // The same with a reason, which is left out where there is no room for it now.
    void begin(ConnectionId cid, ClientState& client, const proto::CloseFrame& close, TimeNs now_ns) {
        ledger_.close_frame(client, close.code, stats::CloseBy::us);
        send_frame(cid, client, close, now_ns);
        if (client.unwritten == Unwritten::farewell) client.unwritten = Unwritten::close_frame;
    }

    // The peer's close frame came: it begins, or it answers ours.
    void on_frame(ConnectionId cid, ClientState& client, proto::CloseCode code, TimeNs now_ns) {
        if (client.phase == Phase::open) {
            ledger_.close_frame(client, code, stats::CloseBy::peer);
            ledger_.lost(client, stats::ErrorKind::closed_by_peer, now_ns);
            send_frame(cid, client, {.code = code}, now_ns);
        }
        if (client.phase == Phase::closing) client.phase = Phase::closed;
    }

    // The peer broke the protocol: nothing more is read, and no answer to our frame is awaited (7.1.7). A
    // peer that does not read keeps it from leaving: then on_timer() cuts it off.
    void break_off(ConnectionId cid, ClientState& client, proto::Violation violation, TimeNs now_ns) {
        if (client.phase == Phase::open) {
            ledger_.lost(client, broken_protocol(violation), now_ns);
            begin(cid, client, proto::close_code_for(violation), now_ns);
        }
        leave(cid, client, transport::CloseMode::graceful);
    }

    // Writes the close frame that found no room before. False: there is none now either.
    [[nodiscard]] bool write(ConnectionId cid, const ClientState& client, std::string_view reason = {}) {
        return wire_.send_close(cid, {.code = client.close_code, .reason = reason});
    }

    // The timer of a leaving one fired: what has not left by its deadline is dropped.
    void on_timer(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (client.deadline_ns == 0) return;
        if (now_ns < client.deadline_ns) return table_.wake_by(cid, client.deadline_ns);
        client.deadline_ns = 0;
        transport_.close(cid, transport::CloseMode::reset);
    }

    // Without another word.
    void leave(ConnectionId cid, ClientState& client, transport::CloseMode mode) {
        client.phase = Phase::leaving;
        client.unwritten = Unwritten::nothing;
        transport_.close(cid, mode);
    }

  private:
    void send_frame(ConnectionId cid, ClientState& client, const proto::CloseFrame& close, TimeNs now_ns) {
        ledger_.left();
        ++in_flight_;
        client.phase = Phase::closing;
        client.close_code = close.code;
        const Unwritten put_off = close.reason.empty() ? Unwritten::close_frame : Unwritten::farewell;
        client.unwritten = write(cid, client, close.reason) ? Unwritten::nothing : put_off;
        client.deadline_ns = now_ns + limits::kCloseTimeoutNs;
        table_.wake_by(cid, client.deadline_ns);
    }

    Transport& transport_;
    ClientWire& wire_;
    Ledger& ledger_;
    ClientTable& table_;
    MappedArray<ConnectionId> turns_;  // in the order in which they came
    std::uint32_t turns_waiting_ = 0;
    std::uint32_t turns_taken_ = 0;
    std::uint32_t in_flight_ = 0;  // closing, and not gone
};

}  // namespace wsblast::session
