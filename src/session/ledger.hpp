// What becomes of connections: each is counted as opened or failed, as settled or lost, and its close
// frames by code. Every connection passes each of these once, so the sums of stats/counters.hpp hold at
// every moment.
//
// One worker thread.
#pragma once

#include <cstdint>

#include "base/units.hpp"
#include "plan/program.hpp"
#include "proto/close_code.hpp"
#include "session/answers.hpp"
#include "session/client_state.hpp"
#include "session/run_control.hpp"
#include "stats/error_kind.hpp"
#include "stats/shard.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

class Ledger {
  public:
    static constexpr std::uint64_t kRampWindow = 1000;  // connections, over all workers

    // `share`: connections that the worker opens in all; `workers` of the run.
    struct Share {
        std::uint64_t connections = 0;
        std::uint32_t workers = 1;
    };
    Ledger(const RunParts& run, Answers& answers, Share share);

    // The first SYN of a connection is about to leave, for the first time.
    void begun();
    // So many handshakes are in flight.
    void note_handshakes(std::uint32_t count) {
        report_.handshakes.set(count);
        report_.handshakes_peak.raise_to(count);
    }
    // The upgrade is done.
    void opened(const ClientState& client, TimeNs now_ns);
    // It will not be. Also settles the connection.
    void failed(ClientState& client, stats::ErrorKind kind, TimeNs now_ns);
    // An open connection that sends came to the gate before the messages: it has a seat in the schedule
    // unless it is lost there.
    void take_seat();
    // One that only receives came to it. It listens until it is settled.
    void listens();
    // Nothing more to send or to await.
    void settled(ClientState& client);
    // An open connection ended: what it still had to do is lost or unsent, and its end an error; where
    // nothing was left to do it is none.
    void lost(ClientState& client, stats::ErrorKind kind, TimeNs now_ns);
    // An open connection ended without a closing handshake. Of one that had settled and was held, a reset
    // is an error still; the end of the stream is none.
    void dropped(ClientState& client, stats::ErrorKind kind, TimeNs now_ns);
    // A close frame began the closing handshake.
    void close_frame(const ClientState& client, proto::CloseCode code, stats::CloseBy by);
    // What a proxy or TLS has to do with the end of a connection.
    void note_end(transport::CloseEvent event);
    // The connection is no longer open.
    void left() { shard_.counters.open.subtract(); }

    // An open connection is closed by us, whatever it was at: what it still had to do is lost or unsent.
    void given_up(ClientState& client, TimeNs now_ns);
    // In a run of rounds, one has come to rest for the first time.
    void prepared() { report_.rounds.preparing.subtract(); }
    // One that took part in a round is done with it.
    void round_done(const ClientState& client) {
        if (plays(client)) report_.rounds.end_playing();
    }

  private:
    void note_ramp(TimeNs now_ns);
    [[nodiscard]] bool is_listener(const ClientState& client) const {
        return client.index >= program_.connections;
    }
    [[nodiscard]] bool plays(const ClientState& client) const;
    void leave_rounds(const ClientState& client);
    [[nodiscard]] bool passed_gate(const ClientState& client) const;
    [[nodiscard]] bool nothing_left(const ClientState& client) const;
    [[nodiscard]] stats::ClosePhase phase_of(const ClientState& client) const;

    const plan::Program& program_;
    Answers& answers_;
    stats::Shard& shard_;
    WorkerReport& report_;
    std::uint64_t share_;
    std::uint64_t window_;
    std::uint64_t decided_ = 0;  // opened or failed
    bool has_start_gate_;
};

}  // namespace wsblast::session
