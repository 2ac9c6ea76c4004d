// One worker of the engine, whatever its connections pass on their way. What runs on a transport is
// compiled for each kind of it, in a source file of its own; who leads the run sees this alone.
//
// Control belongs to one thread; see worker/worker.hpp for what may be called when.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/result.hpp"
#include "crypto/tls_options.hpp"
#include "host/resources.hpp"
#include "plan/program.hpp"
#include "ring/features.hpp"
#include "ring/stamps.hpp"
#include "session/client_upgrade.hpp"
#include "session/fan_out_board.hpp"
#include "session/ramp.hpp"
#include "session/run_control.hpp"
#include "session/user_parts.hpp"
#include "stats/shard.hpp"
#include "transport/route.hpp"
#include "transport/source_plan.hpp"
#include "transport/transport.hpp"

namespace wsblast::load {

// Everything that is referred to lives longer than the worker.
struct EngineWorkerParts {
    const plan::Program& program;
    std::span<const session::ClientTarget> targets;  // by TargetId
    std::span<const transport::Route> routes;        // by TargetId
    const crypto::TlsClientOptions& tls;
    session::RampPlan ramp;
    ring::Features features;
    transport::SourceSlice sources;
    ring::Stamps stamps;
    const session::RunControl& control;
    session::WorkerReport& report;
    stats::Shard& shard;
    stats::Shard& warm;
    session::FanOutBoard* board;              // there when some connections listen
    const session::RedirectRules* redirects;  // there when they are followed
    const session::UsersInput* users;         // there when virtual users lead the connections
    std::uint32_t cpu;

    // What this worker opens, at least one.
    [[nodiscard]] std::uint32_t connections() const;
};

class EngineWorker {
  public:
    EngineWorker() = default;
    virtual ~EngineWorker() = default;
    EngineWorker(const EngineWorker&) = delete;
    EngineWorker& operator=(const EngineWorker&) = delete;

    [[nodiscard]] virtual Result<void> wait_ready() = 0;
    virtual void go() = 0;
    virtual void wake() = 0;
    [[nodiscard]] virtual bool ended() = 0;
    [[nodiscard]] virtual std::uint32_t cpu() = 0;
    [[nodiscard]] virtual TimeNs cpu_time_ns() = 0;
    [[nodiscard]] virtual std::optional<host::ThreadSchedule> schedule() = 0;
    [[nodiscard]] virtual std::uint64_t involuntary_switches() = 0;
    [[nodiscard]] virtual const transport::TransportCounters& transport_counters() = 0;
};

// Every target is reached straight away: a connection is open when TCP is.
[[nodiscard]] std::unique_ptr<EngineWorker> make_direct_worker(const EngineWorkerParts& parts);
// Some are behind a proxy or TLS. Usage errors of the TLS options show in wait_ready().
[[nodiscard]] std::unique_ptr<EngineWorker> make_tunnel_worker(const EngineWorkerParts& parts);

[[nodiscard]] Error no_memory_for_tables();

}  // namespace wsblast::load
