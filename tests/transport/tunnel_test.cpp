#include "transport/tunnel.hpp"

#include <catch2/catch.hpp>

#include "tests/transport/tunnel_pair.hpp"

using namespace wsblast;
using namespace wsblast::transport;
using crypto::TlsVersion;

using Events = std::vector<std::string>;

static_assert(Transport<MemoryTunnel>);

namespace {

std::string long_text(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + mix(i) % 26);
    return text;
}

TunnelSetup with_version(TlsVersion version) {
    TunnelSetup setup;
    setup.client.terms = {.version_min = version, .version_max = version};
    return setup;
}

Events endings(Recorder& recorder) {
    Events ends;
    for (const std::string& event : recorder.take()) {
        if (event.starts_with("close")) ends.push_back(event);
    }
    return ends;
}

}  // namespace

TEST_CASE("tunnel: a connection is open when its handshake is done", "[transport][tunnel]") {
    const auto version = GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3);
    TunnelPair pair(with_version(version));
    CHECK(pair.connect() == 0);
    CHECK(pair.client_events.take() == Events{"open 0"});
    CHECK(pair.client_events.take_stages() == Events{"connected", "secured", "open"});
    CHECK(pair.client_events.facts().version == static_cast<std::uint16_t>(version));
    // A server sets a limit to the handshake: it is told of who comes.
    CHECK(pair.server_events.take_stages() == Events{"open", "secured"});
}

TEST_CASE("tunnel: text passes both ways, of any size", "[transport][tunnel]") {
    TunnelPair pair(with_version(GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3)));
    const ConnectionId cid = pair.connect();
    const std::string text = long_text(GENERATE(1, 125, 16'384, 16'385, 65'536));
    REQUIRE(send(pair.client, cid, text));
    pair.run();
    CHECK(pair.server_events.received(cid) == text);
    REQUIRE(pair.server.commit_ref(cid, as_bytes(text)));
    pair.run();
    CHECK(pair.client_events.received(cid) == text);
}

TEST_CASE("tunnel: what is under way is not readable", "[transport][tunnel]") {
    TunnelPair pair;
    const ConnectionId cid = pair.connect();
    REQUIRE(send(pair.client, cid, "a secret word"));
    std::string wire;
    for (const Packet& packet : pair.network.wire_to(Side::server).packets())
        wire.append(packet.data, packet.data + packet.size);
    CHECK(wire.size() > 13);
    CHECK(wire.find("secret") == std::string::npos);
}

TEST_CASE("tunnel: a route without TLS passes through", "[transport][tunnel]") {
    TunnelSetup setup;
    TunnelPair secure(setup);
    MemoryNetwork network;
    const std::vector<Route> routes(1);
    MemoryTunnel client(std::make_unique<MemoryTransport>(network, Side::client, 4), nullptr, routes);
    MemoryTransport server(network, Side::server, 4);
    StageRecorder client_events;
    Recorder server_events;
    const ConnectionId cid = client.open(0);
    const auto run = [&] {
        server.poll(server_events, {});
        client.poll(client_events, {});
    };
    run();
    CHECK(client_events.take_stages() == Events{"connected", "open"});
    REQUIRE(send(client, cid, "plain"));
    REQUIRE(client.commit_ref(cid, as_bytes("er")));
    run();
    CHECK(server_events.received(0) == "plainer");
    client.close(cid, CloseMode::half);
    run();
    CHECK(server_events.take().back() == "close 0 peer_closed");
}

TEST_CASE("tunnel: a graceful close says goodbye, and the other sees an end", "[transport][tunnel]") {
    TunnelPair pair;
    const ConnectionId cid = pair.connect();
    REQUIRE(send(pair.client, cid, "last"));
    pair.client.close(cid, CloseMode::graceful);
    pair.run();
    CHECK(pair.server_events.received(cid) == "last");
    CHECK(endings(pair.client_events) == Events{"close 0 local"});
    CHECK(endings(pair.server_events) == Events{"close 0 peer_closed"});
}

TEST_CASE("tunnel: the end of what the peer says is an end, and is answered", "[transport][tunnel]") {
    TunnelPair pair;
    const ConnectionId cid = pair.connect();
    pair.server.close(cid, CloseMode::half);
    pair.run();
    CHECK(endings(pair.client_events) == Events{"close 0 peer_closed"});
    CHECK(endings(pair.server_events) == Events{"close 0 peer_closed"});
}

TEST_CASE("tunnel: an abort is an end without a word", "[transport][tunnel]") {
    TunnelPair pair;
    const ConnectionId cid = pair.connect();
    const auto mode = GENERATE(CloseMode::abort, CloseMode::reset);
    pair.client.close(cid, mode);
    CHECK(pair.client.reserve(cid, 1).empty());
    CHECK_FALSE(pair.client.commit_ref(cid, as_bytes("x")));
    pair.run();
    CHECK(endings(pair.client_events) == Events{"close 0 local"});
    CHECK(endings(pair.server_events) == Events{"close 0 reset"});
}

TEST_CASE("tunnel: a connection that is closed in its handshake is gone once", "[transport][tunnel]") {
    TunnelPair pair;
    const ConnectionId cid = pair.client.open(0);
    pair.server.poll(pair.server_events, {});
    pair.client.poll(pair.client_events, {});  // its first words are out
    pair.client.close(cid, GENERATE(CloseMode::abort, CloseMode::graceful));
    pair.run();
    CHECK(endings(pair.client_events) == Events{"close 0 local"});
    CHECK(endings(pair.server_events).size() == 1);
    CHECK(pair.connect() == cid);
    CHECK(pair.client_events.take().back() == "open 0");
}

TEST_CASE("tunnel: both ends know why a handshake failed", "[transport][tunnel]") {
    TunnelSetup setup;
    SECTION("a certificate of nobody we know") {
        setup.client.ca_file.clear();
        TunnelPair pair(setup);
        pair.connect();
        CHECK(endings(pair.client_events) == Events{"close 0 untrusted certificate"});
        CHECK(endings(pair.server_events) == Events{"close 0 TLS alert"});
    }
    SECTION("a certificate of another host") {
        setup.routes[0].tls_name = "elsewhere";
        TunnelPair pair(setup);
        pair.connect();
        CHECK(endings(pair.client_events) == Events{"close 0 certificate of another host"});
    }
    SECTION("no version in common") {
        setup.client.terms.version_max = TlsVersion::tls_1_2;
        setup.server.terms.version_min = TlsVersion::tls_1_3;
        TunnelPair pair(setup);
        pair.connect();
        CHECK(endings(pair.client_events) == Events{"close 0 TLS alert"});
        CHECK(endings(pair.server_events) == Events{"close 0 TLS failed"});
    }
    SECTION("a client that speaks HTTP") {
        TunnelPair pair(setup);
        const ConnectionId cid = pair.connect(1);
        REQUIRE(send(pair.client, cid, "GET /ws HTTP/1.1\r\n\r\n"));
        pair.run();
        CHECK(endings(pair.server_events) == Events{"close 0 not TLS"});
    }
}

TEST_CASE("tunnel: tickets bring a connection back without a full handshake", "[transport][tunnel]") {
    TunnelSetup setup = with_version(GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3));
    setup.client.resumption = crypto::Resumption::tickets;
    TunnelPair pair(setup);
    for (int i = 0; i < 4; ++i) {
        const ConnectionId cid = pair.connect();
        REQUIRE(send(pair.server, cid, "and a ticket"));
        pair.run();
        CHECK(pair.client_events.facts().resumed == (i > 0));
        pair.client.close(cid, CloseMode::abort);
        pair.run();
    }
}

TEST_CASE("tunnel: what finds no room waits, and who wrote too much is told when there is some",
          "[transport][tunnel]") {
    TunnelSetup setup;
    setup.network.arena_bytes = 2 * limits::kSendBytesMax;
    TunnelPair pair(setup);
    const ConnectionId cid = pair.connect();
    pair.client_events.take();
    const std::string text = long_text(50'000);
    std::string sent;
    for (int i = 0; i < 10 && send(pair.client, cid, text); ++i) sent += text;
    CHECK(sent.size() == 150'000);  // two fit, and of the third nothing
    CHECK_FALSE(pair.client.commit_ref(cid, as_bytes("more")));
    pair.run();
    CHECK(pair.server_events.received(cid) == sent);
    CHECK(pair.client_events.take() == Events{"room 0"});
    CHECK(send(pair.client, cid, "more"));
}

TEST_CASE("tunnel: who does not wait for what is unsent need not", "[transport][tunnel]") {
    TunnelSetup setup;
    setup.network.arena_bytes = 2 * limits::kSendBytesMax;
    TunnelPair pair(setup);
    const ConnectionId cid = pair.connect();
    pair.client_events.take();
    while (send(pair.client, cid, long_text(50'000))) {
    }
    pair.client.close(cid, CloseMode::graceful);
    for (int i = 0; i < 3; ++i) pair.client.poll(pair.client_events, {});  // the server reads nothing
    CHECK(endings(pair.client_events).empty());
    pair.client.close(cid, GENERATE(CloseMode::abort, CloseMode::reset));
    pair.client.poll(pair.client_events, {});
    CHECK(endings(pair.client_events) == Events{"close 0 local"});
    pair.run();
    CHECK(pair.connect() == cid);
}

TEST_CASE("tunnel: what waits is sent before the connection closes", "[transport][tunnel]") {
    TunnelSetup setup;
    setup.network.arena_bytes = 2 * limits::kSendBytesMax;
    TunnelPair pair(setup);
    const ConnectionId cid = pair.connect();
    const std::string text = long_text(50'000);
    std::string sent;
    for (int i = 0; i < 10 && send(pair.client, cid, text); ++i) sent += text;
    pair.client.close(cid, GENERATE(CloseMode::graceful, CloseMode::half));
    pair.run();
    CHECK(pair.server_events.received(cid) == sent);
    CHECK(endings(pair.server_events) == Events{"close 0 peer_closed"});
    CHECK(endings(pair.client_events).size() == 1);
}

TEST_CASE("tunnel: a peer that ends and does not read is not waited for", "[transport][tunnel]") {
    TunnelPair pair;
    const ConnectionId cid = pair.connect();
    pair.client.inner().close_window(cid);
    SECTION("with its last word") {
        pair.server.close(cid, CloseMode::half);
    }
    SECTION("with what is no record") {
        REQUIRE(send(pair.server.inner(), cid, "neither TLS nor anything"));
    }
    pair.run();
    const Events ends = endings(pair.client_events);
    REQUIRE(ends.size() == 1);
    CHECK(ends[0] != "close 0 local");
}

TEST_CASE("tunnel: who does not read can be cut off while it is closed", "[transport][tunnel]") {
    TunnelPair pair;
    const ConnectionId cid = pair.connect();
    pair.client.inner().close_window(cid);
    REQUIRE(send(pair.client, cid, "never read"));
    pair.client.close(cid, CloseMode::graceful);
    pair.run();
    CHECK(endings(pair.client_events).empty());
    pair.client.close(cid, CloseMode::reset);
    pair.run();
    CHECK(endings(pair.client_events) == Events{"close 0 local"});
    CHECK(endings(pair.server_events).size() == 1);
}
