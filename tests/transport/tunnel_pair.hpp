// A client and a server on one network in memory, each behind a tunnel, with what they were told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/tls_ends.hpp"
#include "tests/transport/memory_recorder.hpp"
#include "transport/tunnel.hpp"

namespace wsblast::transport {

using MemoryTunnel = Tunnel<MemoryTransport>;

// Also writes down how far each connection came.
class StageRecorder : public Recorder {
  public:
    void on_connected(ConnectionId, TimeNs) { stages_.push_back("connected"); }
    void on_proxied(ConnectionId, TimeNs) { stages_.push_back("proxied"); }
    void on_secured(ConnectionId, const crypto::TlsFacts& facts, TimeNs) {
        stages_.push_back("secured");
        facts_ = facts;
    }
    void on_open(ConnectionId cid, TimeNs now_ns) {
        stages_.push_back("open");
        Recorder::on_open(cid, now_ns);
    }

    [[nodiscard]] std::vector<std::string> take_stages() { return std::exchange(stages_, {}); }
    [[nodiscard]] const crypto::TlsFacts& facts() const { return facts_; }

  private:
    std::vector<std::string> stages_;
    crypto::TlsFacts facts_;
};

struct TunnelSetup {
    crypto::TlsClientOptions client = test::localhost_client();
    crypto::TlsServerOptions server = test::localhost_server();
    std::vector<Route> routes = {Route{.tls_name = "localhost"}, Route{}};
    MemoryNetworkOptions network{};
    std::uint32_t connections_max = 16;
};

struct TunnelPair {
    explicit TunnelPair(const TunnelSetup& setup = {})
        : routes(setup.routes),
          network(setup.network),
          client(std::make_unique<MemoryTransport>(network, Side::client, setup.connections_max),
                 crypto::TlsContext::client(setup.client, routes.size()).value(), routes),
          server(std::make_unique<MemoryTransport>(network, Side::server, setup.connections_max),
                 crypto::TlsContext::server(setup.server).value(), {}) {}

    // Until both have been told all that is under way.
    void run() {
        for (int quiet = 0; quiet < 2; ++quiet) {
            server.poll(server_events, {});
            client.poll(client_events, {});
            if (network.next_arrival_ns() == kNever) continue;
            if (network.next_arrival_ns() > network.now_ns()) network.advance_to(network.next_arrival_ns());
            quiet = -1;
        }
    }
    ConnectionId connect(TargetId target = 0) {
        const ConnectionId cid = client.open(target);
        run();
        return cid;
    }

    std::vector<Route> routes;
    MemoryNetwork network;
    MemoryTunnel client;
    MemoryTunnel server;
    StageRecorder client_events;
    StageRecorder server_events;
};

}  // namespace wsblast::transport
