// The generator's threads: one worker a core, each with its rings, its share of the connections and its own
// statistics. Started, watched and ended by the coordinator (run.cpp), whose thread calls everything here.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "load/health.hpp"
#include "plan/program.hpp"
#include "session/clients.hpp"
#include "session/run_control.hpp"
#include "stats/shard.hpp"
#include "transport/source_plan.hpp"
#include "transport/uring_transport.hpp"
#include "worker/worker.hpp"

namespace wsblast::load {

// Everything lives longer than the engine.
struct EngineInput {
    const plan::Program& program;
    const std::vector<session::ClientTarget>& targets;
    const transport::SourcePlan& sources;
    ring::Features features;
    std::vector<std::uint32_t> cpus;  // one worker each
    std::optional<double> connect_rate_per_s;
};

class Engine {
  public:
    // Starts the threads; they wait for go(). Errors: what a ring may lack (ring/features.hpp), no memory.
    [[nodiscard]] static Result<std::unique_ptr<Engine>> start(const EngineInput& input);

    // The run begins at `start_ns`.
    void go(TimeNs start_ns);
    // Tells every worker that the run has come to that stage.
    void raise(session::Stage stage);
    // Raises Stage::opened: connections at the gate get their seats in the schedule, which starts at
    // `gate_ns`.
    void raise_gate(TimeNs gate_ns);
    [[nodiscard]] session::Stage stage() const { return control_.current(); }
    // True when every worker has ended.
    [[nodiscard]] bool ended() const;

    // What the workers have counted; at any time.
    [[nodiscard]] stats::CounterValues counters() const;
    [[nodiscard]] stats::Snapshot snapshot() const;
    [[nodiscard]] std::vector<ThreadUse> thread_use();
    [[nodiscard]] const std::vector<std::unique_ptr<session::WorkerReport>>& reports() const {
        return reports_;
    }
    // Of the transports, added up (maxima: the largest); exact when ended.
    [[nodiscard]] transport::TransportCounters transport_counters() const;

  private:
    using Transport = transport::UringTransport<ring::Ring>;
    using Clients = session::Clients<Transport>;
    using Worker = worker::Worker<Transport, Clients>;

    Engine() = default;
    void add_worker(const EngineInput& input, std::uint32_t index);

    session::RunControl control_;
    std::vector<std::unique_ptr<stats::Shard>> shards_;
    std::vector<std::unique_ptr<session::WorkerReport>> reports_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace wsblast::load
