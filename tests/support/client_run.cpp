#include "tests/support/client_run.hpp"

#include "session/clients.hpp"

namespace wsblast::test {

ClientRun::ClientRun(plan::Program program, const plan::RunOptions& options,
                     std::optional<transport::MemoryFaults> faults)
    : program_(std::move(program)),
      network_({.faults = faults}),
      client_transport_(network_, transport::Side::client, connections_of(program_)),
      server_transport_(network_, transport::Side::server, connections_of(program_)),
      server(server_transport_, network_),
      began_ns(network_.now_ns()) {
    proto::UpgradeOptions upgrade{.host = "test.example", .path = "/ws"};
    upgrade.deflate = options.message.deflate;
    for (const plan::Header& header : options.headers)
        upgrade.headers.push_back(header.name + ": " + header.value);
    targets_.push_back({*proto::UpgradeRequest::build(upgrade), {}, options.message.deflate});
    control_.start_ns.store(began_ns);
    control_.first_seat.resize(2);
    report.first_due_ns.set(kNever);
    const session::RampPlan ramp{.connections = program_.connections_all(),
                                 .rate_per_s = options.connect_rate_per_s};
    if (program_.listeners > 0) board_.emplace(program_, 1);
    clients_ = std::make_unique<session::Clients<Memory>>(
        client_transport_,
        session::ClientsInput{program_, targets_, ramp, control_, report, shard, warm, board(), began_ns});
    REQUIRE(clients_->ok());
}

ClientRun::~ClientRun() = default;

void ClientRun::finish() {
    run_until(kNever);
    INFO("the run does not come to an end, at " << elapsed_ns() << " ns");
    REQUIRE(clients_->finished());
    server_transport_.poll(server, {});
    check_sums();
}

void ClientRun::run_until(TimeNs elapsed_ns) {
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

bool ClientRun::finished() const {
    return clients_->finished();
}

void ClientRun::check_sums() const {
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

TimeNs ClientRun::do_tick() {
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

bool ClientRun::has_work() const {
    return client_transport_.has_deferred_work() || server_transport_.has_deferred_work() ||
           network_.next_arrival_ns() <= network_.now_ns();
}

void ClientRun::lead() {
    raised_ns_ = kNever;
    if (program_.rounds()) return;  // the test leads
    const session::Stage stage = control_.current();
    const bool gate = program_.schedule.pacing == plan::Pacing::rate || program_.schedule.warmup_ns > 0 ||
                      program_.listeners > 0;
    if (gate && stage == session::Stage::opening && report.at_gate.get() >= program_.connections_all()) {
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

bool ClientRun::all_settled() {
    if (shard.counters.settled.get() + report.listening.get() < program_.connections_all()) return false;
    if (program_.listeners == 0) return true;
    if (senders_settled_ns == 0) senders_settled_ns = network_.now_ns();
    raised_ns_ = senders_settled_ns + program_.answer_timeout_ns;
    return network_.now_ns() >= raised_ns_;
}

}  // namespace wsblast::test
