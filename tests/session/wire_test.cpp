#include "session/wire.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"
#include "tests/transport/memory_recorder.hpp"

using namespace wsblast;
using namespace wsblast::session;
using test::FrameSpec;
using transport::MemoryPair;
using transport::MemoryTransport;

namespace {

constexpr proto::Opcode kText = proto::Opcode::text;
constexpr proto::Opcode kMore = proto::Opcode::continuation;
constexpr proto::Opcode kPing = proto::Opcode::ping;

template <proto::Role kRole>
using WireOf = Wire<kRole, MemoryTransport>;

// Reads as a connection does: whole messages, and those that the wire puts together.
template <class SomeWire>
struct WireSink {
    SomeWire& wire;
    ConnectionId cid;
    std::vector<std::string> events{};

    proto::Flow on_message(proto::Opcode, ByteView payload) { return log("message:", payload); }
    proto::Flow on_fragment(proto::Opcode, ByteView piece, proto::FragmentEnd end) {
        const auto whole = wire.assemble(cid, piece, end);
        return whole ? log("message:", *whole) : proto::Flow::go_on;
    }
    proto::Flow on_ping(ByteView payload) {
        wire.send_pong(cid, payload);
        return log("ping:", payload);
    }
    proto::Flow on_pong(ByteView payload) { return log("pong:", payload); }
    void on_close(const proto::CloseFrame& close) {
        events.push_back("close:" + std::to_string(close.code));
    }

    proto::Flow log(std::string kind, ByteView payload) {
        events.push_back(kind += as_text(payload));
        return proto::Flow::go_on;
    }
};

// One client connection and the wire of the given role's end of it.
template <proto::Role kRole>
struct WireEnd {
    explicit WireEnd(const transport::MemoryNetworkOptions& options = {})
        : pair(options), wire(kRole == proto::Role::client ? pair.client : pair.server, 16, 7) {
        cid = pair.connect();
    }
    // All that the other end has received so far.
    std::string far() {
        pair.poll_both();
        return kRole == proto::Role::client ? pair.server_events.received(0)
                                            : pair.client_events.received(cid);
    }

    MemoryPair pair;
    WireOf<kRole> wire;
    ConnectionId cid = 0;
};

constexpr proto::Role other(proto::Role role) {
    return role == proto::Role::client ? proto::Role::server : proto::Role::client;
}

// The frames that a string of bytes holds, as their receiver reads them.
template <proto::Role kReader>
std::vector<std::string> decode(const std::string& bytes) {
    test::LogSink sink;
    proto::MessageReader<kReader> reader;
    std::vector<std::uint8_t> scratch(limits::kSendBytesMax);
    static_cast<void>(reader.consume(as_bytes(bytes), sink, {.scratch = scratch}));
    return sink.events;
}

template <proto::Role kRole>
void check_every_split(const std::vector<FrameSpec>& specs, const std::vector<std::string>& expected) {
    const test::Bytes bytes = test::frames(specs, other(kRole));
    WireEnd<kRole> end;
    test::for_every_split(bytes, [&](test::SplitInput& input) {
        WireSink<WireOf<kRole>> sink{end.wire, end.cid};
        while (!input.done()) {
            const ByteView piece = input.next();
            const auto result = end.wire.read(end.cid, piece, sink);
            CHECK(result.status == proto::ReadStatus::need_more);
            CHECK(result.consumed == piece.size());
        }
        CHECK(sink.events == expected);
    });
}

}  // namespace

TEST_CASE("wire: every split of the frames gives the same messages, in both roles", "[session][wire]") {
    const std::vector<FrameSpec> specs{{kText, "one"},
                                       {kText, "half ", false},
                                       {kPing, "between"},
                                       {kMore, "and ", false},
                                       {kMore, "half"},
                                       {kText, ""},
                                       {kText, std::string(300, 'l')}};
    const std::vector<std::string> expected{"message:one", "ping:between", "message:half and half",
                                            "message:", "message:" + std::string(300, 'l')};
    check_every_split<proto::Role::client>(specs, expected);
    check_every_split<proto::Role::server>(specs, expected);
}

TEST_CASE("wire: every split of a head gives the whole head", "[session][wire]") {
    const std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    WireEnd<proto::Role::client> end;
    test::for_every_split(as_bytes(head), [&](test::SplitInput& input) {
        std::string gathered;
        while (!input.done() && gathered.size() < head.size()) {
            const ByteView so_far = end.wire.gather_head(end.cid, input.next());
            gathered = as_text(so_far);
            if (gathered.size() < head.size()) REQUIRE(end.wire.keep_head(end.cid, so_far));
        }
        CHECK(gathered == head);
        end.wire.drop(end.cid);
    });
}

TEST_CASE("wire: a head that is too large is not gathered", "[session][wire]") {
    WireEnd<proto::Role::client> end;
    const test::Bytes piece(4096, 'x');
    std::size_t pieces = 0;
    for (; pieces < 100; ++pieces) {
        const ByteView so_far = end.wire.gather_head(end.cid, piece);
        if (so_far.empty()) break;
        CHECK(so_far.size() == (pieces + 1) * piece.size());
        REQUIRE(end.wire.keep_head(end.cid, so_far));
    }
    CHECK(pieces * piece.size() == limits::kHttpHeadMax + limits::kReceiveBufferBytes);
}

TEST_CASE("wire: what was kept of one connection is dropped with it", "[session][wire]") {
    WireEnd<proto::Role::client> end;
    const test::Bytes bytes = test::frames({{kText, "never finished"}}, proto::Role::server);
    WireSink<WireOf<proto::Role::client>> sink{end.wire, end.cid};
    static_cast<void>(end.wire.read(end.cid, ByteView(bytes).first(5), sink));
    end.wire.drop(end.cid);
    const test::Bytes fresh = test::frames({{kText, "anew"}}, proto::Role::server);
    static_cast<void>(end.wire.read(end.cid, fresh, sink));
    CHECK(sink.events == std::vector<std::string>{"message:anew"});
}

TEST_CASE("wire: connections do not see each other's pieces", "[session][wire]") {
    WireEnd<proto::Role::client> end;
    const ConnectionId second = end.pair.connect();
    const test::Bytes a = test::frames({{kText, "aaa", false}, {kMore, "AAA"}}, proto::Role::server);
    const test::Bytes b = test::frames({{kText, "bbb", false}, {kMore, "BBB"}}, proto::Role::server);
    WireSink<WireOf<proto::Role::client>> first_sink{end.wire, end.cid};
    WireSink<WireOf<proto::Role::client>> second_sink{end.wire, second};
    for (std::size_t i = 0; i < a.size(); ++i) {
        static_cast<void>(end.wire.read(end.cid, ByteView(a).subspan(i, 1), first_sink));
        static_cast<void>(end.wire.read(second, ByteView(b).subspan(i, 1), second_sink));
    }
    CHECK(first_sink.events == std::vector<std::string>{"message:aaaAAA"});
    CHECK(second_sink.events == std::vector<std::string>{"message:bbbBBB"});
}

TEST_CASE("wire: a message too large to be put together completes as an empty one", "[session][wire]") {
    WireEnd<proto::Role::client> end;
    const test::Bytes piece(limits::kAssembledBytesMax / 2 + 1, 'x');
    CHECK_FALSE(end.wire.assemble(end.cid, piece, proto::FragmentEnd::more).has_value());
    CHECK_FALSE(end.wire.assemble(end.cid, piece, proto::FragmentEnd::more).has_value());
    const auto whole = end.wire.assemble(end.cid, piece, proto::FragmentEnd::last);
    REQUIRE(whole.has_value());
    CHECK(whole->empty());
    const auto next = end.wire.assemble(end.cid, as_bytes("next"), proto::FragmentEnd::last);
    CHECK(as_text(*next) == "next");
}

TEST_CASE("wire: a client masks what it sends, each frame with a new key", "[session][wire]") {
    WireEnd<proto::Role::client> end;
    REQUIRE(end.wire.send(end.cid, kText, as_bytes("same")));
    REQUIRE(end.wire.send(end.cid, kText, as_bytes("same")));
    const std::string bytes = end.far();
    CHECK(decode<proto::Role::server>(bytes) == std::vector<std::string>{"text:same", "text:same"});
    REQUIRE(bytes.size() == 20);
    CHECK(bytes.substr(0, 10) != bytes.substr(10));
}

TEST_CASE("wire: a server does not mask", "[session][wire]") {
    WireEnd<proto::Role::server> end;
    REQUIRE(end.wire.send(0, kText, as_bytes("plain")));
    CHECK(decode<proto::Role::client>(end.far()) == std::vector<std::string>{"text:plain"});
}

TEST_CASE("wire: a close frame carries its code, or nothing where there is none", "[session][wire]") {
    WireEnd<proto::Role::client> end;
    REQUIRE(end.wire.send_close(end.cid, {.code = proto::close_code::kGoingAway}));
    CHECK(decode<proto::Role::server>(end.far()) == std::vector<std::string>{"close:1001:"});
    WireEnd<proto::Role::client> other_end;
    REQUIRE(other_end.wire.send_close(other_end.cid, {}));
    CHECK(decode<proto::Role::server>(other_end.far()) == std::vector<std::string>{"close:1005:"});
}

TEST_CASE("wire: without room a pong waits, and only the newest is sent", "[session][wire]") {
    WireEnd<proto::Role::client> end({.arena_bytes = 2 * limits::kSendBytesMax, .faults = {}});
    const std::string filler(limits::kSendBytesMax, 'f');
    while (send(end.pair.client, end.cid, filler)) continue;
    WireSink<WireOf<proto::Role::client>> sink{end.wire, end.cid};
    const test::Bytes pings =
        test::frames({{kPing, "old"}, {kPing, "new"}, {kText, "message"}}, proto::Role::server);
    static_cast<void>(end.wire.read(end.cid, pings, sink));
    CHECK(sink.events == std::vector<std::string>{"ping:old", "ping:new", "message:message"});
    end.pair.poll_server();
    const std::size_t before = end.pair.server_events.received(0).size();
    end.wire.on_room(end.cid);
    CHECK(decode<proto::Role::server>(end.far().substr(before)) == std::vector<std::string>{"pong:new"});
    end.wire.on_room(end.cid);
    CHECK(decode<proto::Role::server>(end.far().substr(before)) == std::vector<std::string>{"pong:new"});
}

TEST_CASE("wire: a pong that waits is not sent after a newer one", "[session][wire]") {
    WireEnd<proto::Role::client> end({.arena_bytes = 2 * limits::kSendBytesMax, .faults = {}});
    const std::string filler(limits::kSendBytesMax, 'f');
    while (send(end.pair.client, end.cid, filler)) continue;
    WireSink<WireOf<proto::Role::client>> sink{end.wire, end.cid};
    const test::Bytes old = test::frames({{kPing, "old"}}, proto::Role::server);
    static_cast<void>(end.wire.read(end.cid, old, sink));
    end.pair.poll_both();  // there is room, and nobody has told the wire
    const std::size_t before = end.far().size();
    const test::Bytes newer = test::frames({{kPing, "new"}}, proto::Role::server);
    static_cast<void>(end.wire.read(end.cid, newer, sink));
    end.wire.on_room(end.cid);
    CHECK(decode<proto::Role::server>(end.far().substr(before)) == std::vector<std::string>{"pong:new"});
}

TEST_CASE("wire: a pong that waits does not disturb what is being read", "[session][wire]") {
    WireEnd<proto::Role::client> end({.arena_bytes = 2 * limits::kSendBytesMax, .faults = {}});
    const std::string filler(limits::kSendBytesMax, 'f');
    while (send(end.pair.client, end.cid, filler)) continue;
    WireSink<WireOf<proto::Role::client>> sink{end.wire, end.cid};
    const test::Bytes bytes = test::frames({{kPing, "p"}, {kText, "cut here"}}, proto::Role::server);
    static_cast<void>(end.wire.read(end.cid, ByteView(bytes).first(8), sink));
    end.pair.poll_server();
    end.wire.on_room(end.cid);
    static_cast<void>(end.wire.read(end.cid, ByteView(bytes).subspan(8), sink));
    CHECK(sink.events == std::vector<std::string>{"ping:p", "message:cut here"});
}

TEST_CASE("wire: a violation is told once and for all", "[session][wire]") {
    WireEnd<proto::Role::client> end;
    WireSink<WireOf<proto::Role::client>> sink{end.wire, end.cid};
    const test::Bytes masked = test::frames({{kText, "x"}}, proto::Role::client);
    CHECK(end.wire.read(end.cid, masked, sink).violation == proto::Violation::masked_frame);
    const test::Bytes good = test::frames({{kText, "good"}}, proto::Role::server);
    CHECK(end.wire.read(end.cid, good, sink).status == proto::ReadStatus::violation);
    CHECK(sink.events.empty());
}
