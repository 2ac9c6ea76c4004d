// A whole run of session::Clients against a ScriptedServer in virtual time: what the coordinator, the
// worker and the kernel do elsewhere, deterministically and in one thread.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "plan/program.hpp"
#include "session/client_upgrade.hpp"
#include "session/fan_out_board.hpp"
#include "session/run_control.hpp"
#include "stats/shard.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/times.hpp"
#include "transport/memory_transport.hpp"

namespace wsblast::session {
template <class Transport>
class Clients;
}  // namespace wsblast::session

namespace wsblast::test {

// What it needs of Clients is compiled once, in client_run.cpp: that takes g++ longer than a test does.
class ClientRun {
  public:
    using Memory = transport::MemoryTransport;

    explicit ClientRun(const plan::RunOptions& options, std::optional<transport::MemoryFaults> faults = {})
        : ClientRun(compile(options), options, faults) {}

    ClientRun(plan::Program program, const plan::RunOptions& options,
              std::optional<transport::MemoryFaults> faults);
    ~ClientRun();
    ClientRun(const ClientRun&) = delete;
    ClientRun& operator=(const ClientRun&) = delete;

    // Runs to the end, and checks the sums that hold at every end.
    void finish();

    // Stops when virtual time has come to `elapsed_ns` after the start, or at the end.
    void run_until(TimeNs elapsed_ns);

    // One tick, whatever is due then: what it leaves waits for the next one.
    void tick() { (void)do_tick(); }
    // The generator comes late: nothing is looked at until that time has passed.
    void oversleep(TimeNs duration_ns) { network_.advance_to(network_.now_ns() + duration_ns); }
    void interrupt() { control_.raise(session::Stage::stopping); }
    // The server takes nothing more of it, whatever it says.
    void stop_reading(transport::ConnectionId cid) { client_transport_.close_window(cid); }
    void refuse_connections() { server_transport_.stop_listening(); }

    [[nodiscard]] TimeNs elapsed_ns() const { return network_.now_ns() - began_ns; }
    // Null without listeners.
    [[nodiscard]] session::FanOutBoard* board() { return board_ ? &*board_ : nullptr; }
    [[nodiscard]] bool finished() const;
    [[nodiscard]] session::RunControl& control() { return control_; }
    [[nodiscard]] plan::Program& program() { return program_; }
    [[nodiscard]] TimeNs now_ns() const { return network_.now_ns(); }
    [[nodiscard]] std::uint64_t error(stats::ErrorKind kind) const {
        return shard.counters.error(kind).get();
    }
    [[nodiscard]] stats::CounterValues counters() const {
        stats::CounterValues values;
        stats::add(values, shard.counters);
        values.due = values.sent + values.unsent;
        return values;
    }
    [[nodiscard]] std::uint64_t closes(std::uint16_t code, stats::CloseBy by,
                                       stats::ClosePhase phase) const {
        stats::KeyCountValues closes;
        shard.closes.add_to(closes);
        return closes[stats::CloseKey{code, by, phase}.pack()];
    }

    // The rules of stats/counters.hpp.
    void check_sums() const;

  private:
    static plan::Program compile(const plan::RunOptions& options) {
        auto program = plan::compile(options, options.seed.value_or(1));
        REQUIRE(program.ok());
        return std::move(*program);
    }

    static std::uint32_t connections_of(const plan::Program& program) {
        return static_cast<std::uint32_t>(program.connections_all() + program.offenders.size());
    }

    // One tick of everything; returns when something happens next.
    TimeNs do_tick();

    [[nodiscard]] bool has_work() const;

    // The part of the coordinator.
    void lead();

    // With listeners: when what was sent has had its time to come to them.
    bool all_settled();

    void raise(session::Stage stage) {
        control_.raise(stage);
        raised_ns_ = network_.now_ns();
    }

    plan::Program program_;
    transport::MemoryNetwork network_;
    Memory client_transport_;
    Memory server_transport_;
    std::vector<session::ClientTarget> targets_;
    session::RunControl control_;
    std::optional<session::FanOutBoard> board_;
    std::unique_ptr<session::Clients<Memory>> clients_;
    TimeNs raised_ns_ = kNever;

  public:
    ScriptedServer server;
    session::WorkerReport report;
    stats::Shard shard;
    stats::Shard warm;  // of the warm-up
    TimeNs began_ns;
    TimeNs gate_ns = 0;             // T0, where there is a gate
    std::uint64_t seats = 0;        // of those that were open then
    TimeNs settled_ns = 0;          // when all were settled
    TimeNs senders_settled_ns = 0;  // with listeners: those that send
};

// Echoed padding: 4 connections with 5 messages each, 10 ms apart.
inline plan::RunOptions echo_options() {
    plan::RunOptions options;
    options.connections = 4;
    options.messages = 5;
    options.message_kind = plan::MessageKind::padding;
    options.message_size = 20;
    return options;
}

inline plan::RunOptions echo_options(std::uint32_t connections) {
    plan::RunOptions options = echo_options();
    options.connections = connections;
    return options;
}

}  // namespace wsblast::test
