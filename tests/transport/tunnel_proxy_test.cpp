// The way through a proxy: the proxy is a script, and what is behind it too.
#include <catch2/catch.hpp>

#include "tests/transport/tunnel_pair.hpp"

using namespace wsblast;
using namespace wsblast::transport;

using Events = std::vector<std::string>;

namespace {

Route through(proto::ProxyKind kind) {
    Route route;
    route.proxy = proto::ProxyRequest{.kind = kind, .host = "behind.example", .port = 8080};
    return route;
}

struct ProxiedPair {
    explicit ProxiedPair(const Route& route, const MemoryNetworkOptions& options = {})
        : routes{route},
          network(options),
          client(std::make_unique<MemoryTransport>(network, Side::client, 4),
                 crypto::TlsContext::client(test::localhost_client(), 1).value(), routes),
          proxy(network, Side::server, 4) {
        REQUIRE(client.open(0) == 0);
        run();
    }
    void run() {
        for (int i = 0; i < 4; ++i) {
            proxy.poll(proxy_events, {});
            client.poll(client_events, {});
        }
    }
    void say(std::string_view text) {
        REQUIRE(send(proxy, 0, text));
        run();
    }

    std::vector<Route> routes;
    MemoryNetwork network;
    MemoryTunnel client;
    MemoryTransport proxy;
    StageRecorder client_events;
    Recorder proxy_events;
};

}  // namespace

TEST_CASE("tunnel: a proxy that leads on is out of the way", "[transport][tunnel][proxy]") {
    ProxiedPair pair(through(proto::ProxyKind::http_connect));
    CHECK(pair.proxy_events.received(0).starts_with("CONNECT behind.example:8080 HTTP/1.1\r\n"));
    CHECK(pair.client_events.take_stages() == Events{"connected"});
    SECTION("in one piece with what is behind it") {
        pair.say("HTTP/1.1 200 Connection established\r\n\r\nfrom behind");
    }
    SECTION("byte by byte") {
        for (const char byte : std::string_view("HTTP/1.1 200 OK\r\n\r\nfrom behind")) pair.say({&byte, 1});
    }
    CHECK(pair.client_events.take_stages() == Events{"proxied", "open"});
    CHECK(pair.client_events.received(0) == "from behind");
    REQUIRE(send(pair.client, 0, "to behind"));
    pair.run();
    CHECK(pair.proxy_events.received(0).ends_with("\r\n\r\nto behind"));
}

TEST_CASE("tunnel: SOCKS5 takes several words", "[transport][tunnel][proxy]") {
    using namespace std::string_view_literals;
    ProxiedPair pair(through(proto::ProxyKind::socks5));
    CHECK(pair.proxy_events.received(0) == "\x05\x01\x00"sv);
    pair.say("\x05\x00"sv);
    CHECK(pair.proxy_events.received(0).ends_with("behind.example\x1f\x90"));
    pair.say("\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90"sv);
    CHECK(pair.client_events.take_stages() == Events{"connected", "proxied", "open"});
}

TEST_CASE("tunnel: TLS begins behind the proxy", "[transport][tunnel][proxy]") {
    Route route = through(proto::ProxyKind::http_connect);
    route.tls_name = "localhost";
    ProxiedPair pair(route);
    const std::size_t head = pair.proxy_events.received(0).size();
    pair.say("HTTP/1.1 200 OK\r\n\r\n");
    REQUIRE(pair.proxy_events.received(0).size() > head);
    constexpr char kHandshakeRecord = 22;  // RFC 8446 5.1
    CHECK(pair.proxy_events.received(0)[head] == kHandshakeRecord);
    CHECK(pair.client_events.take_stages() == Events{"connected", "proxied"});
    pair.say("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    CHECK(pair.client_events.take().back() == "close 0 not TLS");
}

TEST_CASE("tunnel: a proxy that does not lead on is an end with a reason", "[transport][tunnel][proxy]") {
    const auto [answer, end] = GENERATE(table<const char*, const char*>(
        {{"HTTP/1.1 403 Forbidden\r\n\r\n", "close 0 refused by the proxy"},
         {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "close 0 not let in by the proxy"},
         {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "close 0 not a proxy"}}));
    ProxiedPair pair(through(proto::ProxyKind::http_connect));
    pair.say(answer);
    CHECK(pair.client_events.take().back() == end);
}

TEST_CASE("tunnel: words to a proxy wait for room", "[transport][tunnel][proxy]") {
    MemoryNetworkOptions options;
    options.faults = MemoryFaults{.seed = 7, .no_room = 600};
    ProxiedPair pair(through(proto::ProxyKind::http_connect), options);
    for (int i = 0; i < 50; ++i) pair.run();
    CHECK(pair.proxy_events.received(0).starts_with("CONNECT "));
    CHECK(pair.proxy_events.received(0).ends_with("\r\n\r\n"));
}
