// The server's connections over memory, and clients that write raw bytes and read what comes back.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "crypto/accept_key.hpp"
#include "proto/message_reader.hpp"
#include "proto/upgrade.hpp"
#include "target/board.hpp"
#include "tests/support/frames.hpp"
#include "tests/transport/memory_recorder.hpp"
#include "transport/memory_transport.hpp"

namespace wsblast::target {

template <class Transport>
class Connections;

// What a client has got, as test::LogSink writes it.
using Heard = std::vector<std::string>;
inline const std::string kPing = R"({"type":"ping"})";
inline const std::string kPong = R"(text:{"type":"pong"})";

inline constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // of RFC 6455 1.3

inline std::string upgrade_request(std::string_view path) {
    return "GET " + std::string(path) +
           " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
           std::string(kKey) + "\r\n\r\n";
}

// What comes before the first frame.
inline std::string upgrade_response() {
    std::string response(proto::kUpgradeResponseSize, '\0');
    proto::write_upgrade_response({reinterpret_cast<std::uint8_t*>(response.data()), response.size()},
                                  {.key = kKey});
    return response;
}

// Connections over memory, compiled once, in memory_server.cpp: that takes g++ longer than a test does.
class MemoryConnections {
  public:
    MemoryConnections(transport::MemoryTransport& transport, Board& board, std::uint32_t index);
    ~MemoryConnections();
    MemoryConnections(const MemoryConnections&) = delete;
    MemoryConnections& operator=(const MemoryConnections&) = delete;

    [[nodiscard]] bool ok() const;
    [[nodiscard]] bool finished() const;
    transport::PollWait tick(TimeNs now_ns);
    // What the transport has for them.
    void poll(const transport::PollWait& wait);

  private:
    transport::MemoryTransport& transport_;
    std::unique_ptr<Connections<transport::MemoryTransport>> connections_;
};

// One worker of a server whose board is somewhere else, and its clients.
struct MemoryWorker {
    MemoryWorker(const transport::MemoryNetworkOptions& options, Board& of_server, std::uint32_t index)
        : network(options),
          client(network, transport::Side::client, 32),
          transport(network, transport::Side::server, 32),
          board(of_server),
          connections(transport, board, index) {
        REQUIRE(connections.ok());
    }

    // One tick of both ends. The client reads only if it is asked to.
    void serve() { connections.poll(connections.tick(network.now_ns())); }
    void read() { client.poll(events, {}); }
    void run(int ticks = 4) {
        for (int i = 0; i < ticks; ++i) {
            serve();
            read();
        }
    }
    void advance(TimeNs time_ns) {
        network.advance_to(network.now_ns() + time_ns);
        run();
    }

    // A TCP connection.
    transport::ConnectionId connect() {
        const transport::ConnectionId cid = client.open(0);
        run();
        return cid;
    }
    // An upgraded one.
    transport::ConnectionId open(std::string_view path) {
        const transport::ConnectionId cid = connect();
        say(cid, upgrade_request(path));
        return cid;
    }

    void write(transport::ConnectionId cid, std::string_view bytes) {
        while (!bytes.empty()) {
            const std::string_view piece = bytes.substr(0, limits::kSendBytesMax);
            if (transport::send(client, cid, piece)) bytes.remove_prefix(piece.size());
            if (!bytes.empty()) run(1);
        }
    }
    void say(transport::ConnectionId cid, std::string_view bytes) {
        write(cid, bytes);
        run();
    }
    void say(transport::ConnectionId cid, const std::vector<test::FrameSpec>& specs) {
        const test::Bytes bytes = test::frames(specs, proto::Role::client);
        say(cid, as_text(bytes));
    }

    // All that came, read as frames after the upgrade's response.
    std::vector<std::string> heard(transport::ConnectionId cid) { return sink_of(cid).events; }
    test::LogSink sink_of(transport::ConnectionId cid) {
        test::LogSink sink;
        const std::string& bytes = events.received(cid);
        if (!bytes.starts_with(upgrade_response())) return sink;
        proto::MessageReader<proto::Role::client> reader;
        reader.consume(as_bytes(bytes).subspan(proto::kUpgradeResponseSize), sink);
        return sink;
    }
    // Whether both ends have been told that it is over.
    bool gone(transport::ConnectionId cid) {
        const std::string close = "close " + std::to_string(cid) + ' ';
        for (const std::string& event : events.take()) {
            if (event.starts_with(close)) return total(Count::connections_present) == 0;
        }
        return false;
    }

    std::uint64_t total(Count count) const { return board.total(count); }

    transport::MemoryNetwork network;
    transport::MemoryTransport client;
    transport::MemoryTransport transport;
    transport::Recorder events;
    Board& board;
    MemoryConnections connections;
};

struct OwnBoard {
    Board own;
};

// A server with one worker.
struct MemoryServer : OwnBoard, MemoryWorker {
    explicit MemoryServer(const transport::MemoryNetworkOptions& options = {}, ConnectionLimit limit = 16,
                          const plan::FaultPlan& faults = {})
        : OwnBoard{Board(1, limit, 0, faults)}, MemoryWorker(options, own, 0) {}
    explicit MemoryServer(const plan::FaultPlan& faults) : MemoryServer({}, 16, faults) {}
};

}  // namespace wsblast::target
