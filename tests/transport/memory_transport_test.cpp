#include "transport/memory_transport.hpp"

#include <catch2/catch.hpp>

#include "tests/transport/memory_recorder.hpp"

using namespace wsblast;
using namespace wsblast::transport;

using Events = std::vector<std::string>;

TEST_CASE("memory transport: an open reaches the server, then the client", "[transport][memory]") {
    MemoryPair pair;
    REQUIRE(pair.client.ok());
    REQUIRE(pair.server.ok());
    CHECK(pair.client.open(0) == 0);
    CHECK(pair.client_events.take().empty());
    pair.poll_client();
    CHECK(pair.client_events.take().empty());
    pair.poll_server();
    CHECK(pair.server_events.take() == Events{"open 0"});
    pair.poll_client();
    CHECK(pair.client_events.take() == Events{"open 0"});
    CHECK(pair.client_events.bursts() == 2);
}

TEST_CASE("memory transport: ids are dense and bounded", "[transport][memory]") {
    MemoryPair pair({}, 2);
    CHECK(pair.client.capacity() == 2);
    CHECK(pair.client.open(0) == 0);
    CHECK(pair.client.open(0) == 1);
    CHECK(pair.client.open(0) == kNoConnection);
}

TEST_CASE("memory transport: bytes arrive in the order of their commits, neighbours in one piece",
          "[transport][memory]") {
    MemoryPair pair;
    const ConnectionId a = pair.connect();
    const ConnectionId b = pair.connect();
    CHECK(send(pair.client, a, "one "));
    CHECK(send(pair.client, a, "two"));
    CHECK(send(pair.client, b, "other"));
    CHECK(send(pair.client, a, "three"));
    static constexpr std::string_view kConstant = "constant";
    CHECK(pair.client.commit_ref(a, as_bytes(kConstant)));
    CHECK(send(pair.client, a, "four"));
    pair.poll_server();
    CHECK(pair.server_events.take() ==
          Events{"bytes 0 one two", "bytes 1 other", "bytes 0 three", "bytes 0 constant", "bytes 0 four"});
}

TEST_CASE("memory transport: less may be committed than was reserved", "[transport][memory]") {
    MemoryPair pair;
    const ConnectionId cid = pair.connect();
    ByteSpan room = pair.client.reserve(cid, 100);
    REQUIRE(room.size() == 100);
    room[0] = 'x';
    pair.client.commit(cid, 1);
    pair.client.commit(cid, 0);
    CHECK(send(pair.client, cid, "y"));
    pair.poll_server();
    CHECK(pair.server_events.take() == Events{"bytes 0 xy"});
}

TEST_CASE("memory transport: a graceful close comes after the bytes, each side hears of it once",
          "[transport][memory]") {
    MemoryPair pair;
    const ConnectionId cid = pair.connect();
    CHECK(send(pair.server, 0, "never read"));
    CHECK(send(pair.client, cid, "bye"));
    pair.client.close(cid, CloseMode::graceful);
    pair.client.close(cid, CloseMode::abort);
    CHECK(pair.client.reserve(cid, 1).empty());
    CHECK(pair.client.has_deferred_work());
    pair.poll_both();
    CHECK(pair.server_events.take() == Events{"bytes 0 bye", "close 0 peer_closed"});
    CHECK(pair.client_events.take() == Events{"close 0 local"});
    pair.poll_both();
    pair.poll_both();
    CHECK(pair.server_events.take().empty());
    CHECK(pair.client_events.take().empty());
    CHECK_FALSE(pair.client.has_deferred_work());
}

TEST_CASE("memory transport: both sides may close at the same time", "[transport][memory]") {
    MemoryPair pair;
    const ConnectionId cid = pair.connect();
    pair.client.close(cid, CloseMode::graceful);
    pair.server.close(0, CloseMode::graceful);
    for (int i = 0; i < 3; ++i) pair.poll_both();
    CHECK(pair.server_events.take() == Events{"close 0 local"});
    CHECK(pair.client_events.take() == Events{"close 0 local"});
}

TEST_CASE("memory transport: an abort is a reset for the other side", "[transport][memory]") {
    MemoryPair pair;
    pair.connect();
    pair.server.close(0, CloseMode::abort);
    pair.poll_client();
    CHECK(pair.client_events.take() == Events{"close 0 reset"});
    pair.poll_server();
    CHECK(pair.server_events.take() == Events{"close 0 local"});
}

TEST_CASE("memory transport: after a half-close bytes still come, until the peer closes",
          "[transport][memory]") {
    MemoryPair pair;
    const ConnectionId cid = pair.connect();
    CHECK(send(pair.server, 0, "last words"));
    pair.client.close(cid, CloseMode::half);
    CHECK_FALSE(send(pair.client, cid, "x"));
    pair.poll_client();
    CHECK(pair.client_events.take() == Events{"bytes 0 last words"});
    pair.poll_both();
    CHECK(pair.server_events.take() == Events{"close 0 peer_closed"});
    CHECK(pair.client_events.take() == Events{"close 0 peer_closed"});
}

TEST_CASE("memory transport: an open that is closed before it is answered leaves nothing behind",
          "[transport][memory]") {
    MemoryPair pair;
    const ConnectionId cid = pair.client.open(0);
    pair.client.close(cid, CloseMode::abort);
    pair.poll_client();
    CHECK(pair.client_events.take() == Events{"close 0 local"});
    CHECK(pair.client.open(0) == cid);
    pair.poll_both();
    CHECK(pair.server_events.take() == Events{"open 0", "open 1"});
    CHECK(pair.client_events.take() == Events{"open 0"});
    pair.poll_server();
    CHECK(pair.server_events.take() == Events{"close 0 reset"});
}

TEST_CASE("memory transport: an id's next owner never gets what was sent to the one before",
          "[transport][memory]") {
    MemoryPair pair;
    const ConnectionId first = pair.connect();
    CHECK(send(pair.server, 0, "stale"));
    pair.server.close(0, CloseMode::graceful);
    pair.client.close(first, CloseMode::abort);
    pair.client.poll(pair.client_events, {});
    pair.client_events.take();
    pair.poll_server();
    CHECK(pair.connect() == first);
    CHECK(send(pair.server, 0, "fresh"));
    pair.poll_client();
    CHECK(pair.client_events.take() == Events{"bytes 0 fresh"});
}

TEST_CASE("memory transport: a full or closed server refuses, a client always", "[transport][memory]") {
    MemoryNetwork network;
    MemoryTransport client(network, Side::client, 3);
    MemoryTransport server(network, Side::server, 1);
    Recorder client_events;
    Recorder server_events;
    const auto poll_both = [&] {
        server.poll(server_events, {});
        client.poll(client_events, {});
    };
    REQUIRE(client.open(0) == 0);
    REQUIRE(client.open(0) == 1);
    poll_both();
    CHECK(server_events.take() == Events{"open 0"});
    CHECK(client_events.take() == Events{"open 0", "close 1 refused"});
    server.close(0, CloseMode::abort);
    server.stop_listening();
    poll_both();
    client_events.take();
    REQUIRE(client.open(0) != kNoConnection);
    poll_both();
    CHECK(client_events.take() == Events{"close 0 refused"});
    REQUIRE(server.open(0) == 0);
    poll_both();
    server_events.take();
    poll_both();
    CHECK(server_events.take() == Events{"close 0 refused"});
}

TEST_CASE("memory transport: without room the caller is told when there is some again",
          "[transport][memory]") {
    MemoryNetworkOptions options;
    options.arena_bytes = 2 * limits::kSendBytesMax;
    MemoryPair pair(options);
    const ConnectionId cid = pair.connect();
    const std::string large(limits::kSendBytesMax, 'x');
    CHECK(send(pair.client, cid, large));
    CHECK(send(pair.client, cid, large));
    CHECK_FALSE(send(pair.client, cid, "y"));
    CHECK_FALSE(send(pair.client, cid, "y"));
    pair.poll_client();
    CHECK(pair.client_events.take().empty());
    pair.poll_both();
    CHECK(pair.client_events.take() == Events{"room 0"});
    CHECK(pair.server_events.received(0).size() == 2 * large.size());
    CHECK(send(pair.client, cid, large));
    pair.poll_both();
    CHECK(pair.client_events.take().empty());
}

TEST_CASE("memory transport: a refused reserve is forgotten with its connection", "[transport][memory]") {
    MemoryNetworkOptions options;
    options.arena_bytes = 2 * limits::kSendBytesMax;
    MemoryPair pair(options);
    const ConnectionId cid = pair.connect();
    const std::string large(limits::kSendBytesMax, 'x');
    CHECK(send(pair.client, cid, large));
    CHECK(send(pair.client, cid, large));
    CHECK_FALSE(send(pair.client, cid, "y"));
    pair.client.close(cid, CloseMode::abort);
    pair.poll_client();
    CHECK(pair.client_events.take() == Events{"close 0 local"});
    REQUIRE(pair.client.open(0) == cid);
    pair.poll_both();
    CHECK(pair.client_events.take() == Events{"open 0"});
    CHECK_FALSE(pair.client.has_deferred_work());
}

TEST_CASE("memory transport: the clock stands still until it is moved, and says what it waits for",
          "[transport][memory]") {
    MemoryPair pair;
    const TimeNs start_ns = pair.network.now_ns();
    CHECK(pair.network.next_arrival_ns() == kNever);
    pair.poll_both();
    CHECK(pair.client_events.last_ns() == start_ns);
    pair.network.advance_to(start_ns + 5 * kSecond);
    REQUIRE(pair.client.open(0) != kNoConnection);
    CHECK(pair.network.next_arrival_ns() == start_ns + 5 * kSecond);
    pair.poll_both();
    CHECK(pair.client_events.last_ns() == start_ns + 5 * kSecond);
    MemoryNetworkOptions real;
    real.clock = MemoryClock::real_time;
    const TimeNs before_ns = monotonic_now();
    CHECK(MemoryNetwork(real).now_ns() >= before_ns);
}

TEST_CASE("memory transport: a hundred thousand connections talk at once", "[transport][memory]") {
    class Echo {
      public:
        explicit Echo(MemoryTransport& transport) : transport_(transport) {}
        void on_open(ConnectionId, TimeNs) { ++opened_; }
        void on_bytes(ConnectionId cid, ByteView bytes, transport::Arrival) {
            ++received_;
            send(transport_, cid, as_text(bytes));
        }
        void on_room(ConnectionId) {}
        void on_close(ConnectionId, CloseEvent, TimeNs) {}
        void on_burst_end(TimeNs) {}
        [[nodiscard]] int opened() const { return opened_; }
        [[nodiscard]] int received() const { return received_; }

      private:
        MemoryTransport& transport_;
        int opened_ = 0;
        int received_ = 0;
    };
    constexpr int kConnections = 100'000;
    MemoryNetwork network;
    MemoryTransport client(network, Side::client, kConnections);
    MemoryTransport server(network, Side::server, kConnections);
    Echo client_echo(client);
    Echo server_echo(server);
    for (int i = 0; i < kConnections; ++i) REQUIRE(client.open(0) == static_cast<ConnectionId>(i));
    server.poll(server_echo, {});
    client.poll(client_echo, {});
    REQUIRE(server_echo.opened() == kConnections);
    REQUIRE(client_echo.opened() == kConnections);
    for (ConnectionId cid = 0; cid < kConnections; ++cid)
        REQUIRE(send(client, cid, "a message of 20 byte"));
    server.poll(server_echo, {});
    client.poll(client_echo, {});
    CHECK(server_echo.received() == kConnections);
    CHECK(client_echo.received() == kConnections);
}

TEST_CASE("memory transport: where the window opens again there is room, and it is told",
          "[transport][memory]") {
    MemoryPair pair;
    const ConnectionId cid = pair.connect();
    pair.client.close_window(cid);
    CHECK_FALSE(send(pair.client, cid, "too early"));
    pair.poll_client();
    CHECK(pair.client_events.take().empty());
    pair.client.open_window(cid);
    pair.poll_client();
    CHECK(pair.client_events.take() == Events{"room 0"});
    CHECK(send(pair.client, cid, "now"));
    pair.poll_server();
    CHECK(pair.server_events.take() == Events{"bytes 0 now"});
}

TEST_CASE("memory transport: where the window is closed there is no room, and only a reset ends it",
          "[transport][memory]") {
    MemoryPair pair;
    const ConnectionId cid = pair.connect();
    pair.client.close_window(cid);
    CHECK_FALSE(send(pair.client, cid, "never read"));
    CHECK_FALSE(pair.client.commit_ref(cid, as_bytes("never read")));
    CHECK_FALSE(pair.client.has_deferred_work());
    CHECK(send(pair.server, 0, "heard"));
    pair.poll_client();
    CHECK(pair.client_events.take() == Events{"bytes 0 heard"});
    pair.client.close(cid, CloseMode::graceful);
    CHECK(send(pair.server, 0, "not any more"));
    pair.poll_client();
    pair.poll_server();
    CHECK(pair.client_events.take().empty());
    CHECK(pair.server_events.take().empty());
    pair.client.close(cid, CloseMode::abort);
    pair.poll_client();
    pair.poll_server();
    CHECK(pair.client_events.take() == Events{"close 0 local"});
    CHECK(pair.server_events.take() == Events{"close 0 reset"});
    CHECK(pair.client.open(0) == cid);
    pair.poll_server();
    pair.poll_client();
    CHECK(send(pair.client, cid, "its successor"));
}
