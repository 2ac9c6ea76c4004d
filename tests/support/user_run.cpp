#include "tests/support/user_run.hpp"

#include "session/clients.hpp"

namespace wsblast::test {

namespace {

std::vector<std::unique_ptr<stats::UserShard>> one_shard(const plan::Scenario& scenario) {
    std::vector<std::unique_ptr<stats::UserShard>> shards;
    shards.push_back(std::make_unique<stats::UserShard>(scenario.flows.size(), scenario.labels.size()));
    return shards;
}

}  // namespace

UserRun::UserRun(plan::Scenario scenario, std::uint32_t users_max,
                 std::optional<proto::DeflateParameters> deflate)
    : arrivals_(scenario.phases, scenario.seed),
      program_(plan::program_of(std::move(scenario), arrivals_.users(), 10 * kSecond)),
      network_(),
      client_transport_(network_, transport::Side::client, 2 * users_max),
      server_transport_(network_, transport::Side::server, 2 * users_max),
      all_(one_shard(program_.scenario)),
      server(server_transport_, network_),
      shard_of_users(*all_.front()),
      began_ns(network_.now_ns()) {
    targets_.push_back(
        {*proto::UpgradeRequest::build({.host = "test.example", .path = "/ws", .deflate = deflate}),
         {},
         deflate});
    server.script.deflate = deflate;
    control_.start_ns.store(began_ns);
    control_.first_seat.resize(2);
    report.first_due_ns.set(kNever);
    input_ = std::make_unique<session::UsersInput>(session::UsersInput{
        .arrivals = arrivals_, .shard = shard_of_users, .all = all_, .log = log_, .users_max = users_max});
    session::ClientsInput input{program_, targets_, session::RampPlan{}, control_, report, shard, warm,
                                nullptr,  began_ns};
    input.users = input_.get();
    clients_ = std::make_unique<session::Clients<Memory>>(client_transport_, input);
    REQUIRE(clients_->ok());
    REQUIRE(clients_->ready().ok());
}

UserRun::~UserRun() = default;

void UserRun::finish() {
    run_until(kNever);
    INFO("the run does not come to an end, at " << elapsed_ns() << " ns");
    REQUIRE(clients_->finished());
    server_transport_.poll(server, {});
    const stats::UserSnapshot sum = users();
    CHECK(sum.now.active == 0);
    CHECK(sum.now.arrivals_left == 0);
    CHECK(sum.started == sum.completed + sum.failed + sum.interrupted);
    CHECK(sum.started + sum.skipped <= arrivals_.users());
    CHECK(shard.counters.open.get() == 0);
    CHECK(shard.counters.attempted.get() == shard.counters.successful.get() + shard.counters.failed.get());
    CHECK(shard.counters.sent.get() >= shard.counters.received.get() + shard.counters.lost.get());
    CHECK(shard.counters.received.get() == shard.latency.snapshot().count());
}

void UserRun::run_until(TimeNs elapsed_ns) {
    constexpr std::uint64_t kStepsMax = 2'000'000;
    for (std::uint64_t step = 0; step < kStepsMax && !clients_->finished(); ++step) {
        const TimeNs next_ns = do_tick();
        if (next_ns == kNever) return;
        if (elapsed_ns != kNever && next_ns > began_ns + elapsed_ns)
            return network_.advance_to(std::max(network_.now_ns(), began_ns + elapsed_ns));
        network_.advance_to(std::max(next_ns, network_.now_ns()));
    }
}

TimeNs UserRun::do_tick() {
    const transport::PollWait wait = clients_->tick(network_.now_ns());
    server.tick();
    bool busy = has_work();
    server_transport_.poll(server, {});
    busy = busy || has_work();
    client_transport_.poll(*clients_, wait);
    const stats::UserGauges now = users().now;
    const bool over = now.arrivals_left == 0 && now.active == 0;
    const bool raised = over && control_.current() < session::Stage::settled;
    if (raised) control_.raise(session::Stage::settled);
    if (busy || raised || has_work()) return network_.now_ns();
    return std::min({wait.until_ns, network_.next_arrival_ns(), server.next_action_ns()});
}

bool UserRun::has_work() const {
    return client_transport_.has_deferred_work() || server_transport_.has_deferred_work() ||
           network_.next_arrival_ns() <= network_.now_ns();
}

}  // namespace wsblast::test
