// A worker of the engine over one kind of transport. Included by the source files that make one, and by
// nothing else: it brings all of session/ with it.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "load/engine_worker.hpp"
#include "session/clients.hpp"
#include "transport/uring_transport.hpp"
#include "worker/worker.hpp"

namespace wsblast::load {

using KernelTransport = transport::UringTransport<ring::Ring>;

template <class Transport>
class WorkerOver final : public EngineWorker {
  public:
    using Clients = session::Clients<Transport>;
    using Worker = worker::Worker<Transport, Clients>;

    // `open_transport` is called in the worker's thread.
    WorkerOver(const EngineWorkerParts& parts,
               std::function<Result<std::unique_ptr<Transport>>()> open_transport)
        : worker_({.open_transport = std::move(open_transport),
                   .make_app = [parts](Transport& transport) { return make_clients(transport, parts); },
                   .cpu = parts.cpu}) {}

    Result<void> wait_ready() override { return worker_.wait_ready(); }
    void go() override { worker_.go(); }
    void wake() override { worker_.wake(); }
    bool ended() override { return worker_.ended(); }
    std::uint32_t cpu() override { return worker_.cpu().value_or(0); }
    TimeNs cpu_time_ns() override { return worker_.cpu_time_ns(); }
    std::optional<host::ThreadSchedule> schedule() override { return worker_.schedule(); }
    std::uint64_t involuntary_switches() override { return worker_.involuntary_switches(); }
    const transport::TransportCounters& transport_counters() override {
        return worker_.transport().counters();
    }

  private:
    static Result<std::unique_ptr<Clients>> make_clients(Transport& transport,
                                                         const EngineWorkerParts& parts) {
        session::ClientsInput input{parts.program, parts.targets, parts.ramp, parts.control,
                                    parts.report,  parts.shard,   parts.warm, parts.board};
        input.redirects = parts.redirects;
        input.users = parts.users;
        auto clients = std::make_unique<Clients>(transport, input);
        if (!clients->ok()) return no_memory_for_tables();
        if (const auto ready = clients->ready(); !ready) return ready.error();
        return clients;
    }

    Worker worker_;
};

// Errors: what a ring may lack (ring/features.hpp).
[[nodiscard]] inline Result<std::unique_ptr<KernelTransport>> open_kernel_transport(
    const EngineWorkerParts& parts) {
    return KernelTransport::open({.features = parts.features,
                                  .connections = parts.connections(),
                                  .sources = parts.sources,
                                  .stamps = parts.stamps,
                                  .rings_made = parts.users == nullptr ? transport::RingsMade::before
                                                                       : transport::RingsMade::as_needed});
}

}  // namespace wsblast::load
