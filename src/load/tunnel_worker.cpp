// The workers of a run with targets behind proxies or TLS. Each has a TLS context of its own, made in its
// thread: no lock of OpenSSL's is shared between cores.
#include <algorithm>
#include <utility>

#include "load/worker_over.hpp"
#include "transport/tunnel.hpp"

namespace wsblast::load {

namespace {

using KernelTunnel = transport::Tunnel<KernelTransport>;

Result<std::unique_ptr<KernelTunnel>> open_tunnel(const EngineWorkerParts& parts) {
    auto kernel = open_kernel_transport(parts);
    if (!kernel) return kernel.error();
    std::unique_ptr<crypto::TlsContext> context;
    const auto is_secure = [](const transport::Route& route) { return route.tls_name.has_value(); };
    if (std::any_of(parts.routes.begin(), parts.routes.end(), is_secure)) {
        auto made = crypto::TlsContext::client(parts.tls, parts.routes.size());
        if (!made) return made.error();
        context = std::move(*made);
    }
    auto tunnel = std::make_unique<KernelTunnel>(std::move(*kernel), std::move(context), parts.routes);
    if (!tunnel->ok()) return no_memory_for_tables();
    return tunnel;
}

}  // namespace

std::unique_ptr<EngineWorker> make_tunnel_worker(const EngineWorkerParts& parts) {
    return std::make_unique<WorkerOver<KernelTunnel>>(parts, [parts] { return open_tunnel(parts); });
}

}  // namespace wsblast::load
