// The built-in target: a worker for each core, on the same parts as the generator, in the other role.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plan/serve_options.hpp"
#include "ring/features.hpp"
#include "ring/ring.hpp"
#include "target/board.hpp"
#include "target/connections.hpp"
#include "target/listener.hpp"
#include "transport/accept_pace.hpp"
#include "transport/uring_transport.hpp"
#include "worker/worker.hpp"

namespace wsblast::target {

// Runs from start() to stop(). One thread calls its functions.
class Server {
  public:
    // Listens, and starts one worker on each of the first `options.cores` of `cpus` (0: on all).
    // Environment error: see Listener::open(), ring::probe_features(); too little memory.
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(const plan::ServeOptions& options,
                                                               std::vector<std::uint32_t> cpus);

    // Stops, if that was not done.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
    [[nodiscard]] std::uint32_t cores() const { return board_.workers(); }
    // "ws://127.0.0.1:8000, ws://[::1]:8000 (/ws, /echo, /broadcast), 2 cores".
    [[nodiscard]] std::string description() const;
    // What is not as it was asked for.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
    [[nodiscard]] const Board& board() const { return board_; }

    // Closes all connections with 1001 and waits until they are gone, or for limits::kCloseTimeoutNs.
    void stop();

  private:
    using Transport = transport::UringTransport<ring::Ring>;
    using Worker = worker::Worker<Transport, Connections<Transport>>;

    Server(Listener listener, std::uint32_t cores, const plan::ServeOptions& options);
    [[nodiscard]] Result<void> start_workers(const ring::Features& features,
                                             const std::vector<std::uint32_t>& cpus);
    void add_worker(const ring::Features& features, std::uint32_t index, std::uint32_t cpu);

    Listener listener_;
    std::uint32_t connections_max_;
    Board board_;
    std::optional<transport::AcceptPace> accept_pace_;  // of --accept-rate
    std::vector<std::string> warnings_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace wsblast::target
