#include "plan/outgoing_message.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "base/prng.hpp"
#include "proto/mask.hpp"

namespace wsblast::plan {

namespace {

constexpr std::uint32_t kUserWidth = 8;  // hexadecimal digits of 32 bits

// The holes of an agent_message, in the order of the text.
enum HoleIndex : std::size_t { kUserHole, kAgentHole, kNumberHole };

std::array<char, kUserWidth> to_hex(std::uint32_t value) {
    std::array<char, kUserWidth> text{};
    for (std::size_t i = kUserWidth; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
    return text;
}

}  // namespace

Sender Sender::of(std::uint64_t seed, std::uint64_t index) {
    return {.user = static_cast<std::uint32_t>(draw(seed, Stream::user_name, index)),
            .agent = static_cast<std::uint8_t>(below(draw(seed, Stream::agent_name, index), kAgents))};
}

OutgoingMessage OutgoingMessage::constant(proto::Opcode opcode, std::string_view payload,
                                          proto::MaskKey key) {
    OutgoingMessage message;
    message.templates_.emplace_back(
        proto::TemplateSource{.opcode = opcode, .text = payload, .holes = {}, .mask_key = key});
    const proto::MessageTemplate& frame = message.templates_.front();
    message.block_frames_ =
        static_cast<std::uint32_t>(std::max<std::size_t>(1, limits::kSendBytesMax / frame.size()));
    for (std::uint32_t i = 0; i < message.block_frames_; ++i) {
        message.block_.insert(message.block_.end(), frame.frame().begin(), frame.frame().end());
    }
    return message;
}

OutgoingMessage OutgoingMessage::ymera_agent_message(proto::MaskKey key) {
    OutgoingMessage message;
    for (std::uint32_t agent_width = 1; agent_width <= 2; ++agent_width) {
        for (std::uint32_t number_width = 1; number_width <= kNumberWidthMax; ++number_width) {
            std::string text = R"({"type":"agent_message","from":"user_)";
            std::array<proto::Hole, 3> holes{};
            const auto add_hole = [&](HoleIndex index, std::uint32_t width) {
                holes[index] = {static_cast<std::uint32_t>(text.size()), width};
                text.append(width, '0');
            };
            add_hole(kUserHole, kUserWidth);
            text += R"(","to":"agent_)";
            add_hole(kAgentHole, agent_width);
            text += R"(","payload":{"action":"execute","timestamp":)";
            add_hole(kNumberHole, number_width);
            text += R"(,"data":{"test":true}}})";
            message.templates_.emplace_back(proto::TemplateSource{
                .opcode = proto::Opcode::text, .text = text, .holes = holes, .mask_key = key});
        }
    }
    return message;
}

OutgoingMessage OutgoingMessage::from_text(MessageText text, proto::MaskKey key) {
    OutgoingMessage message;
    message.text_ = std::move(text);
    message.key_ = key;
    return message;
}

void OutgoingMessage::write(std::uint8_t* out, const MessageInstance& instance) const {
    if (text_) {
        const proto::FrameHeader head = header(instance);
        out += proto::encode_frame_header(ByteSpan(out, proto::kFrameHeaderMax), head);
        text_->write(out, instance.id);
        return proto::mask_in_place(ByteSpan(out, head.payload_size), key_);
    }
    const auto [sender, id] = instance;
    const proto::MessageTemplate& frame = template_for(instance);
    frame.write(out);
    if (block_frames_ > 0) return;
    const auto user = to_hex(sender.user);
    frame.patch(out, kUserHole, {user.data(), user.size()});
    frame.patch_number(out, kAgentHole, sender.agent);
    frame.patch_number(out, kNumberHole, id.number);
}

}  // namespace wsblast::plan
