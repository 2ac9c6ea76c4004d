#include "plan/framing.hpp"

#include <vector>

#include <catch2/catch.hpp>

#include "deflate/stream.hpp"
#include "plan/outgoing_message.hpp"
#include "tests/plan/plan_fixture.hpp"
#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::plan;
using test::Bytes;

namespace {

struct Frames {
    std::vector<std::size_t> sizes;  // of their payloads
    std::string payload;             // of all of them
};

// Reads the frames of one message, and checks that they are one.
Frames read_message(ByteView bytes, const MessageForm& form) {
    Frames read;
    while (!bytes.empty()) {
        const auto decoded =
            proto::decode_frame_header(bytes, proto::Role::server, proto::Compression::negotiated);
        REQUIRE(decoded.status == proto::HeaderStatus::header);
        const bool first = read.sizes.empty();
        CHECK(decoded.header.opcode == (first ? form.opcode : proto::Opcode::continuation));
        CHECK(decoded.header.rsv1 == (first && form.deflate_bits != 0));
        CHECK(decoded.header.mask_key == kMask);
        const auto size = static_cast<std::size_t>(decoded.header.payload_size);
        CHECK(decoded.header.fin == (bytes.size() == decoded.size + size));
        Bytes payload(bytes.begin() + decoded.size,
                      bytes.begin() + static_cast<std::ptrdiff_t>(decoded.size + size));
        proto::mask_in_place(payload, kMask);
        read.payload += as_text(payload);
        read.sizes.push_back(size);
        bytes = bytes.subspan(decoded.size + size);
    }
    return read;
}

std::string written(const OutgoingMessage& message, const MessageInstance& instance,
                    const MessageForm& form) {
    const std::size_t size = message.frame_size(instance);
    CHECK(size <= message.frame_size_max());
    Bytes bytes(size + 8, 0xee);
    message.write(bytes.data(), instance);
    CHECK(std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(size), bytes.end(),
                      [](std::uint8_t byte) { return byte == 0xee; }));
    const Frames read = read_message(ByteView(bytes).first(size), form);
    CHECK(message.payload_size(instance) == read.payload.size());
    if (form.fragment_bytes > 0) {
        for (std::size_t i = 0; i + 1 < read.sizes.size(); ++i) CHECK(read.sizes[i] == form.fragment_bytes);
        CHECK(read.sizes.back() <= form.fragment_bytes);
        CHECK((read.sizes.back() > 0 || read.sizes.size() == 1));
    } else {
        CHECK(read.sizes.size() == 1);
    }
    if (form.deflate_bits == 0) return read.payload;
    deflate::Inflater inflater(form.deflate_bits);
    Bytes out(100'000);
    const deflate::StreamStep first = inflater.inflate(as_bytes(read.payload), out);
    const deflate::StreamStep last = inflater.finish(ByteSpan(out).subspan(first.produced));
    CHECK(last.status == deflate::StreamStatus::consumed);
    const std::size_t inflated = first.produced + last.produced;
    CHECK(static_cast<std::int64_t>(inflated) ==
          static_cast<std::int64_t>(read.payload.size()) + message.saved_bytes());
    return std::string(as_text(out).substr(0, inflated));
}

MessageForm form_of(std::uint32_t fragment_bytes, std::uint8_t deflate_bits) {
    return {.opcode = proto::Opcode::binary,
            .mask_key = kMask,
            .fragment_bytes = fragment_bytes,
            .deflate_bits = deflate_bits};
}

}  // namespace

TEST_CASE("framing: a constant message in every form", "[plan][framing]") {
    const MessageForm form =
        form_of(GENERATE(0u, 1u, 7u, 125u, 126u, 1'000u, 70'000u), GENERATE(as<std::uint8_t>{}, 0, 8, 15));
    const std::string payload =
        GENERATE(std::string(), std::string("a"), std::string(126, 'b'), std::string(3'000, 'c'));
    const OutgoingMessage message = OutgoingMessage::constant(payload, form);
    CHECK(written(message, {}, form) == payload);
    REQUIRE(message.block_frames() > 0);
    CHECK(message.block(message.block_frames()).size() <= limits::kSendBytesMax);
}

TEST_CASE("framing: an agent_message in every form, whatever its width", "[plan][framing]") {
    const MessageForm form =
        form_of(GENERATE(0u, 1u, 10u, 64u, 1'000u), GENERATE(as<std::uint8_t>{}, 0, 8, 15));
    const OutgoingMessage message = OutgoingMessage::ymera_agent_message(form);
    for (const std::uint64_t number : {1u, 99u, 1'000'000u}) {
        for (const std::uint8_t agent : {std::uint8_t{3}, std::uint8_t{42}}) {
            const Sender sender{.user = 0xdeadbeef, .agent = agent};
            CHECK(written(message, {sender, {0, number, 0}}, form) ==
                  R"({"type":"agent_message","from":"user_deadbeef","to":"agent_)" + std::to_string(agent) +
                      R"(","payload":{"action":"execute","timestamp":)" + std::to_string(number) +
                      R"(,"data":{"test":true}}})");
        }
    }
}

TEST_CASE("framing: a text with holes in every form", "[plan][framing]") {
    const MessageForm form = form_of(GENERATE(0u, 1u, 10u, 200u), GENERATE(as<std::uint8_t>{}, 0, 8, 15));
    const auto text = MessageText::parse(R"({"seq":{{$seq}},"who":"{{$connection}}","id":"{{$uuid}}"})", 1);
    REQUIRE(text);
    const OutgoingMessage message = OutgoingMessage::from_text(*text, form);
    for (const std::uint64_t number : {1u, 12u, 123456u}) {
        const MessageInstance instance{{}, {17, number, 0}};
        CHECK(written(message, instance, form) == text->to_string(instance.id));
    }
}

TEST_CASE("framing: what an agent_message saves is known", "[plan][framing]") {
    CHECK(OutgoingMessage::ymera_agent_message(form_of(0, 0)).saved_bytes() == 0);
    CHECK(OutgoingMessage::constant(std::string(3'000, 'x'), form_of(0, 15)).saved_bytes() > 2'900);
    // Short literals cost as much as they save.
    CHECK(OutgoingMessage::ymera_agent_message(form_of(0, 15)).saved_bytes() < 40);
}
