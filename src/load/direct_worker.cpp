// The workers of a run whose targets are reached straight away: nothing stands between TCP and the session.
#include <algorithm>

#include "load/worker_over.hpp"

namespace wsblast::load {

std::uint32_t EngineWorkerParts::connections() const {
    if (users != nullptr) return users->connections_max;
    const session::Ramp bad(session::offender_ramp(program, ramp));
    return static_cast<std::uint32_t>(
        std::max<std::uint64_t>(1, session::Ramp(ramp).share() + bad.share()));
}

Error no_memory_for_tables() {
    return environment_error(
        "there is no address space left for the connections' tables: raise 'ulimit -v', or open fewer "
        "connections");
}

std::unique_ptr<EngineWorker> make_direct_worker(const EngineWorkerParts& parts) {
    return std::make_unique<WorkerOver<KernelTransport>>(parts,
                                                         [parts] { return open_kernel_transport(parts); });
}

}  // namespace wsblast::load
