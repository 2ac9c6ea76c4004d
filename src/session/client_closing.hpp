// The end of a client connection: the closing handshake, whoever begins it (RFC 6455 7), and the ways
// around it.
//
//     open -> closing (our frame) -> closed (both frames) -> leaving
//
// The server closes TCP (7.1.1); who does not do it within limits::kCloseTimeoutNs is cut off. One worker
// thread.
#pragma once

#include <cstdint>

#include "base/limits.hpp"
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
        : transport_(transport), wire_(wire), ledger_(ledger), table_(table) {}

    // We begin. The connection is open.
    void begin(ConnectionId cid, ClientState& client, proto::CloseCode code, TimeNs now_ns) {
        ledger_.close_frame(client, code, stats::CloseBy::us);
        send_frame(cid, client, code, now_ns);
    }

    // The peer's close frame came: it begins, or it answers ours.
    void on_frame(ConnectionId cid, ClientState& client, proto::CloseCode code, TimeNs now_ns) {
        if (client.phase == Phase::open) {
            ledger_.close_frame(client, code, stats::CloseBy::peer);
            ledger_.lost(client, stats::ErrorKind::closed_by_peer, now_ns);
            send_frame(cid, client, code, now_ns);
        }
        if (client.phase == Phase::closing) client.phase = Phase::closed;
    }

    // The peer broke the protocol: nothing more is read, and no answer to our frame is awaited (7.1.7).
    void break_off(ConnectionId cid, ClientState& client, proto::Violation violation, TimeNs now_ns) {
        if (client.phase == Phase::open) {
            ledger_.lost(client, broken_protocol(violation), now_ns);
            begin(cid, client, proto::close_code_for(violation), now_ns);
        }
        leave(cid, client, transport::CloseMode::graceful);
    }

    // Writes the close frame that found no room before. False: there is none now either.
    [[nodiscard]] bool write(ConnectionId cid, const ClientState& client) {
        return wire_.send_close(cid, client.close_code);
    }

    // Without another word.
    void leave(ConnectionId cid, ClientState& client, transport::CloseMode mode) {
        client.phase = Phase::leaving;
        client.unwritten = Unwritten::nothing;
        transport_.close(cid, mode);
    }

  private:
    void send_frame(ConnectionId cid, ClientState& client, proto::CloseCode code, TimeNs now_ns) {
        ledger_.left();
        client.phase = Phase::closing;
        client.close_code = code;
        client.unwritten = write(cid, client) ? Unwritten::nothing : Unwritten::close_frame;
        client.deadline_ns = now_ns + limits::kCloseTimeoutNs;
        table_.wake_by(cid, client.deadline_ns);
    }

    Transport& transport_;
    ClientWire& wire_;
    Ledger& ledger_;
    ClientTable& table_;
};

}  // namespace wsblast::session
