// What a client connection passes through, in the order of its life: the upgrade, the wire, its messages
// and answers, the closing handshake. Made once a worker; what its user does (users.hpp) and what it reads
// (client_inbox.hpp) work on the same parts.
#pragma once

#include <cstdint>
#include <span>

#include "base/clock.hpp"
#include "base/prng.hpp"
#include "plan/program.hpp"
#include "session/answers.hpp"
#include "session/client_closing.hpp"
#include "session/client_table.hpp"
#include "session/client_upgrade.hpp"
#include "session/deflations.hpp"
#include "session/fan_out_board.hpp"
#include "session/ledger.hpp"
#include "session/memory_budget.hpp"
#include "session/pings.hpp"
#include "session/ramp.hpp"
#include "session/run_control.hpp"
#include "session/stalls.hpp"
#include "session/wire.hpp"
#include "stats/shard.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

struct UsersInput;  // session/user_parts.hpp

// Everything lives longer than the clients.
struct ClientsInput {
    const plan::Program& program;
    std::span<const ClientTarget> targets;
    RampPlan ramp;
    const RunControl& control;
    WorkerReport& report;
    stats::Shard& shard;
    stats::Shard& warm;
    FanOutBoard* board = nullptr;     // there when some connections listen
    TimeNs now_ns = monotonic_now();  // of the transport's clock: no earlier time will be passed in
    const RedirectRules* redirects = nullptr;  // there when they are followed
    const UsersInput* users = nullptr;         // there when virtual users lead the connections

    [[nodiscard]] RunParts run() const { return {program, control, report, shard, warm}; }
};

template <class Transport>
struct ClientParts {
    ClientParts(Transport& of_transport, const ClientsInput& input)
        : transport(of_transport),
          program(input.program),
          control(input.control),
          report(input.report),
          shard(input.shard),
          worker(input.ramp.worker),
          deflate_memory(program.deflate_bytes_max),
          table(transport.capacity(), input.now_ns),
          answers(input.run()),
          wire(transport, transport.capacity(), draw(program.seed, Stream::mask_key, 2 + worker),
               program.message_size_max),
          deflations(transport.capacity(), deflate_memory),
          upgrade(transport, wire, {input.targets, input.redirects, program.seed}),
          ledger(input.run(), answers, {Ramp(input.ramp).share(), input.ramp.workers}),
          closing(transport, wire, ledger, table),
          pings(wire, program, input.shard, transport.capacity()),
          stalls(transport, program) {
        wire.bound_inflaters(deflate_memory);
    }
    ClientParts(const ClientParts&) = delete;
    ClientParts& operator=(const ClientParts&) = delete;

    [[nodiscard]] bool ok() const {
        return answers.ok() && wire.ok() && deflations.ok() && upgrade.ok() && table.ok() && closing.ok() &&
               pings.ok() && stalls.ok();
    }

    // Messages may be compressed, ours and theirs. False: there is no memory for it, and nothing has
    // changed. Where they stand alone those of the program were compressed before, and those of users were
    // not.
    [[nodiscard]] bool agree(ConnectionId cid, ClientState& client, const proto::DeflateTerms& terms) {
        const DeflateManner manner{terms.client_window_bits, terms.client_no_context_takeover};
        const bool led = program.lead == plan::Lead::users;
        if ((led || !manner.alone) && !deflations.agree(cid, manner)) return false;
        client.sender.deflate_bits = manner.window_bits;
        client.sender.takes_over = !manner.alone;
        wire.agree(cid,
                   {.window_bits = terms.server_window_bits, .alone = terms.server_no_context_takeover});
        shard.counters.compressed_connections.add();
        return true;
    }

    // The connection is gone.
    void forget(ConnectionId cid) {
        wire.drop(cid);
        deflations.drop(cid);
        stalls.over(cid);
        table.end(cid);
    }

    // Whether the connection waits for a round.
    [[nodiscard]] bool rests(const ClientState& client) const {
        return client.phase == Phase::open && client.doing == plan::ActionKind::next_round;
    }

    // Whether TCP is asked about this connection: some of them, spread over the run.
    [[nodiscard]] bool sampled(const ClientState& client) const {
        return client.index % (program.connections_all() / limits::kTcpSampleMax + 1) == 0;
    }

    // Constant.
    Transport& transport;
    const plan::Program& program;
    const RunControl& control;
    WorkerReport& report;
    stats::Shard& shard;
    std::uint32_t worker;
    MemoryBudget deflate_memory;
    // Of all connections.
    ClientTable table;
    Answers answers;
    Wire<proto::Role::client, Transport> wire;
    Deflations deflations;
    ClientUpgrade<Transport> upgrade;
    Ledger ledger;
    ClientClosing<Transport> closing;
    Pings<Transport> pings;
    Stalls<Transport> stalls;
};

}  // namespace wsblast::session
