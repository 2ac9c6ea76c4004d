// Our own code alone: the generator and the built-in target in one thread, joined by memory instead of a
// kernel. Prints what one request and its answer cost in CPU time: memory_pair [--smoke].
//
// The workload is the closed loop with 20 bytes, answered first in first out, on /echo.
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "plan/program.hpp"
#include "session/clients.hpp"
#include "target/board.hpp"
#include "target/connections.hpp"
#include "transport/memory_transport.hpp"

using namespace wsblast;

namespace {

using Memory = transport::MemoryTransport;

plan::Program make_program(std::uint32_t connections) {
    plan::RunOptions options;
    options.connections = connections;
    options.pacing = plan::Pacing::closed;
    options.messages.reset();
    options.duration_ns = kHour;
    options.message_kind = plan::MessageKind::padding;
    options.message_size = 20;
    return std::move(*plan::compile(options, 1));
}

std::vector<session::ClientTarget> echo_target() {
    std::vector<session::ClientTarget> targets;
    targets.push_back(
        {std::move(*proto::UpgradeRequest::build({.host = "localhost", .path = "/echo"})), {}});
    return targets;
}

// CPU time by role.
struct Cost {
    TimeNs generator_ns = 0;
    TimeNs target_ns = 0;
    std::uint64_t pairs = 0;

    [[nodiscard]] double each(TimeNs part_ns) const {
        return static_cast<double>(part_ns) / static_cast<double>(pairs);
    }
};

class Pair {
  public:
    explicit Pair(std::uint32_t connections)
        : connections_(connections),
          program_(make_program(connections)),
          targets_(echo_target()),
          network_({.clock = transport::MemoryClock::real_time, .faults = {}}),
          near_(network_, transport::Side::client, connections),
          far_(network_, transport::Side::server, connections),
          board_(1, connections, monotonic_now()),
          server_(far_, board_, 0) {
        control_.start_ns.store(monotonic_now());
        control_.first_seat.resize(2);
        report_.first_due_ns.set(kNever);
        const session::RampPlan ramp{.connections = connections, .rate_per_s = {}};
        clients_ = std::make_unique<session::Clients<Memory>>(
            near_, session::ClientsInput{program_, targets_, ramp, control_, report_, shard_, warm_});
    }

    // Opens all connections. They begin to exchange messages at once, so each round opens as many as it
    // may.
    void ramp() {
        while (shard_.counters.successful.get() < connections_) {
            for (std::uint32_t i = 0; i < limits::kHandshakesMax / limits::kOpensPerTick; ++i) {
                static_cast<void>(clients_->tick(monotonic_now()));
            }
            exchange();
        }
    }

    // Runs until so many pairs were exchanged.
    Cost run(std::uint64_t pairs) {
        Cost cost;
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

  private:
    [[nodiscard]] std::uint64_t received() const { return shard_.counters.received.get(); }
    void exchange() {
        far_.poll(server_, server_.tick(monotonic_now()));
        near_.poll(*clients_, {});
    }

    std::uint32_t connections_;
    plan::Program program_;
    std::vector<session::ClientTarget> targets_;
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

// The best of some windows, each of that many pairs.
void measure(std::uint32_t connections, std::uint64_t pairs) {
    constexpr int kWindows = 5;
    const auto pair = std::make_unique<Pair>(connections);
    pair->ramp();
    static_cast<void>(pair->run(pairs));
    Cost best;
    for (int i = 0; i < kWindows; ++i) {
        const Cost cost = pair->run(pairs);
        const TimeNs total_ns = cost.generator_ns + cost.target_ns;
        const bool better =
            best.pairs == 0 || cost.each(total_ns) < best.each(best.generator_ns + best.target_ns);
        if (better) best = cost;
    }
    std::printf("%12u %12.1f %12.1f %12.1f\n", connections, best.each(best.generator_ns + best.target_ns),
                best.each(best.generator_ns), best.each(best.target_ns));
}

}  // namespace

int main(int argc, char** argv) {
    const bool smoke = argc > 1 && std::strcmp(argv[1], "--smoke") == 0;
    std::printf("ns of CPU a request/answer pair, over memory\n%12s %12s %12s %12s\n", "connections",
                "both", "generator", "target");
    if (smoke) {
        measure(100, 2'000);
        return 0;
    }
    measure(1'000, 2'000'000);
    measure(100'000, 2'000'000);
    return 0;
}
