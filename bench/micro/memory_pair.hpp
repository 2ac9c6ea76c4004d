// The generator and the built-in target in one thread, joined by memory instead of a kernel: what a request
// and its answer cost in CPU time of our own code alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "plan/arrival_phases.hpp"
#include "plan/program.hpp"
#include "plan/scenario.hpp"
#include "session/clients.hpp"
#include "session/user_log.hpp"
#include "session/user_parts.hpp"
#include "stats/user_shard.hpp"
#include "target/board.hpp"
#include "target/connections.hpp"
#include "transport/memory_transport.hpp"

namespace wsblast::bench {

// CPU time by role.
struct PairCost {
    TimeNs generator_ns = 0;
    TimeNs target_ns = 0;
    std::uint64_t pairs = 0;

    [[nodiscard]] double generator() const { return each(generator_ns); }
    [[nodiscard]] double target() const { return each(target_ns); }
    [[nodiscard]] double both() const { return each(generator_ns + target_ns); }

  private:
    [[nodiscard]] double each(TimeNs part_ns) const {
        return static_cast<double>(part_ns) / static_cast<double>(pairs);
    }
};

class MemoryPair {
  public:
    using Memory = transport::MemoryTransport;

    // As many connections as the program has, or users that lead as many.
    MemoryPair(plan::Program program, const std::string& path)
        : program_(std::move(program)),
          arrivals_(program_.scenario.phases, program_.scenario.seed),
          network_({.clock = transport::MemoryClock::real_time, .faults = {}}),
          near_(network_, transport::Side::client, connections()),
          far_(network_, transport::Side::server, connections()),
          board_(1, connections(), monotonic_now()),
          server_(far_, board_, 0) {
        targets_.push_back({*proto::UpgradeRequest::build({.host = "localhost", .path = path}), {}, {}});
        control_.start_ns.store(monotonic_now());
        control_.first_seat.resize(2);
        report_.first_due_ns.set(kNever);
        const bool led = program_.lead == plan::Lead::users;
        const session::RampPlan ramp{.connections = led ? 0 : connections(), .rate_per_s = {}};
        session::ClientsInput input{program_, targets_, ramp, control_, report_, shard_, warm_};
        if (led) input.users = &add_users();
        clients_ = std::make_unique<session::Clients<Memory>>(near_, input);
    }

    // Opens all connections. They begin to exchange messages at once, so each round opens as many as it
    // may.
    void ramp() {
        while (shard_.counters.successful.get() < program_.connections) {
            for (std::uint32_t i = 0; i < limits::kHandshakesMax / limits::kOpensPerTick; ++i)
                static_cast<void>(clients_->tick(monotonic_now()));
            far_.poll(server_, server_.tick(monotonic_now()));
            near_.poll(*clients_, {});
        }
    }

    // Runs until so many pairs were exchanged.
    PairCost run(std::uint64_t pairs) {
        PairCost cost;
        const std::uint64_t before = received();
        TimeNs at_ns = thread_cpu_now();
        while (received() - before < pairs) {
            near_.poll(*clients_, clients_->tick(monotonic_now()));
            const TimeNs turn_ns = thread_cpu_now();
            far_.poll(server_, server_.tick(monotonic_now()));
            const TimeNs end_ns = thread_cpu_now();
            cost.generator_ns += turn_ns - at_ns;
            cost.target_ns += end_ns - turn_ns;
            at_ns = end_ns;
        }
        cost.pairs = received() - before;
        return cost;
    }

    // The best of some windows, each of that many pairs.
    PairCost best(std::uint64_t pairs) {
        constexpr int kWindows = 5;
        ramp();
        static_cast<void>(run(pairs));
        PairCost best = run(pairs);
        for (int i = 1; i < kWindows; ++i) {
            const PairCost cost = run(pairs);
            if (cost.both() < best.both()) best = cost;
        }
        return best;
    }

  private:
    [[nodiscard]] std::uint32_t connections() const {
        return static_cast<std::uint32_t>(program_.connections);
    }
    const session::UsersInput& add_users() {
        const plan::Scenario& scenario = program_.scenario;
        shards_.push_back(
            std::make_unique<stats::UserShard>(scenario.flows.size(), scenario.labels.size()));
        users_ = std::make_unique<session::UsersInput>(session::UsersInput{.arrivals = arrivals_,
                                                                           .shard = *shards_.front(),
                                                                           .all = shards_,
                                                                           .log = log_,
                                                                           .users_max = connections()});
        return *users_;
    }
    [[nodiscard]] std::uint64_t received() const { return shard_.counters.received.get(); }

    plan::Program program_;
    plan::ArrivalPlan arrivals_;
    std::vector<session::ClientTarget> targets_;
    std::vector<std::unique_ptr<stats::UserShard>> shards_;
    session::UserLog log_;
    std::unique_ptr<session::UsersInput> users_;
    session::RunControl control_;
    session::WorkerReport report_;
    stats::Shard shard_;
    stats::Shard warm_;
    transport::MemoryNetwork network_;
    Memory near_;
    Memory far_;
    target::Board board_;
    target::Connections<Memory> server_;
    std::unique_ptr<session::Clients<Memory>> clients_;
};

}  // namespace wsblast::bench
