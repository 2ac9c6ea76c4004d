// A worker of the server over one kind of transport. Included by the source files that make one, and by
// nothing else: it brings all of a connection's life with it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/limits.hpp"
#include "target/connections.hpp"
#include "target/server_worker.hpp"
#include "transport/uring_transport.hpp"
#include "worker/worker.hpp"

namespace wsblast::target {

using KernelTransport = transport::UringTransport<ring::Ring>;

template <class Transport>
class ServerOver final : public ServerWorker {
  public:
    using Worker = worker::Worker<Transport, Connections<Transport>>;

    // `open_transport` is called in the worker's thread.
    ServerOver(const ServerWorkerParts& parts,
               std::function<Result<std::unique_ptr<Transport>>()> open_transport)
        : worker_({.open_transport = std::move(open_transport),
                   .make_app = [&board = parts.board, index = parts.index](
                                   Transport& transport) { return make(transport, board, index); },
                   .cpu = parts.cpu}) {}

    Result<void> wait_ready() override { return worker_.wait_ready(); }
    void go() override { worker_.go(); }
    void wake() override { worker_.wake(); }
    void join() override { worker_.join(); }

  private:
    static Result<std::unique_ptr<Connections<Transport>>> make(Transport& transport, Board& board,
                                                                std::uint32_t index) {
        auto connections = std::make_unique<Connections<Transport>>(transport, board, index);
        if (!connections->ok()) {
            return environment_error(
                "too little address space for so many connections: lower --max-connections");
        }
        return connections;
    }

    Worker worker_;
};

// The kernel's spread over the cores is uneven: each has slots for all connections, and room to refuse
// more.
[[nodiscard]] inline Result<std::unique_ptr<KernelTransport>> open_kernel_transport(
    const ServerWorkerParts& parts) {
    return KernelTransport::open({.features = parts.features,
                                  .connections = parts.connections_max + limits::kAcceptsArmed,
                                  .sources = std::nullopt,
                                  .listen_descriptors = parts.listen_descriptors,
                                  .accept_pace = parts.accept_pace});
}

}  // namespace wsblast::target
