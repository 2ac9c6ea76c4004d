#include "plan/outgoing_message.hpp"

#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "deflate/stream.hpp"
#include "json/ymera.hpp"
#include "tests/plan/plan_fixture.hpp"
#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::plan;

namespace {

// What a server reads out of bytes of the wire: one event a frame.
std::vector<std::string> read_frames(ByteView bytes) {
    proto::MessageReader<proto::Role::server> reader;
    test::LogSink sink;
    std::vector<std::uint8_t> scratch(limits::kSendBytesMax);
    const auto result = reader.consume(bytes, sink, {.scratch = scratch});
    CHECK(result.status == proto::ReadStatus::need_more);
    CHECK(reader.idle());
    return sink.events;
}

std::vector<std::string> write_and_read(const OutgoingMessage& message, Sender sender,
                                        std::uint64_t number) {
    std::vector<std::uint8_t> bytes(message.frame_size({sender, {0, number, 0}}));
    message.write(bytes.data(), {sender, {0, number, 0}});
    return read_frames(bytes);
}

// Puts the compressed messages together that a client sends.
struct CompressedLog : test::LogSink {
    proto::Flow on_compressed(proto::Opcode, ByteView piece, proto::FragmentEnd end) {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        if (end == proto::FragmentEnd::last) ++whole;
        return proto::Flow::go_on;
    }

    std::vector<std::uint8_t> bytes;
    int whole = 0;
};

}  // namespace

TEST_CASE("outgoing message: an agent_message of every width is the specified JSON", "[plan][message]") {
    const OutgoingMessage message = OutgoingMessage::ymera_agent_message({.mask_key = kMask});
    const Sender sender =
        GENERATE(Sender{0, 0}, Sender{0xdeadbeef, 9}, Sender{0x0000002a, 10}, Sender{~0u, 99});
    constexpr std::uint64_t kNumberMax = (std::uint64_t{1} << 53) - 1;
    char user[9];
    std::snprintf(user, sizeof user, "%08x", sender.user);
    for (std::uint64_t power = 1; power <= kNumberMax; power *= 10) {
        for (const std::uint64_t number : {power, power * 10 - 1}) {
            if (number > kNumberMax) continue;
            const std::string expected =
                R"(text:{"type":"agent_message","from":"user_)" + std::string(user) + R"(","to":"agent_)" +
                std::to_string(sender.agent) + R"(","payload":{"action":"execute","timestamp":)" +
                std::to_string(number) + R"(,"data":{"test":true}}})";
            CHECK(write_and_read(message, sender, number) == std::vector<std::string>{expected});
        }
    }
    CHECK(message.block_frames() == 0);
}

TEST_CASE("outgoing message: an agent_message is what a YMERA server understands", "[plan][message]") {
    const OutgoingMessage message = OutgoingMessage::ymera_agent_message({.mask_key = kMask});
    const std::string event = write_and_read(message, Sender::of(1, 2), 1234567890).at(0);
    json::YmeraReader reader;
    const std::string text = event.substr(event.find(':') + 1);
    const json::YmeraRequest request = reader.read_request(as_bytes(text));
    CHECK(request.type == json::RequestType::agent_message);
    CHECK(request.timestamp == "1234567890");
    CHECK(request.action == "\"execute\"");
    CHECK(request.data == R"({"test":true})");
}

TEST_CASE("outgoing message: a constant message is the same each time, whoever sends it",
          "[plan][message]") {
    const OutgoingMessage message = OutgoingMessage::constant("hello", {.mask_key = kMask});
    CHECK(write_and_read(message, Sender{1, 1}, 1) == std::vector<std::string>{"text:hello"});
    CHECK(write_and_read(message, Sender{7, 99}, 12345) == std::vector<std::string>{"text:hello"});
}

TEST_CASE("outgoing message: a block is as many frames as are asked for", "[plan][message]") {
    const std::size_t size = GENERATE(0, 1, 20, 125, 126, 4096, 48 * 1024);
    const std::string payload(size, 'x');
    const OutgoingMessage message = OutgoingMessage::constant(payload, {proto::Opcode::binary, kMask});
    const std::uint32_t frames = message.block_frames();
    const std::size_t frame_size = message.frame_size({{}, {0, 1, 0}});
    CHECK(frames * frame_size <= limits::kSendBytesMax);
    CHECK((frames + 1) * frame_size > limits::kSendBytesMax);
    for (const std::uint32_t count : {1u, (frames + 1) / 2, frames}) {
        const ByteView block = message.block(count);
        CHECK(block.size() == count * frame_size);
        CHECK(read_frames(block) == std::vector<std::string>(count, "binary:" + payload));
    }
}

TEST_CASE("outgoing message: frames are masked with the key that was given", "[plan][message]") {
    const OutgoingMessage message = OutgoingMessage::constant("a", {.mask_key = kMask});
    const ByteView frame = message.block(1);
    const auto header = proto::decode_frame_header(frame, proto::Role::server);
    REQUIRE(header.status == proto::HeaderStatus::header);
    CHECK(header.header.mask_key == kMask);
}

TEST_CASE(
    "outgoing message: what is compressed as it is sent gives its payload, and frames of what became of it",
    "[plan][message]") {
    const std::uint32_t fragment_bytes = GENERATE(0u, 7u);
    const MessageForm form{.mask_key = kMask, .fragment_bytes = fragment_bytes, .deflated_as_sent = true};
    const auto text = *MessageText::parse(R"({"n":{{$seq}},"again":"again again again again"})", 1);
    const std::string agent = R"({"type":"agent_message","from":"user_0000002a","to":"agent_7",)"
                              R"("payload":{"action":"execute","timestamp":12,"data":{"test":true}}})";
    const auto [message, payload] = GENERATE_COPY(table<OutgoingMessage, std::string>({
        {OutgoingMessage::constant("hello hello hello", form), "hello hello hello"},
        {OutgoingMessage::constant("", form), ""},
        {OutgoingMessage::from_text(text, form), text.to_string({0, 12, 0})},
        {OutgoingMessage::ymera_agent_message(form), agent},
    }));
    const MessageInstance instance{{0x2a, 7}, {0, 12, 0}};
    CHECK(message.block_frames() == 0);
    std::vector<std::uint8_t> scratch(message.frame_size_max());
    CHECK(as_text(message.write_payload(scratch, instance)) == payload);
    CHECK(message.payload_size(instance) == payload.size());

    deflate::Deflater deflater(15, 6);
    std::vector<std::uint8_t> deflated(deflate::Deflater::size_max(payload.size()));
    deflated.resize(deflater.deflate(as_bytes(payload), deflate::DeflateEnd::message, deflated).size);
    std::vector<std::uint8_t> frames(message.deflated_size_max(instance));
    CHECK(frames.size() <= message.frame_size_max());
    frames.resize(message.write_deflated(frames.data(), deflated));

    CompressedLog raw;
    proto::MessageReader<proto::Role::server> reader;
    std::vector<std::uint8_t> masks(limits::kSendBytesMax);
    reader.consume(frames, raw, {.scratch = masks, .compression = proto::Compression::negotiated});
    CHECK(raw.whole == 1);
    CHECK(raw.bytes == deflated);
}

TEST_CASE("sender: a pure function of the seed and the index, spread over all agents", "[plan][message]") {
    std::set<std::uint32_t> agents;
    std::set<std::uint32_t> users;
    for (std::uint64_t i = 0; i < 2000; ++i) {
        const Sender sender = Sender::of(42, i);
        const Sender again = Sender::of(42, i);
        CHECK((sender.user == again.user && sender.agent == again.agent));
        CHECK(sender.agent < Sender::kAgents);
        agents.insert(sender.agent);
        users.insert(sender.user);
    }
    CHECK(agents.size() == Sender::kAgents);
    CHECK(users.size() >= 1999);
    CHECK(Sender::of(43, 0).user != Sender::of(42, 0).user);
}
