#include "target/deflations.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/target/memory_server.hpp"

using namespace wsblast;
using namespace wsblast::target;

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr proto::DeflateTerms kAlone{.server_no_context_takeover = true};
const std::string kText = "what is answered once may be answered again, what is answered once";

Bytes compressed(Deflations& deflations, transport::ConnectionId cid, std::string_view text,
                 deflate::DeflateEnd end = deflate::DeflateEnd::message) {
    const ByteView made = deflations.compress(cid, as_bytes(text), end);
    return {made.begin(), made.end()};
}

std::string inflated(deflate::Inflater& inflater, const Bytes& message) {
    Bytes out(10'000);
    const deflate::StreamStep first = inflater.inflate(message, out);
    const deflate::StreamStep last = inflater.finish(ByteSpan(out).subspan(first.produced));
    CHECK(last.status == deflate::StreamStatus::consumed);
    return std::string(as_text(out).substr(0, first.produced + last.produced));
}

// Puts the compressed messages together that a server sends.
struct CompressedLog : test::LogSink {
    proto::Flow on_compressed(proto::Opcode, ByteView piece, proto::FragmentEnd end) {
        message.insert(message.end(), piece.begin(), piece.end());
        if (end == proto::FragmentEnd::last) messages.push_back(std::exchange(message, {}));
        return proto::Flow::go_on;
    }
    Bytes message;
    std::vector<Bytes> messages;
};

// A client that offers permessage-deflate, and a server that wants it.
struct Compressing {
    explicit Compressing(const proto::DeflateParameters& wanted, std::string_view path = "/echo") {
        server.own.speak({.deflate = wanted});
        std::string request = upgrade_request(path);
        request.insert(request.size() - 2, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        cid = server.connect();
        server.say(cid, request);
    }
    void say(const std::string& text, std::size_t fragment = ~std::size_t{0}) {
        const std::string payload(as_text(deflater_message(text)));
        std::vector<test::FrameSpec> frames;
        for (std::size_t at = 0; at == 0 || at < payload.size(); at += std::min(fragment, payload.size())) {
            const std::string piece = payload.substr(at, fragment);
            const bool first = frames.empty();
            frames.push_back({first ? proto::Opcode::text : proto::Opcode::continuation, piece,
                              at + piece.size() == payload.size(), first});
        }
        server.say(cid, frames);
    }
    CompressedLog heard() {
        CompressedLog log;
        const std::string& bytes = server.events.received(cid);
        const std::size_t head = bytes.find("\r\n\r\n") + 4;
        proto::MessageReader<proto::Role::client> reader;
        reader.consume(as_bytes(bytes).subspan(head), log, {.compression = proto::Compression::negotiated});
        return log;
    }

    MemoryServer server;
    transport::ConnectionId cid = 0;

  private:
    const Bytes& deflater_message(const std::string& text) {
        sent_.resize(deflate::Deflater::size_max(text.size()));
        sent_.resize(deflater_.deflate(as_bytes(text), deflate::DeflateEnd::message, sent_).size);
        return sent_;
    }
    deflate::Deflater deflater_{15, 6};
    Bytes sent_;
};

// Hardly compressible.
std::string noise(std::size_t size) {
    Prng random(size);
    std::string text(size, ' ');
    for (char& letter : text) letter = static_cast<char>(' ' + random.next_below(95));
    return text;
}

}  // namespace

TEST_CASE("deflations: a server answers as it was spoken to", "[target][deflations]") {
    const proto::DeflateParameters wanted{.server_no_context_takeover = GENERATE(false, true)};
    Compressing client(wanted);
    for (int i = 0; i < 3; ++i) client.say(kText, GENERATE(as<std::size_t>{}, 5, 1'000));
    const CompressedLog log = client.heard();
    REQUIRE(log.messages.size() == 3);
    deflate::Inflater inflater(15);
    for (const Bytes& message : log.messages) {
        CHECK(inflated(inflater, message) == kText);
        if (wanted.server_no_context_takeover) inflater.reset(15);
    }
    CHECK(client.server.total(Count::connections_compressed) == 1);
    CHECK(client.server.total(Count::inflated_to) == 3 * kText.size());
    CHECK(client.server.total(Count::deflated_from) == 3 * kText.size());
    CHECK(client.server.total(Count::deflated_to) ==
          log.messages[0].size() + log.messages[1].size() + log.messages[2].size());
}

TEST_CASE("deflations: a message that is too large to be kept is compressed in its pieces",
          "[target][deflations]") {
    const proto::DeflateParameters wanted{.server_no_context_takeover = GENERATE(false, true)};
    Compressing client(wanted);
    const std::string text = noise(limits::kAssembledBytesMax + 100'000);
    client.say(text, 50'000);
    client.server.run(100);
    const CompressedLog log = client.heard();
    REQUIRE(log.messages.size() == 1);
    deflate::Inflater inflater(15);
    Bytes out(2 * text.size());
    const deflate::StreamStep first = inflater.inflate(log.messages.front(), out);
    const deflate::StreamStep last = inflater.finish(ByteSpan(out).subspan(first.produced));
    CHECK(last.status == deflate::StreamStatus::consumed);
    const bool same = as_text(out).substr(0, first.produced + last.produced) == text;
    CHECK(same);
}

TEST_CASE("deflations: what is damaged closes the connection with 1007", "[target][deflations]") {
    Compressing client({});
    client.server.say(client.cid, {{.payload = "\xff\xff", .rsv1 = true}});
    CHECK(client.heard().events == std::vector<std::string>{"close:1007:"});
    CHECK(client.server.total(Count::protocol_errors) == 1);
}

TEST_CASE("deflations: with faults in the answers none refers to another", "[target][deflations]") {
    plan::FaultPlan plan;
    plan.drop = 0.5;
    Board board(1, 16, 0, plan);
    board.speak({.deflate = proto::DeflateParameters{}});
    CHECK(board.messages().deflate->server_no_context_takeover);
    Board sound(1, 16, 0);
    sound.speak({.deflate = proto::DeflateParameters{}});
    CHECK_FALSE(sound.messages().deflate->server_no_context_takeover);
}

TEST_CASE("deflations: messages that stand alone are the same each time", "[target][deflations]") {
    Deflations deflations(8);
    CHECK_FALSE(deflations.agreed(3));
    deflations.agree(3, kAlone);
    deflations.agree(4, kAlone);
    CHECK(deflations.agreed(3));
    const Bytes first = compressed(deflations, 3, kText);
    CHECK(first.size() < kText.size());
    CHECK(compressed(deflations, 4, kText) == first);
    CHECK(compressed(deflations, 3, kText) == first);
    deflate::Inflater inflater(15);
    CHECK(inflated(inflater, first) == kText);
    deflations.drop(3);
    CHECK_FALSE(deflations.agreed(3));
    CHECK(deflations.agreed(4));
}

TEST_CASE("deflations: each connection remembers its own messages", "[target][deflations]") {
    Deflations deflations(8);
    deflations.agree(1, {});
    deflations.agree(2, {});
    const Bytes first = compressed(deflations, 1, kText);
    CHECK(compressed(deflations, 2, kText) == first);
    const Bytes second = compressed(deflations, 1, kText);
    CHECK(second.size() < first.size() / 2);
    deflate::Inflater inflater(15);
    CHECK(inflated(inflater, first) == kText);
    CHECK(inflated(inflater, second) == kText);
    // The next connection of that id begins anew.
    deflations.drop(1);
    deflations.agree(1, {});
    CHECK(compressed(deflations, 1, kText) == first);
}

TEST_CASE("deflations: parts of messages that stand alone may be apart", "[target][deflations]") {
    Deflations deflations(8);
    deflations.agree(1, kAlone);
    deflations.agree(2, kAlone);
    Bytes message = compressed(deflations, 1, kText, deflate::DeflateEnd::part);
    static_cast<void>(compressed(deflations, 2, "another one in between"));
    const Bytes end = compressed(deflations, 1, kText);
    message.insert(message.end(), end.begin(), end.end());
    deflate::Inflater inflater(15);
    CHECK(inflated(inflater, message) == kText + kText);
}

TEST_CASE("deflations: windows are kept apart, and what is too large is told", "[target][deflations]") {
    Deflations deflations(8);
    proto::DeflateTerms narrow = kAlone;
    narrow.server_window_bits = 8;
    deflations.agree(1, narrow);
    deflations.agree(2, kAlone);
    const std::string far = kText + std::string(400, '-') + kText;
    CHECK(compressed(deflations, 1, far).size() > compressed(deflations, 2, far).size());
    deflate::Inflater inflater(8);
    CHECK(inflated(inflater, compressed(deflations, 1, far)) == far);
    CHECK(deflations.plain(limits::kBacklogBytesMax).size() == limits::kBacklogBytesMax);
    CHECK(deflations.plain(limits::kBacklogBytesMax + 1).empty());
}
