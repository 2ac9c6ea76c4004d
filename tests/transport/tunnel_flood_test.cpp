// transport/tunnel.hpp where a peer makes it say more than there is room for.
#include <catch2/catch.hpp>

#include "tests/crypto/openssl_end.hpp"
#include "tests/transport/tunnel_pair.hpp"
#include "transport/tunnel.hpp"

namespace wsblast::transport {

namespace {

// Takes nothing from some time on, as a connection whose peer does not read.
class Closing : public MemoryTransport {
  public:
    using MemoryTransport::MemoryTransport;

    [[nodiscard]] ByteSpan reserve(ConnectionId cid, std::size_t size) {
        return full ? ByteSpan{} : MemoryTransport::reserve(cid, size);
    }
    bool full = false;
};

// OpenSSL's server, which says what it is told to.
class RawServer : public Recorder {
  public:
    explicit RawServer(MemoryTransport& transport)
        : context_(test::openssl_server({})), transport_(transport), end_(context_.get()) {}

    void on_bytes(ConnectionId cid, ByteView bytes, const Arrival&) { send(cid, end_.hear(bytes)); }
    void send(ConnectionId cid, const std::vector<std::uint8_t>& bytes) {
        for (ByteView rest = bytes; !rest.empty();) {
            const std::size_t size = std::min<std::size_t>(rest.size(), 4'096);
            const ByteSpan room = transport_.reserve(cid, size);
            REQUIRE(room.size() >= size);
            std::copy_n(rest.begin(), size, room.begin());
            transport_.commit(cid, size);
            rest = rest.subspan(size);
        }
    }
    test::OpensslEnd& end() { return end_; }

  private:
    test::ContextOwner context_;
    MemoryTransport& transport_;
    test::OpensslEnd end_;
};

class Ended : public StageRecorder {
  public:
    void on_close(ConnectionId, CloseEvent event, TimeNs) { cause = event.cause; }
    CloseCause cause = CloseCause::local;
};

constexpr std::size_t kAnswerBytes = 27;  // of a key update, sealed
constexpr std::size_t kAnswersMax = ChunkPool::kChunkMax / kAnswerBytes;

}  // namespace

TEST_CASE("tunnel: who asks for more answers than find room is given up, whatever comes with that",
          "[transport][tunnel]") {
    MemoryNetwork network;
    const Route routes[] = {{.tls_name = "localhost"}};
    auto inner = std::make_unique<Closing>(network, Side::client, 4);
    Closing& below = *inner;
    Tunnel<Closing> client(std::move(inner),
                           crypto::TlsContext::client(test::localhost_client(), 1).value(), routes);
    MemoryTransport far(network, Side::server, 4);
    RawServer server(far);
    Ended events;
    const ConnectionId cid = client.open(0);
    const auto run = [&] {
        far.poll(server, {});
        client.poll(events, {});
    };
    for (int i = 0; i < 6; ++i) run();
    REQUIRE(events.facts().version == 0x0304);
    below.full = true;
    for (std::size_t asked = 0; asked < kAnswersMax - 10; asked += 100) {
        server.send(0, server.end().change_keys(std::min<std::size_t>(100, kAnswersMax - 10 - asked)));
        run();
    }
    std::vector<std::uint8_t> last = server.end().change_keys(20);
    SECTION("what is no record") {
        last.insert(last.end(), {0x48, 0x54, 0x54, 0x50, 0x2f});
    }
    SECTION("the end") {
        const auto goodbye = server.end().say_goodbye();
        last.insert(last.end(), goodbye.begin(), goodbye.end());
    }
    SECTION("data") {
        const auto data = server.end().say("too late");
        last.insert(last.end(), data.begin(), data.end());
    }
    server.send(0, last);
    run();
    run();
    CHECK(events.received(cid).empty());
    CHECK(events.cause == CloseCause::no_memory);
}

}  // namespace wsblast::transport
