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
#include "target/board.hpp"
#include "target/listener.hpp"
#include "target/server_worker.hpp"
#include "transport/accept_pace.hpp"

namespace wsblast::target {

// Runs from start() to stop(). One thread calls its functions.
class Server {
  public:
    // Listens, and starts one worker on each of the first `options.cores` of `cpus` (0: on all).
    // Environment error: see Listener::open(), ring::probe_features(); too little memory. Usage error: see
    // find_identity().
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
    Server(Listener listener, std::uint32_t cores, const plan::ServeOptions& options);
    [[nodiscard]] Result<void> start_workers(const ring::Features& features,
                                             const std::vector<std::uint32_t>& cpus);
    void add_worker(const ring::Features& features, std::uint32_t index, std::uint32_t cpu);

    Listener listener_;
    std::uint32_t connections_max_;
    Board board_;
    std::optional<transport::AcceptPace> accept_pace_;  // of --accept-rate
    std::optional<crypto::TlsServerOptions> tls_;       // where clients come over TLS
    std::vector<std::string> warnings_;
    std::vector<std::unique_ptr<ServerWorker>> workers_;
};

}  // namespace wsblast::target
