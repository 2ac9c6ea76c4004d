// A message that is sent many times. Its frame is made once, before the run: as it is, or with holes of
// known widths that are patched in a copy; a text of the user's with holes is written anew each time. What
// is compressed as it is sent has a payload, and the frames are made of what became of it. Immutable while
// the run lasts; shared by all worker threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "plan/framing.hpp"
#include "plan/message_text.hpp"
#include "proto/frame.hpp"
#include "proto/message_template.hpp"

namespace wsblast::plan {

// Who a connection pretends to be in the YMERA messages: "user_0f3c55aa" talks to "agent_17"; and in which
// form it sends all messages.
struct Sender {
    std::uint32_t user = 0;
    std::uint8_t agent = 0;         // below kAgents
    std::uint8_t deflate_bits = 0;  // compressed for a window of that many bits; 0: not at all
    bool takes_over = false;        // and each message may refer to those before it

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
    [[nodiscard]] static OutgoingMessage constant(std::string_view payload, const MessageForm& form);
    // The YMERA agent_message: from the sender, with payload.timestamp = the message's number.
    [[nodiscard]] static OutgoingMessage ymera_agent_message(const MessageForm& form);
    // A text with holes.
    [[nodiscard]] static OutgoingMessage from_text(MessageText text, const MessageForm& form);

    // The frames of a message (its number below 2^53): their size, and their bytes written to `out`, which
    // has room for them.
    [[nodiscard]] std::size_t frame_size(const MessageInstance& instance) const {
        if (text_) return framing_.size(text_->size(instance.id));
        if (block_frames_ > 0) return message_bytes_;
        const proto::MessageTemplate& whole = template_for(instance);
        return framing_.fragments() ? framing_.size(whole.payload_size()) : whole.size();
    }
    void write(std::uint8_t* out, const MessageInstance& instance) const;
    // No message takes more.
    [[nodiscard]] std::size_t frame_size_max() const;

    // Of MessageForm::deflated_as_sent, instead. The payload, written to `scratch`, which has room for
    // frame_size_max(); it lies somewhere in there.
    [[nodiscard]] ByteView write_payload(ByteSpan scratch, const MessageInstance& instance) const;
    // What its frames may take at most, and their bytes once it is compressed: returns how many.
    [[nodiscard]] std::size_t deflated_size_max(const MessageInstance& instance) const;
    std::size_t write_deflated(std::uint8_t* out, ByteView deflated) const;

    // Of the payload, as it is sent; and how many bytes compression saves of it, negative where it costs
    // some.
    [[nodiscard]] std::size_t payload_size(const MessageInstance& instance) const;
    [[nodiscard]] std::int64_t saved_bytes() const { return saved_bytes_; }

    // Of a constant message: how many of it one send takes (at least 1, of all others 0), and the bytes of
    // the first `count` of them, which never change.
    [[nodiscard]] std::uint32_t block_frames() const { return block_frames_; }
    [[nodiscard]] ByteView block(std::uint32_t count) const {
        return ByteView(block_).first(count * message_bytes_);
    }

  private:
    static constexpr std::uint32_t kNumberWidthMax = 16;  // 2^53 has 16 digits

    [[nodiscard]] const proto::MessageTemplate& template_for(const MessageInstance& instance) const {
        const std::uint32_t agent_width = instance.sender.agent < 10 ? 0 : 1;
        return templates_[agent_width * kNumberWidthMax + proto::decimal_width(instance.id.number) - 1];
    }
    void patch(std::uint8_t* out, const proto::MessageTemplate& frame,
               const MessageInstance& instance) const;

    Framing framing_;
    std::int64_t saved_bytes_ = 0;
    // One for each combination of widths: holes are of fixed width, and a frame's size is in its head.
    // Where they become fragments, or are to be compressed, they are a server's frames: not masked yet.
    std::vector<proto::MessageTemplate> templates_;
    // Or the same bytes each time.
    std::vector<std::uint8_t> block_;
    std::uint32_t block_frames_ = 0;
    std::size_t message_bytes_ = 0;  // of one of them
    std::size_t payload_bytes_ = 0;
    // Or a text that is written and masked each time.
    std::optional<MessageText> text_;
};

}  // namespace wsblast::plan
