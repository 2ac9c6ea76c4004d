// The server's workers where clients come without TLS: nothing stands between TCP and the connection.
#include "target/server_over.hpp"

namespace wsblast::target {

std::unique_ptr<ServerWorker> make_plain_worker(const ServerWorkerParts& parts) {
    return std::make_unique<ServerOver<KernelTransport>>(parts,
                                                         [parts] { return open_kernel_transport(parts); });
}

}  // namespace wsblast::target
