#include <catch2/catch.hpp>

#include "proto/message_reader.hpp"
#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::proto;
using test::Bytes;
using test::frames;
using test::FrameSpec;
using test::kContinuation;

namespace {

// Writes down what is compressed too, once it is complete.
class CompressedLog : public test::LogSink {
  public:
    Flow on_compressed(Opcode opcode, ByteView piece, FragmentEnd end) {
        if (piece.empty() && end == FragmentEnd::more) ++empty_pieces;
        compressed_ += as_text(piece);
        if (end == FragmentEnd::more) return Flow::go_on;
        events.push_back((opcode == Opcode::text ? "compressed text:" : "compressed binary:") +
                         std::exchange(compressed_, {}));
        return Flow::go_on;
    }

  private:
    std::string compressed_;
};

struct CompressedOutcome {
    std::vector<std::string> events;
    Violation violation = Violation::none;

    bool operator==(const CompressedOutcome&) const = default;
};

template <Role kRole>
CompressedOutcome read_compressed(test::SplitInput& input, Bytes& scratch, Compression compression) {
    MessageReader<kRole> reader;
    CompressedLog sink;
    const ReadOptions options{.scratch = scratch, .compression = compression};
    ReadResult result;
    while (!input.done()) {
        result = reader.consume(input.next(), sink, options);
        if (reader.idle()) reader = {};  // as an owner may do
    }
    REQUIRE(sink.empty_pieces == 0);
    return {sink.events, result.violation};
}

void require_compressed(const std::vector<FrameSpec>& specs, const CompressedOutcome& expected,
                        Compression compression = Compression::negotiated) {
    Bytes none;
    test::for_every_split(frames(specs, Role::server), [&](test::SplitInput& input) {
        REQUIRE(read_compressed<Role::client>(input, none, compression) == expected);
    });
    for (const std::size_t scratch_size : {1u, 7u, 4096u}) {
        Bytes scratch(scratch_size);
        test::for_every_split(frames(specs, Role::client), [&](test::SplitInput& input) {
            REQUIRE(read_compressed<Role::server>(input, scratch, compression) == expected);
        });
    }
}

FrameSpec compressed(Opcode opcode, std::string payload, bool fin = true) {
    return {.opcode = opcode, .payload = std::move(payload), .fin = fin, .rsv1 = true};
}

}  // namespace

TEST_CASE("compressed messages: whole, empty, and between others", "[proto][reader]") {
    require_compressed({compressed(Opcode::text, "abc"),
                        {Opcode::text, "plain"},
                        compressed(Opcode::binary, ""),
                        {Opcode::ping, "p"},
                        compressed(Opcode::binary, std::string(300, '\xff'))},
                       {{"compressed text:abc", "text:plain", "compressed binary:", "ping:p",
                         "compressed binary:" + std::string(300, '\xff')}});
}

TEST_CASE("compressed messages: their text is not checked, that of others is", "[proto][reader]") {
    require_compressed({compressed(Opcode::text, "\xff\xc3")}, {{"compressed text:\xff\xc3"}});
    require_compressed({compressed(Opcode::text, "\xc3"), {Opcode::text, "\xff"}},
                       {{"compressed text:\xc3"}, Violation::bad_utf8});
}

TEST_CASE("compressed messages: in fragments, with control frames between", "[proto][reader]") {
    require_compressed({compressed(Opcode::text, "one", false),
                        {kContinuation, "", false},
                        {Opcode::ping, "p"},
                        {kContinuation, "two", false},
                        {kContinuation, ""},
                        {Opcode::text, "plain", false},
                        {kContinuation, "!"}},
                       {{"ping:p", "compressed text:onetwo", "text:plain!"}});
}

TEST_CASE("compressed messages: RSV1 has no other place", "[proto][reader]") {
    require_compressed({compressed(Opcode::ping, "")}, {{}, Violation::reserved_bits});
    require_compressed({compressed(Opcode::close, "")}, {{}, Violation::reserved_bits});
    require_compressed({compressed(Opcode::text, "a", false), compressed(kContinuation, "b")},
                       {{}, Violation::reserved_bits});
    require_compressed({{Opcode::text, "a", false}, compressed(kContinuation, "b")},
                       {{}, Violation::reserved_bits});
    require_compressed({compressed(Opcode::text, "a")}, {{}, Violation::reserved_bits}, Compression::none);
}

TEST_CASE("compressed messages: RSV2 and RSV3 stay reserved", "[proto][reader]") {
    for (const int bits : {0x20, 0x10, 0x60, 0x50, 0x70}) {
        const Bytes first{static_cast<std::uint8_t>(0x81 | bits)};
        const auto decoded = decode_frame_header(first, Role::client, Compression::negotiated);
        CHECK(decoded.violation == Violation::reserved_bits);
    }
}

TEST_CASE("compressed messages: their size on the wire is bounded, by more than what they inflate to",
          "[proto][reader]") {
    const ReadOptions options{.message_size_max = 4, .compression = Compression::negotiated};
    const auto violation_of = [&](const Bytes& bytes) {
        CompressedLog sink;
        MessageReader<Role::client> reader;
        return reader.consume(bytes, sink, options).violation;
    };
    const std::string most(deflated_size_max(4) - 1, 'x');
    const Bytes largest =
        frames({compressed(Opcode::text, most, false), {kContinuation, "d"}}, Role::server);
    CHECK(violation_of(largest) == Violation::none);
    const Bytes larger =
        frames({compressed(Opcode::text, most, false), {kContinuation, "de"}}, Role::server);
    CHECK(violation_of(larger) == Violation::message_too_big);
    CHECK(violation_of(frames({{Opcode::text, "abcde"}}, Role::server)) == Violation::message_too_big);
}
