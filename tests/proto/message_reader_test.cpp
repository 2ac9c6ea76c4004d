#include "proto/message_reader.hpp"

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::proto;
using test::Bytes;
using test::frames;
using test::FrameSpec;
using test::kContinuation;
using test::LogSink;
using Events = std::vector<std::string>;

namespace {

struct Outcome {
    Events events;
    ReadStatus status = ReadStatus::need_more;
    Violation violation = Violation::none;
    bool idle = true;

    bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
    for (const std::string& event : outcome.events) out << event.substr(0, 40) << ", ";
    return out << "status " << static_cast<int>(outcome.status) << ", " << to_text(outcome.violation);
}

template <Role kRole>
Outcome read_all(test::SplitInput& input, std::uint64_t message_size_max, std::size_t scratch_size) {
    MessageReader<kRole> reader;
    LogSink sink;
    Bytes scratch(scratch_size);
    const ReadOptions options{.message_size_max = message_size_max, .scratch = scratch};
    ReadResult result;
    while (!input.done()) {
        result = reader.consume(input.next(), sink, options);
        if (reader.idle()) reader = {};  // as an owner may do
    }
    REQUIRE(sink.empty_pieces == 0);
    return {sink.events, result.status, result.violation, reader.idle()};
}

// The same outcome in both roles, over every split, and with a server's scratch of any size.
void require_outcome(const std::vector<FrameSpec>& specs, const Outcome& expected,
                     std::uint64_t message_size_max = limits::kMessageBytesMax) {
    test::for_every_split(frames(specs, Role::server), [&](test::SplitInput& input) {
        REQUIRE(read_all<Role::client>(input, message_size_max, 0) == expected);
    });
    for (const std::size_t scratch_size : {1u, 7u, 4096u}) {
        test::for_every_split(frames(specs, Role::client), [&](test::SplitInput& input) {
            REQUIRE(read_all<Role::server>(input, message_size_max, scratch_size) == expected);
        });
    }
}

void require_violation(const std::vector<FrameSpec>& specs, Violation violation,
                       const Events& before = {}) {
    require_outcome(specs, {before, ReadStatus::violation, violation, false});
}

// Random messages with random fragmentation and control frames between: what is sent, what must be read.
struct Script {
    std::vector<FrameSpec> frames;
    Events events;
};

std::string random_payload(Prng& prng, Opcode opcode) {
    constexpr std::size_t kSizes[] = {1, 30, 126, 300, 70'000};
    const std::size_t size = prng.next_below(kSizes[prng.next_below(std::size(kSizes))] + 1);
    std::string payload;
    while (payload.size() < size) {
        if (opcode == Opcode::binary) {
            payload += static_cast<char>(prng.next());
        } else {
            payload += prng.chance(1, 10) ? "\xf0\x9f\x98\x80" : "a";
        }
    }
    return payload;
}

void add_control_frame(Script& script, Prng& prng) {
    const bool ping = prng.chance(1, 2);
    std::string payload(prng.next_below(kControlPayloadMax + 1), 'c');
    script.events.push_back((ping ? "ping:" : "pong:") + payload);
    script.frames.push_back({ping ? Opcode::ping : Opcode::pong, std::move(payload)});
}

void add_message(Script& script, Prng& prng) {
    const Opcode opcode = prng.chance(1, 2) ? Opcode::text : Opcode::binary;
    const std::string payload = random_payload(prng, opcode);
    std::size_t at = 0;
    for (bool first = true, last = false; !last; first = false) {
        last = prng.chance(1, 2);
        const std::size_t size = last ? payload.size() - at : prng.next_below(payload.size() - at + 1);
        script.frames.push_back({first ? opcode : kContinuation, payload.substr(at, size), last});
        at += size;
        if (!last && prng.chance(1, 3)) add_control_frame(script, prng);
    }
    script.events.push_back((opcode == Opcode::text ? "text:" : "binary:") + payload);
}

// Compared as a truth value: a failing seed is worth printing, its megabytes are not.
template <Role kRole>
bool reads_in_pieces(const Script& script, Prng& prng) {
    const Bytes bytes = frames(script.frames, kRole == Role::client ? Role::server : Role::client);
    const std::size_t piece_max = 1 + prng.next_below(prng.chance(1, 2) ? 20 : 5'000);
    std::vector<std::size_t> cuts;
    for (std::size_t at = 0; at < bytes.size(); at += prng.next_below(piece_max + 1)) cuts.push_back(at);
    test::GuardedMemory memory(piece_max);
    test::SplitInput input(bytes, std::move(cuts), memory);
    const Outcome expected{script.events};
    return read_all<kRole>(input, limits::kMessageBytesMax, 1 + prng.next_below(500)) == expected;
}

}  // namespace

TEST_CASE("message reader: whole messages come as they were sent", "[proto][reader]") {
    require_outcome(
        {{Opcode::text, "Hello"}, {Opcode::binary, std::string("\x00\xff", 2)}, {Opcode::text, ""}},
        {{"text:Hello", "binary:" + std::string("\x00\xff", 2), "text:"}});
}

TEST_CASE("message reader: lengths of 7, 16 and 64 bits", "[proto][reader]") {
    for (const std::size_t size : {125u, 126u, 200u, 65'535u, 65'536u}) {
        const std::string payload(size, 'p');
        require_outcome({{Opcode::text, payload}, {Opcode::binary, "next"}},
                        {{"text:" + payload, "binary:next"}});
    }
}

TEST_CASE("message reader: fragments make one message, control frames may come between",
          "[proto][reader]") {
    require_outcome({{Opcode::text, "Hel", false},
                     {Opcode::ping, "now?"},
                     {kContinuation, "", false},
                     {Opcode::pong, ""},
                     {kContinuation, "lo"},
                     {Opcode::binary, "x"}},
                    {{"ping:now?", "pong:", "text:Hello", "binary:x"}});
}

TEST_CASE("message reader: a message of zero bytes is one event, in fragments too", "[proto][reader]") {
    require_outcome({{Opcode::binary, "", false}, {kContinuation, "", false}, {kContinuation, ""}},
                    {{"binary:"}});
    require_outcome({{Opcode::binary, "abc", false}, {kContinuation, ""}}, {{"binary:abc"}});
}

TEST_CASE("message reader: characters may be cut by fragments, not by the end", "[proto][reader]") {
    require_outcome({{Opcode::text, "\xf0\x9f", false}, {Opcode::ping, ""}, {kContinuation, "\x98\x80"}},
                    {{"ping:", "text:\xf0\x9f\x98\x80"}});
    require_violation({{Opcode::text, "\xf0\x9f", false}, {kContinuation, "\x98"}}, Violation::bad_utf8);
    require_violation({{Opcode::text, "abc\xf0\x9f"}}, Violation::bad_utf8);
}

TEST_CASE("message reader: text that is not UTF-8 is a violation, the same bytes as binary are not",
          "[proto][reader]") {
    require_violation({{Opcode::text, "ok"}, {Opcode::text, "\xed\xa0\x80"}}, Violation::bad_utf8,
                      {"text:ok"});
    require_outcome({{Opcode::binary, "\xed\xa0\x80"}}, {{"binary:\xed\xa0\x80"}});
}

TEST_CASE("message reader: bad text is refused before its message has ended", "[proto][reader]") {
    MessageReader<Role::client> reader;
    LogSink sink;
    const Bytes start{0x81, 0x0a, 'a', 0xff};
    CHECK(reader.consume(start, sink).violation == Violation::bad_utf8);
}

TEST_CASE("message reader: a continuation needs an open message, a new message a closed one",
          "[proto][reader]") {
    require_violation({{kContinuation, "x"}}, Violation::unexpected_continuation);
    require_violation({{Opcode::text, "a"}, {kContinuation, "x"}}, Violation::unexpected_continuation,
                      {"text:a"});
    require_violation({{Opcode::text, "a", false}, {Opcode::text, "b"}}, Violation::expected_continuation);
}

TEST_CASE("message reader: a violation of the header ends it", "[proto][reader]") {
    const std::vector<std::pair<Bytes, Violation>> cases{
        {{0x81, 0x81, 1, 2, 3, 4, 0}, Violation::masked_frame},
        {{0xc1, 0x00}, Violation::reserved_bits},
        {{0x83, 0x00}, Violation::reserved_opcode},
        {{0x09, 0x00}, Violation::fragmented_control},
        {{0x89, 0x7e, 0, 126}, Violation::control_too_long},
        {{0x82, 0x7e, 0, 2, 'n', 'o'}, Violation::bad_length}};
    for (const auto& [frame, violation] : cases) {
        Bytes bytes = frames({{Opcode::text, "before"}}, Role::server);
        bytes.insert(bytes.end(), frame.begin(), frame.end());
        test::for_every_split(bytes, [&, v = violation](test::SplitInput& input) {
            const Outcome expected{{"text:before"}, ReadStatus::violation, v, false};
            REQUIRE(read_all<Role::client>(input, limits::kMessageBytesMax, 0) == expected);
        });
    }
}

TEST_CASE("message reader: an unmasked frame from a client is a violation", "[proto][reader]") {
    test::for_every_split(frames({{Opcode::text, "Hello"}}, Role::server), [](test::SplitInput& input) {
        const Outcome expected{{}, ReadStatus::violation, Violation::unmasked_frame, false};
        REQUIRE(read_all<Role::server>(input, limits::kMessageBytesMax, 64) == expected);
    });
}

TEST_CASE("message reader: the limit counts the message, not the frame", "[proto][reader]") {
    const Outcome too_big{{}, ReadStatus::violation, Violation::message_too_big, false};
    require_outcome({{Opcode::binary, "12345678"}}, {{"binary:12345678"}}, 8);
    require_outcome({{Opcode::binary, "123456789"}}, too_big, 8);
    require_outcome({{Opcode::text, "1234", false}, {kContinuation, "5678"}, {Opcode::text, "1"}},
                    {{"text:12345678", "text:1"}}, 8);
    require_outcome({{Opcode::text, "1234", false}, {kContinuation, "56789"}}, too_big, 8);
}

TEST_CASE("message reader: the largest frame that the RFC allows is too big by its header alone",
          "[proto][reader]") {
    MessageReader<Role::client> reader;
    LogSink sink;
    const Bytes header{0x82, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    CHECK(reader.consume(header, sink).violation == Violation::message_too_big);
}

TEST_CASE("message reader: control payloads of 125 bytes come whole", "[proto][reader]") {
    const std::string payload(kControlPayloadMax, 'c');
    require_outcome({{Opcode::ping, payload}, {Opcode::pong, payload}},
                    {{"ping:" + payload, "pong:" + payload}});
}

TEST_CASE("message reader: after a close frame everything is ignored", "[proto][reader]") {
    require_outcome({{Opcode::close,
                      "\x03\xe8"
                      "bye"},
                     {Opcode::text, "late"},
                     {kContinuation, "wrong"}},
                    {{"close:1000:bye"}, ReadStatus::closed, Violation::none, false});
    require_outcome({{Opcode::text, "open", false}, {Opcode::close, ""}},
                    {{"close:1005:"}, ReadStatus::closed, Violation::none, false});
}

TEST_CASE("message reader: a wrong close payload is a violation", "[proto][reader]") {
    require_violation({{Opcode::close, "\x03"}}, Violation::bad_close_payload);
    require_violation({{Opcode::close, "\x03\xed"}}, Violation::bad_close_code);
    require_violation({{Opcode::close, "\x03\xe8\xc3"}}, Violation::bad_utf8);
}

TEST_CASE("message reader: stop ends it at once, and it goes on behind what was consumed",
          "[proto][reader]") {
    const Bytes bytes = frames(
        {{Opcode::text, "one"}, {Opcode::ping, "p"}, {Opcode::text, "t", false}, {kContinuation, "wo"}},
        Role::server);
    MessageReader<Role::client> reader;
    LogSink sink;
    ByteView rest = bytes;
    const std::size_t sizes[] = {5, 3, 7};
    for (std::size_t i = 0; i < 3; ++i) {
        sink.stop_after = i + 1;
        const ReadResult result = reader.consume(rest, sink);
        CHECK(result.status == ReadStatus::stopped);
        REQUIRE(result.consumed == sizes[i]);
        rest = rest.subspan(result.consumed);
    }
    CHECK(rest.empty());
    CHECK(reader.idle());
    CHECK(sink.events == Events{"text:one", "ping:p", "text:two"});
}

TEST_CASE("message reader: it is idle between messages only", "[proto][reader]") {
    MessageReader<Role::client> reader;
    LogSink sink;
    const auto idle_after = [&](const Bytes& bytes) {
        CHECK(reader.consume(bytes, sink).status == ReadStatus::need_more);
        return reader.idle();
    };
    CHECK(reader.idle());
    CHECK_FALSE(idle_after({0x81}));
    CHECK_FALSE(idle_after({0x02}));
    CHECK_FALSE(idle_after({'a'}));
    CHECK(idle_after({'b'}));
    CHECK_FALSE(idle_after({0x01, 0x01, 'c'}));
    CHECK_FALSE(idle_after({0x89, 0x00}));
    CHECK(idle_after({0x80, 0x00}));
}

TEST_CASE("message reader: a whole message is borrowed from a client's input, never copied",
          "[proto][reader]") {
    struct PointerSink : LogSink {
        Flow on_message(Opcode opcode, ByteView payload) {
            data = payload.data();
            return LogSink::on_message(opcode, payload);
        }
        const std::uint8_t* data = nullptr;
    };
    const Bytes bytes = frames({{Opcode::text, "Hello"}}, Role::server);
    MessageReader<Role::client> reader;
    PointerSink sink;
    CHECK(reader.consume(bytes, sink).status == ReadStatus::need_more);
    CHECK(sink.data == bytes.data() + 2);
    CHECK(sink.whole_messages == 1);
}

TEST_CASE("message reader: what was sent in any fragmentation is read back in any pieces",
          "[proto][reader]") {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        CAPTURE(seed);
        Prng prng(seed);
        Script script;
        for (std::size_t left = 1 + prng.next_below(6); left > 0; --left) add_message(script, prng);
        const bool client_agrees = reads_in_pieces<Role::client>(script, prng);
        const bool server_agrees = reads_in_pieces<Role::server>(script, prng);
        REQUIRE(client_agrees);
        REQUIRE(server_agrees);
    }
}
