// Any text as a message with holes: what is written is as long as was told, and the server reads from its
// frame what the text says.
#include <string>

#include "base/limits.hpp"
#include "plan/message_text.hpp"
#include "plan/outgoing_message.hpp"
#include "proto/message_reader.hpp"
#include "tests/fuzz/fuzz_entry.hpp"
#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"

namespace {

using namespace wsblast;
using namespace wsblast::plan;

constexpr std::uint64_t kSeed = 7;
constexpr std::size_t kSizeMax = 4 * limits::kSentMessageMax;

std::string payload_of(ByteView frame) {
    std::string payload;
    struct Sink {
        std::string& payload;
        proto::Flow on_message(proto::Opcode, ByteView piece) { return keep(piece); }
        proto::Flow on_fragment(proto::Opcode, ByteView piece, proto::FragmentEnd) { return keep(piece); }
        proto::Flow on_ping(ByteView) { return proto::Flow::go_on; }
        proto::Flow on_pong(ByteView) { return proto::Flow::go_on; }
        void on_close(const proto::CloseFrame&) {}
        proto::Flow keep(ByteView piece) {
            payload += as_text(piece);
            return proto::Flow::go_on;
        }
    } sink{payload};
    std::vector<std::uint8_t> scratch(frame.size());
    proto::MessageReader<proto::Role::server> reader;
    const auto read = reader.consume(frame, sink, {.scratch = scratch});
    fuzz::require(read.violation == proto::Violation::none && reader.idle(), "the server reads one message");
    return payload;
}

void try_message(const MessageText& text, const MessageId& id) {
    const std::size_t size = text.size(id);
    fuzz::require(size <= text.size_max(), "no message is above the largest");
    test::GuardedMemory memory(size);
    const ByteSpan room = memory.tail(size);
    fuzz::require(text.write(room.data(), id) == room.data() + size, "as many bytes as were told");
    const std::string written(as_text(room));
    fuzz::require(text.to_string(id) == written, "the same message has the same text");
    if (!proto::is_valid_utf8(as_bytes(written))) return;

    for (const std::uint32_t fragment_bytes : {0u, 5u}) {
        const MessageForm form{.mask_key = test::kKey, .fragment_bytes = fragment_bytes};
        const OutgoingMessage message = OutgoingMessage::from_text(text, form);
        const MessageInstance instance{.id = id};
        const std::size_t frame_size = message.frame_size(instance);
        test::GuardedMemory frames(frame_size);
        const ByteSpan frame = frames.tail(frame_size);
        message.write(frame.data(), instance);
        fuzz::require(payload_of(frame) == written, "the frames carry the text");
    }
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all{
        R"({"id":{{$seq}},"at":{{$timestamp}},"by":"{{$uuid}}"})",
        "{{$randomNumber(1, 18446744073709551615)}}{{ $randomString(5) }}{{$connection}}",
        "{{}} {{$ {{$seq}} no hole: {{seq}}",
        "plain",
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string source(as_text({data, size}));
    const auto text = MessageText::parse(source, kSeed);
    if (!text) {
        fuzz::require(text.error().fault == Fault::usage, "a bad text is a usage error");
        return 0;
    }
    if (text->size_max() > kSizeMax) return 0;
    fuzz::require(!text->constant() || text->to_string({}) == source, "a text without holes is itself");
    try_message(*text, {.connection = 0, .number = 1, .unix_ms = 1'700'000'000'000});
    try_message(*text, {.connection = ~0u, .number = (1ull << 53) - 1, .unix_ms = 1'700'000'000'001});
    return 0;
}
