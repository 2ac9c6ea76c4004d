// A message that is sent many times. Its frame is made once, before the run: as it is, or with holes of
// known widths that are patched in a copy; a text of the user's with holes is written anew each time.
// Immutable while the run lasts; shared by all worker threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "plan/message_text.hpp"
#include "proto/frame.hpp"
#include "proto/message_template.hpp"

namespace wsblast::plan {

// Who a connection pretends to be in the YMERA messages: "user_0f3c55aa" talks to "agent_17".
struct Sender {
    std::uint32_t user = 0;
    std::uint8_t agent = 0;  // below kAgents

    static constexpr std::uint32_t kAgents = 100;
    // Of the connection `index`, from the run's seed.
    [[nodiscard]] static Sender of(std::uint64_t seed, std::uint64_t index);
};

// Which message, and whose.
struct MessageInstance {
    Sender sender{};
    MessageId id{};
};

class OutgoingMessage {
  public:
    // The same bytes each time.
    [[nodiscard]] static OutgoingMessage constant(proto::Opcode opcode, std::string_view payload,
                                                  proto::MaskKey key);
    // The YMERA agent_message: from the sender, with payload.timestamp = the message's number.
    [[nodiscard]] static OutgoingMessage ymera_agent_message(proto::MaskKey key);

    // A text message with holes.
    [[nodiscard]] static OutgoingMessage from_text(MessageText text, proto::MaskKey key);

    // The frame of a message (its number below 2^53): its size, and its bytes written to `out`, which has
    // room for them.
    [[nodiscard]] std::size_t frame_size(const MessageInstance& instance) const {
        if (text_) return proto::header_size(header(instance)) + text_->size(instance.id);
        return template_for(instance).size();
    }
    void write(std::uint8_t* out, const MessageInstance& instance) const;

    // Of a constant message: how many frames of it one send takes (at least 1, of all others 0), and the
    // bytes of the first `count` of them, which never change.
    [[nodiscard]] std::uint32_t block_frames() const { return block_frames_; }
    [[nodiscard]] ByteView block(std::uint32_t count) const {
        return ByteView(block_).first(count * templates_.front().size());
    }

  private:
    static constexpr std::uint32_t kNumberWidthMax = 16;  // 2^53 has 16 digits

    [[nodiscard]] const proto::MessageTemplate& template_for(const MessageInstance& instance) const {
        if (block_frames_ > 0) return templates_.front();
        const std::uint32_t agent_width = instance.sender.agent < 10 ? 0 : 1;
        return templates_[agent_width * kNumberWidthMax + proto::decimal_width(instance.id.number) - 1];
    }
    [[nodiscard]] proto::FrameHeader header(const MessageInstance& instance) const {
        return {.opcode = proto::Opcode::text, .mask_key = key_, .payload_size = text_->size(instance.id)};
    }

    // One, or one for each combination of widths: holes are of fixed width, and a frame's size is in its
    // head.
    std::vector<proto::MessageTemplate> templates_;
    std::vector<std::uint8_t> block_;
    std::uint32_t block_frames_ = 0;
    // Or a text that is written and masked each time.
    std::optional<MessageText> text_;
    proto::MaskKey key_{};
};

}  // namespace wsblast::plan
