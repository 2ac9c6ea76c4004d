#include "target/server.hpp"

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "target/identity.hpp"
#include "text/format.hpp"

namespace wsblast::target {

Result<std::unique_ptr<Server>> Server::start(const plan::ServeOptions& options,
                                              std::vector<std::uint32_t> cpus) {
    const auto features = ring::probe_features();
    if (!features) return features.error();
    const std::size_t cores_max = cpus.size();
    // One queue for all connections is one thread's.
    if (options.faults.service.any()) cpus.resize(1);
    if (options.cores > 0 && options.cores < cores_max) cpus.resize(options.cores);
    const auto cores = static_cast<std::uint32_t>(cpus.size());
    auto listener = Listener::open(
        {.hosts = options.hosts, .port = options.port, .cores = cores, .backlog = options.backlog});
    if (!listener) return listener.error();

    std::unique_ptr<Server> server(new Server(std::move(*listener), cores, options));
    if (options.tls.on) {
        auto identity = find_identity(options);
        if (!identity) return identity.error();
        server->tls_ = std::move(*identity);
    }
    if (options.cores > cores_max) {
        server->warnings_.push_back(
            text::format("--cores {}: this process may use {}, and as many run", options.cores, cores_max));
    }
    if (const auto started = server->start_workers(*features, cpus); !started) return started.error();
    return server;
}

Server::Server(Listener listener, std::uint32_t cores, const plan::ServeOptions& options)
    : listener_(std::move(listener)),
      connections_max_(options.connections_max),
      board_(cores, {options.connections_max, options.at_limit}, monotonic_now(), options.faults),
      warnings_(listener_.warnings()) {
    board_.speak(options.message);
    if (options.faults.accepts_per_s > 0) accept_pace_.emplace(options.faults.accepts_per_s);
}

Server::~Server() {
    stop();
}

Result<void> Server::start_workers(const ring::Features& features, const std::vector<std::uint32_t>& cpus) {
    for (std::uint32_t index = 0; index < cpus.size(); ++index) add_worker(features, index, cpus[index]);
    Result<void> ready;
    for (const auto& worker : workers_) {
        if (auto result = worker->wait_ready(); !result) ready = std::move(result);
    }
    if (!ready) {
        workers_.clear();  // those that are ready end without having gone
        return ready;
    }
    for (std::uint32_t index = 0; index < workers_.size(); ++index) {
        board_.mail().set_wake(index, [worker = workers_[index].get()] { worker->wake(); });
    }
    for (const auto& worker : workers_) worker->go();
    return {};
}

void Server::add_worker(const ring::Features& features, std::uint32_t index, std::uint32_t cpu) {
    const ServerWorkerParts parts{.features = features,
                                  .connections_max = connections_max_,
                                  .listen_descriptors = listener_.descriptors(index),
                                  .accept_pace = accept_pace_ ? &*accept_pace_ : nullptr,
                                  .board = board_,
                                  .index = index,
                                  .cpu = cpu};
    workers_.push_back(tls_ ? make_secure_worker(parts, *tls_) : make_plain_worker(parts));
}

std::string Server::description() const {
    const std::string scheme = tls_ ? "wss://" : "ws://";
    std::string urls;
    for (const Endpoint& endpoint : listener_.endpoints()) {
        urls += (urls.empty() ? "" : ", ") + scheme + to_text(endpoint);
    }
    return text::format("{} (/ws, /echo, /broadcast), {} core{}", urls, cores(), cores() == 1 ? "" : "s");
}

void Server::stop() {
    board_.stop();
    for (const auto& worker : workers_) worker->wake();
    listener_.refuse();
    for (const auto& worker : workers_) worker->join();
    workers_.clear();
}

}  // namespace wsblast::target
