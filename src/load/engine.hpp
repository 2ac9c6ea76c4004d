// The generator's threads: one worker a core, each with its rings, its share of the connections and its own
// statistics. Started, watched and ended by the coordinator (run.cpp), whose thread calls everything here.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "load/engine_worker.hpp"
#include "load/health.hpp"
#include "plan/program.hpp"
#include "plan/run_options.hpp"
#include "session/run_control.hpp"
#include "session/user_log.hpp"
#include "session/user_parts.hpp"
#include "stats/shard.hpp"
#include "stats/user_shard.hpp"
#include "transport/source_plan.hpp"

namespace wsblast::load {

// Of users that lead their connections.
struct EngineScript {
    const plan::ArrivalPlan& arrivals;
    std::uint32_t users_max = 0;             // at the same time, of all workers
    std::uint32_t connections_max = 0;       // open or closing, of all workers
    session::KeptVariables* kept = nullptr;  // see session::UsersInput
};

// Everything lives longer than the engine.
struct EngineInput {
    const plan::Program& program;
    const std::vector<session::ClientTarget>& targets;
    const std::vector<transport::Route>& routes;
    const crypto::TlsClientOptions& tls;
    const session::RedirectRules* redirects = nullptr;  // there when they are followed
    const transport::SourcePlan& sources;
    ring::Features features;
    std::vector<std::uint32_t> cpus;  // one worker each
    std::optional<double> connect_rate_per_s;
    plan::Timestamps timestamps = plan::Timestamps::user;
    const EngineScript* script = nullptr;  // there when virtual users lead
};

class Engine {
  public:
    // Starts the threads; they wait for go(). Errors: what a ring may lack (ring/features.hpp), no memory.
    [[nodiscard]] static Result<std::unique_ptr<Engine>> start(const EngineInput& input);

    // The run begins at `start_ns`.
    void go(TimeNs start_ns);
    // Workers that wait look at the control again.
    void wake();
    // What all workers are told: for who leads them (rounds.hpp).
    [[nodiscard]] session::RunControl& control() { return control_; }
    // Tells every worker that the run has come to that stage.
    void raise(session::Stage stage);
    // Raises Stage::opened: connections at the gate get their seats in the schedule, which starts at
    // `gate_ns` with its warm-up.
    void raise_gate(TimeNs gate_ns);
    [[nodiscard]] session::Stage stage() const { return control_.current(); }
    // When the last message of a rate is due, once the gate was raised.
    [[nodiscard]] TimeNs last_due_ns() const;
    // True when every worker has ended.
    [[nodiscard]] bool ended() const;

    // What the workers have counted; at any time.
    [[nodiscard]] stats::CounterValues counters() const;
    [[nodiscard]] stats::Snapshot snapshot() const;
    // One histogram of it: all of them are megabytes to copy.
    [[nodiscard]] stats::HistogramSnapshot sum(stats::Histogram stats::Shard::*what) const;
    // Of messages that were due in the warm-up.
    [[nodiscard]] stats::CounterValues warm_counters() const;
    // What they have counted of virtual users, and calls show(line) for what these have written.
    [[nodiscard]] stats::UserSnapshot users() const;
    [[nodiscard]] stats::UserGauges user_gauges() const;
    template <class Show>
    void read_logs(Show&& show) {
        for (const auto& log : logs_) log->read(show);
    }
    // Lines that came faster than they were read.
    [[nodiscard]] std::uint64_t log_lines_left_out() const;
    // Connections that listen now.
    [[nodiscard]] std::uint64_t listening() const;
    // Null when none do.
    [[nodiscard]] session::FanOutBoard* board() const { return board_.get(); }
    // When the messages that count began to be due; 0: not known yet, or all of them count.
    [[nodiscard]] TimeNs measured_from_ns() const {
        return control_.measured_from_ns.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::vector<ThreadUse> thread_use();
    [[nodiscard]] const std::vector<std::unique_ptr<session::WorkerReport>>& reports() const {
        return reports_;
    }
    // Of the transports, added up (maxima: the largest); exact when ended.
    [[nodiscard]] transport::TransportCounters transport_counters() const;

  private:
    Engine() = default;
    [[nodiscard]] bool add_users(const plan::Scenario& scenario, const EngineScript& script);
    void add_worker(const EngineInput& input, std::uint32_t index);

    const plan::Program* program_ = nullptr;
    session::RunControl control_;
    std::vector<std::unique_ptr<stats::Shard>> shards_;
    std::vector<std::unique_ptr<stats::Shard>> warm_shards_;
    std::vector<std::unique_ptr<session::WorkerReport>> reports_;
    std::unique_ptr<session::FanOutBoard> board_;
    std::vector<std::unique_ptr<stats::UserShard>> user_shards_;
    std::vector<std::unique_ptr<session::UserLog>> logs_;
    std::vector<std::unique_ptr<session::UsersInput>> users_inputs_;
    std::vector<std::unique_ptr<EngineWorker>> workers_;
};

}  // namespace wsblast::load
