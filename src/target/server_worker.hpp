// One worker of the server, with TLS or without. What runs on a transport is compiled for each kind of it,
// in a source file of its own.
//
// Control belongs to one thread, but wake(), which any may call.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "crypto/tls_options.hpp"
#include "ring/features.hpp"
#include "target/board.hpp"
#include "transport/accept_pace.hpp"

namespace wsblast::target {

// What is referred to lives longer than the worker.
struct ServerWorkerParts {
    ring::Features features;
    std::uint32_t connections_max;
    std::vector<int> listen_descriptors;
    transport::AcceptPace* accept_pace;  // null: as they come
    Board& board;
    std::uint32_t index;
    std::uint32_t cpu;
};

class ServerWorker {
  public:
    ServerWorker() = default;
    virtual ~ServerWorker() = default;
    ServerWorker(const ServerWorker&) = delete;
    ServerWorker& operator=(const ServerWorker&) = delete;

    [[nodiscard]] virtual Result<void> wait_ready() = 0;
    virtual void go() = 0;
    virtual void wake() = 0;
    virtual void join() = 0;
};

[[nodiscard]] std::unique_ptr<ServerWorker> make_plain_worker(const ServerWorkerParts& parts);
// Usage errors of `tls`, which lives longer, show in wait_ready().
[[nodiscard]] std::unique_ptr<ServerWorker> make_secure_worker(const ServerWorkerParts& parts,
                                                               const crypto::TlsServerOptions& tls);

}  // namespace wsblast::target
