#include "session/inflations.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "deflate/stream.hpp"
#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::session;
using test::Bytes;

namespace {

constexpr std::uint64_t kSizeMax = 1 * kMiB;
constexpr auto kNone = proto::Violation::none;

Bytes compressed(deflate::Deflater& deflater, std::string_view text) {
    Bytes out(deflate::Deflater::size_max(text.size()));
    out.resize(deflater.deflate(as_bytes(text), deflate::DeflateEnd::message, out).size);
    return out;
}

Bytes compressed(std::string_view text) {
    deflate::Deflater deflater(deflate::kWindowBitsMax, 6);
    return compressed(deflater, text);
}

// One connection's messages, each in pieces of that size.
class Reader {
  public:
    explicit Reader(const InflateTerms& terms) : inflations_(4) { inflations_.agree(kCid, terms); }

    proto::Violation read(ByteView message, std::size_t piece_size, std::uint64_t size_max = kSizeMax,
                          proto::Opcode opcode = proto::Opcode::text) {
        for (;;) {
            const ByteView piece = message.first(std::min(piece_size, message.size()));
            message = message.subspan(piece.size());
            const auto end = message.empty() ? proto::FragmentEnd::last : proto::FragmentEnd::more;
            const auto violation = inflations_.read({kCid, opcode, piece, end}, size_max, sink);
            if (violation != kNone || message.empty()) return violation;
        }
    }
    Inflations& inflations() { return inflations_; }

    test::LogSink sink;

  private:
    static constexpr transport::ConnectionId kCid = 3;
    Inflations inflations_;
};

constexpr InflateTerms kTakeover{.window_bits = 15, .alone = false};
constexpr InflateTerms kAlone{.window_bits = 15, .alone = true};

}  // namespace

TEST_CASE("inflations: a message comes out as it was, however it came", "[session][inflations]") {
    const std::size_t piece_size = GENERATE(as<std::size_t>{}, 1, 2, 7, 1'000'000);
    const std::string text = GENERATE(std::string(), std::string("a"), std::string(5'000, 'x'),
                                      std::string(200'000, 'y') + "\xc3\xa4");
    Reader reader(GENERATE(kTakeover, kAlone));
    REQUIRE(reader.read(compressed(text), piece_size) == kNone);
    CHECK(reader.sink.events == std::vector<std::string>{"text:" + text});
    CHECK(reader.sink.empty_pieces == 0);
    const bool whole = text.size() < limits::kInflatedPieceBytes && piece_size > 100'000;
    if (whole) CHECK(reader.sink.whole_messages == 1);
    const InflatedBytes counts = reader.inflations().take_counts();
    CHECK(counts.from == compressed(text).size());
    CHECK(counts.to == text.size());
    CHECK(reader.inflations().take_counts().to == 0);
}

TEST_CASE("inflations: messages refer to earlier ones where that was agreed", "[session][inflations]") {
    deflate::Deflater deflater(deflate::kWindowBitsMax, 6);
    const std::string text = "what was said once need not be said again";
    const Bytes first = compressed(deflater, text);
    const Bytes second = compressed(deflater, text);
    REQUIRE(second.size() < first.size() / 2);
    Reader takeover(kTakeover);
    CHECK(takeover.read(first, 5) == kNone);
    CHECK(takeover.read(second, 5) == kNone);
    CHECK(takeover.sink.events == std::vector<std::string>(2, "text:" + text));
    Reader alone(kAlone);
    CHECK(alone.read(first, 5) == kNone);
    CHECK(alone.read(second, 5) == proto::Violation::bad_deflate);
}

TEST_CASE("inflations: text is checked once it is inflated, at the piece that shows it",
          "[session][inflations]") {
    Reader reader(kAlone);
    CHECK(reader.read(compressed("\xff"), 100) == proto::Violation::bad_utf8);
    CHECK(reader.read(compressed("cut \xc3"), 100) == proto::Violation::bad_utf8);
    CHECK(reader.sink.events.empty());
    CHECK(reader.read(compressed("\xff"), 100, kSizeMax, proto::Opcode::binary) == kNone);
    // What was wrong with one message is forgotten with the next one.
    Reader next(kAlone);
    CHECK(next.read(compressed("cut \xc3"), 1) == proto::Violation::bad_utf8);
    CHECK(next.read(compressed("whole"), 1) == kNone);
}

TEST_CASE("inflations: what is no deflate, and what is cut off", "[session][inflations]") {
    Reader reader(kTakeover);
    CHECK(reader.read(Bytes{0xff, 0xff, 0xff}, 1) == proto::Violation::bad_deflate);
    Reader other(kTakeover);
    Bytes cut = compressed("some text that is cut off in the middle of it");
    cut.resize(cut.size() / 2);
    CHECK(other.read(cut, 100) == proto::Violation::bad_deflate);
}

TEST_CASE("inflations: a bomb ends at the size that is allowed, a piece at a time",
          "[session][inflations]") {
    const Bytes bomb = compressed(std::string(8 * kMiB, 'x'));
    REQUIRE(bomb.size() < 16 * kKiB);
    Reader reader(kAlone);
    CHECK(reader.read(bomb, GENERATE(as<std::size_t>{}, 100, 1'000'000)) ==
          proto::Violation::message_too_big);
    CHECK(reader.inflations().take_counts().to <= kSizeMax + limits::kInflatedPieceBytes);
    Reader enough(kAlone);
    CHECK(enough.read(bomb, 1'000'000, 8 * kMiB) == kNone);
    Reader too_little(kAlone);
    CHECK(too_little.read(bomb, 1'000'000, 8 * kMiB - 1) == proto::Violation::message_too_big);
}

TEST_CASE("inflations: connections do not share what they remember", "[session][inflations]") {
    Inflations inflations(2);
    test::LogSink sinks[2];
    const std::string texts[2] = {"the first connection's message", "and what the second one says"};
    const Bytes messages[2] = {compressed(texts[0]), compressed(texts[1])};
    for (transport::ConnectionId cid = 0; cid < 2; ++cid) {
        CHECK_FALSE(inflations.agreed(cid));
        inflations.agree(cid, kAlone);
    }
    for (std::size_t at = 0; at < 100; ++at) {
        for (transport::ConnectionId cid = 0; cid < 2; ++cid) {
            if (at >= messages[cid].size()) continue;
            const auto end =
                at + 1 == messages[cid].size() ? proto::FragmentEnd::last : proto::FragmentEnd::more;
            const ByteView piece = ByteView(messages[cid]).subspan(at, 1);
            CHECK(inflations.read({cid, proto::Opcode::text, piece, end}, kSizeMax, sinks[cid]) == kNone);
        }
    }
    for (std::size_t cid = 0; cid < 2; ++cid)
        CHECK(sinks[cid].events == std::vector<std::string>{"text:" + texts[cid]});
    inflations.drop(1);
    CHECK_FALSE(inflations.agreed(1));
}

TEST_CASE("inflations: without memory for an inflater the peer is not to blame", "[session][inflations]") {
    MemoryBudget budget(deflate::Inflater::memory_bytes(deflate::kWindowBitsMax));
    Inflations inflations(2);
    inflations.bound(budget);
    test::LogSink sink;
    const Bytes message = compressed("some text");
    for (transport::ConnectionId cid = 0; cid < 2; ++cid) {
        inflations.agree(cid, kTakeover);
        const auto expected = cid == 0 ? kNone : proto::Violation::no_memory;
        CHECK(inflations.read({cid, proto::Opcode::text, message, proto::FragmentEnd::last}, kSizeMax,
                              sink) == expected);
    }
    CHECK(sink.events.size() == 1);
    // What is given back is used again.
    inflations.drop(0);
    CHECK(inflations.read({1, proto::Opcode::text, message, proto::FragmentEnd::last}, kSizeMax, sink) ==
          kNone);
}
