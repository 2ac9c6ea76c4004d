// The server's workers where clients come over TLS.
#include <utility>

#include "target/server_over.hpp"
#include "transport/tunnel.hpp"

namespace wsblast::target {

namespace {

using KernelTunnel = transport::Tunnel<KernelTransport>;

Result<std::unique_ptr<KernelTunnel>> open_tunnel(const ServerWorkerParts& parts,
                                                  const crypto::TlsServerOptions& tls) {
    auto context = crypto::TlsContext::server(tls);
    if (!context) return context.error();
    auto kernel = open_kernel_transport(parts);
    if (!kernel) return kernel.error();
    auto tunnel = std::make_unique<KernelTunnel>(std::move(*kernel), std::move(*context),
                                                 std::span<const transport::Route>());
    if (!tunnel->ok()) {
        return environment_error(
            "too little address space for so many connections over TLS: lower --max-connections");
    }
    return tunnel;
}

}  // namespace

std::unique_ptr<ServerWorker> make_secure_worker(const ServerWorkerParts& parts,
                                                 const crypto::TlsServerOptions& tls) {
    return std::make_unique<ServerOver<KernelTunnel>>(parts,
                                                      [parts, &tls] { return open_tunnel(parts, tls); });
}

}  // namespace wsblast::target
