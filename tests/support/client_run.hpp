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
#include "session/clients.hpp"
#include "tests/support/scripted_server.hpp"
#include "transport/memory_transport.hpp"

namespace wsblast::test {

class ClientRun {
  public:
    using Memory = transport::MemoryTransport;

    explicit ClientRun(const plan::RunOptions& options, std::optional<transport::MemoryFaults> faults = {})
        : ClientRun(compile(options), options, faults) {}

    ClientRun(plan::Program program, const plan::RunOptions& options,
              std::optional<transport::MemoryFaults> faults)
        : program_(std::move(program)),
          network_({.faults = faults}),
          client_transport_(network_, transport::Side::client, connections_of(program_)),
          server_transport_(network_, transport::Side::server, connections_of(program_)),
          server(server_transport_, network_),
          began_ns(network_.now_ns()) {
        const auto request = proto::UpgradeRequest::build({.host = "test.example", .path = "/ws"});
        targets_.push_back({*request, {}});
        control_.start_ns.store(began_ns);
        control_.first_seat.resize(2);
        report.first_due_ns.set(kNever);
        const session::RampPlan ramp{.connections = program_.connections_all(),
                                     .rate_per_s = options.connect_rate_per_s};
        if (program_.listeners > 0) board_.emplace(program_, 1);
        clients_ = std::make_unique<session::Clients<Memory>>(
            client_transport_, session::ClientsInput{program_, targets_, ramp, control_, report, shard,
                                                     warm, board(), began_ns});
        REQUIRE(clients_->ok());
    }

    // Runs to the end, and checks the sums that hold at every end.
    void finish() {
        run_until(kNever);
        INFO("the run does not come to an end, at " << elapsed_ns() << " ns");
        REQUIRE(clients_->finished());
        server_transport_.poll(server, {});
        check_sums();
    }

    // Stops when virtual time has come to `elapsed_ns` after the start, or at the end.
    void run_until(TimeNs elapsed_ns) {
        constexpr std::uint64_t kStepsMax = 2'000'000;
        for (std::uint64_t step = 0; step < kStepsMax && !clients_->finished(); ++step) {
            const TimeNs next_ns = do_tick();
            if (next_ns == kNever) return;
            if (elapsed_ns != kNever && next_ns > began_ns + elapsed_ns) {
                return network_.advance_to(std::max(network_.now_ns(), began_ns + elapsed_ns));
            }
            network_.advance_to(std::max(next_ns, network_.now_ns()));
        }
    }

    // One tick, whatever is due then: what it leaves waits for the next one.
    void tick() { (void)do_tick(); }
    // The generator comes late: nothing is looked at until that time has passed.
    void oversleep(TimeNs duration_ns) { network_.advance_to(network_.now_ns() + duration_ns); }
    void interrupt() { control_.raise(session::Stage::stopping); }
    void refuse_connections() { server_transport_.stop_listening(); }

    [[nodiscard]] TimeNs elapsed_ns() const { return network_.now_ns() - began_ns; }
    // Null without listeners.
    [[nodiscard]] session::FanOutBoard* board() { return board_ ? &*board_ : nullptr; }
    [[nodiscard]] bool finished() const { return clients_->finished(); }
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
    void check_sums() const {
        const stats::CounterValues sum = counters();
        std::uint64_t before_upgrade = 0;
        std::uint64_t of_messages = 0;
        for (std::size_t i = 0; i < stats::kErrorKinds; ++i) {
            const stats::ErrorInfo& info = stats::info(static_cast<stats::ErrorKind>(i));
            if (info.scope == stats::ErrorScope::message) {
                of_messages += sum.errors[i];
            } else if (info.phase == stats::ErrorPhase::before_upgrade) {
                before_upgrade += sum.errors[i];
            }
        }
        CHECK(sum.attempted == sum.successful + sum.failed);
        CHECK(before_upgrade == sum.failed);
        CHECK(of_messages == sum.lost);
        CHECK(sum.open == 0);
        CHECK(sum.sent == shard.send_lag.snapshot().count());
        CHECK(sum.received + sum.censored == shard.latency.snapshot().count());
        CHECK(sum.received + sum.censored == shard.service_time.snapshot().count());
        CHECK(sum.setup_answered <= sum.setup_sent);
        if (control_.current() == session::Stage::stopping) {
            CHECK(sum.sent >= sum.received + sum.lost);
        } else {
            CHECK(sum.attempted == program_.connections_all());
            CHECK(sum.settled == program_.connections_all());
            CHECK(report.listening.get() == 0);
            const std::uint64_t awaited = program_.matching == plan::Matching::none ? 0 : sum.sent;
            CHECK(awaited == sum.received + sum.lost);
            if (program_.schedule.duration_ns == kNever && program_.listeners == 0) {
                CHECK(sum.due == sum.successful * program_.schedule.messages);
            }
        }
    }

  private:
    static plan::Program compile(const plan::RunOptions& options) {
        auto program = plan::compile(options, options.seed.value_or(1));
        REQUIRE(program.ok());
        return std::move(*program);
    }

    static std::uint32_t connections_of(const plan::Program& program) {
        return static_cast<std::uint32_t>(program.connections_all());
    }

    // One tick of everything; returns when something happens next.
    TimeNs do_tick() {
        const transport::PollWait wait = clients_->tick(network_.now_ns());
        server.tick();
        bool busy = has_work();
        server_transport_.poll(server, {});
        busy = busy || has_work();
        client_transport_.poll(*clients_, wait);
        lead();
        if (busy || has_work()) return network_.now_ns();
        return std::min({wait.until_ns, network_.next_arrival_ns(), server.next_action_ns(), raised_ns_});
    }

    [[nodiscard]] bool has_work() const {
        return client_transport_.has_deferred_work() || server_transport_.has_deferred_work() ||
               network_.next_arrival_ns() <= network_.now_ns();
    }

    // The part of the coordinator.
    void lead() {
        raised_ns_ = kNever;
        if (program_.round_step != 0) return;  // the test leads
        const session::Stage stage = control_.current();
        const bool gate = program_.schedule.pacing == plan::Pacing::rate ||
                          program_.schedule.warmup_ns > 0 || program_.listeners > 0;
        if (gate && stage == session::Stage::opening &&
            report.at_gate.get() >= program_.connections_all()) {
            seats = report.seats.get();
            control_.seats.store(std::max<std::uint64_t>(1, seats));
            control_.first_seat.back() = seats;
            control_.gate_ns.store(network_.now_ns());
            control_.measured_from_ns.store(network_.now_ns() + program_.schedule.warmup_ns);
            gate_ns = network_.now_ns();
            raise(session::Stage::opened);
        } else if (stage < session::Stage::settled && all_settled()) {
            settled_ns = network_.now_ns();
            raise(session::Stage::settled);
        }
    }

    // With listeners: when what was sent has had its time to come to them.
    bool all_settled() {
        if (shard.counters.settled.get() + report.listening.get() < program_.connections_all())
            return false;
        if (program_.listeners == 0) return true;
        if (senders_settled_ns == 0) senders_settled_ns = network_.now_ns();
        raised_ns_ = senders_settled_ns + program_.answer_timeout_ns;
        return network_.now_ns() >= raised_ns_;
    }

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

}  // namespace wsblast::test
