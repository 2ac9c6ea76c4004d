#include "target/outflow.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace wsblast::target {

namespace {

// Takes up to `room` bytes a tick, as one connection.
struct NarrowTransport {
    ByteSpan reserve(transport::ConnectionId, std::size_t size) {
        if (taken.size() + size > room) return {};
        buffer.resize(size);
        return buffer;
    }
    void commit(transport::ConnectionId, std::size_t size) {
        taken.append(as_text(ByteView(buffer).first(size)));
    }
    std::string turn() { return std::exchange(taken, {}); }

    std::size_t room = 0;
    std::string taken;
    std::vector<std::uint8_t> buffer;
};

struct Fixture {
    Sent send(const std::string& bytes) { return outflow.send(outlet, as_bytes(bytes)); }
    Sent close_frame() {
        return outflow.send_frame(outlet, {.opcode = proto::Opcode::close, .payload_size = 0}, ByteView{});
    }

    NarrowTransport transport;
    Counters counters;
    Outflow<NarrowTransport> outflow{transport, counters};
    Backlog backlog{};
    Outlet outlet{0, backlog};
};

TEST_CASE("outflow: with room nothing is kept", "[target][outflow]") {
    Fixture to;
    to.transport.room = 100;
    CHECK(to.outflow.send_frame(to.outlet, {.opcode = proto::Opcode::text, .payload_size = 2},
                                as_bytes("hi")) == Sent::yes);
    CHECK(to.backlog.empty());
    CHECK(to.transport.taken == "\x81\x02hi");
    CHECK(to.counters[Count::bytes_sent].get() == 4);
}

TEST_CASE("outflow: what found no room goes first when there is some", "[target][outflow]") {
    Fixture to;
    CHECK(to.send("first ") == Sent::yes);
    to.transport.room = 100;
    CHECK(to.send("second ") == Sent::yes);  // must not overtake
    CHECK(to.transport.taken.empty());
    to.outflow.pump(to.outlet);
    CHECK(to.transport.taken == "first second ");
    CHECK(to.backlog.empty());
}

TEST_CASE("outflow: what is larger than a send leaves in pieces", "[target][outflow]") {
    Fixture to;
    to.transport.room = limits::kSendBytesMax;
    std::string bytes;
    while (bytes.size() < 300'000) bytes += std::to_string(bytes.size());
    CHECK(to.send(bytes) == Sent::yes);
    std::string came = to.transport.turn();
    CHECK(came.size() == limits::kSendBytesMax);
    while (!to.backlog.empty()) {
        to.outflow.pump(to.outlet);
        came += to.transport.turn();
    }
    CHECK(came == bytes);
}

TEST_CASE("outflow: a backlog goes round for ever within its bounds", "[target][outflow]") {
    Fixture to;
    std::string said;
    std::string came;
    to.transport.room = limits::kSendBytesMax;
    for (int i = 0; i < 400; ++i) {
        const std::string piece(40'000 + i, static_cast<char>('a' + i % 26));
        if (to.send(piece) == Sent::yes) said += piece;
        to.outflow.pump(to.outlet);
        if (i % 2 == 0) came += to.transport.turn();
    }
    while (!to.backlog.empty()) {
        came += to.transport.turn();
        to.outflow.pump(to.outlet);
    }
    came += to.transport.turn();
    CHECK(said.size() > 2 * limits::kBacklogBytesMax);
    CHECK(came == said);
}

TEST_CASE("outflow: a full backlog takes a close frame and nothing else", "[target][outflow]") {
    Fixture to;
    const std::string message(limits::kBacklogBytesMax - proto::kControlFrameMax, 'x');
    CHECK(to.send(message) == Sent::yes);
    CHECK(to.send("y") == Sent::no);
    CHECK(to.close_frame() == Sent::yes);
    CHECK(to.backlog.bytes().size() == message.size() + 2);
    to.outflow.drop(to.backlog);
    CHECK(to.backlog.empty());
    CHECK(to.send("y") == Sent::yes);
}

TEST_CASE("outflow: when the memory of all backlogs is used up a send says so", "[target][outflow]") {
    Fixture to;
    const std::string message(limits::kBacklogBytesMax - proto::kControlFrameMax, 'x');
    constexpr std::size_t kBacklogs = limits::kBacklogPoolBytes / limits::kBacklogBytesMax;
    std::vector<Backlog> others(kBacklogs);
    for (std::size_t i = 0; i < kBacklogs; ++i) {
        REQUIRE(to.outflow.send({1, others[i]}, as_bytes(message)) == Sent::yes);
    }
    CHECK(to.send("y") == Sent::no);
    CHECK(to.backlog.empty());
}

}  // namespace

}  // namespace wsblast::target
