// A message that is sent many times: its frame is made once, before the run, and what differs from one
// message to the next is patched into a copy. Immutable while the run lasts; shared by all worker threads.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/units.hpp"
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

class OutgoingMessage {
  public:
    // The same bytes each time.
    [[nodiscard]] static OutgoingMessage constant(proto::Opcode opcode, std::string_view payload,
                                                  proto::MaskKey key);
    // The YMERA agent_message: from the sender, with payload.timestamp = the message's number.
    [[nodiscard]] static OutgoingMessage ymera_agent_message(proto::MaskKey key);

    // The frame of the sender's message `number` (from 1; below 2^53): its size, and its bytes written to
    // `out`, which has room for them.
    [[nodiscard]] std::size_t frame_size(Sender sender, std::uint64_t number) const {
        return template_for(sender, number).size();
    }
    void write(std::uint8_t* out, Sender sender, std::uint64_t number) const;

    // Of a constant message: how many frames of it one send takes (at least 1, of a patched one 0), and the
    // bytes of the first `count` of them, which never change.
    [[nodiscard]] std::uint32_t block_frames() const { return block_frames_; }
    [[nodiscard]] ByteView block(std::uint32_t count) const {
        return ByteView(block_).first(count * templates_.front().size());
    }

  private:
    static constexpr std::uint32_t kNumberWidthMax = 16;  // 2^53 has 16 digits

    [[nodiscard]] const proto::MessageTemplate& template_for(Sender sender, std::uint64_t number) const {
        if (block_frames_ > 0) return templates_.front();
        const std::uint32_t agent_width = sender.agent < 10 ? 0 : 1;
        return templates_[agent_width * kNumberWidthMax + proto::decimal_width(number) - 1];
    }

    // One, or one for each combination of widths: holes are of fixed width, and a frame's size is in its
    // head.
    std::vector<proto::MessageTemplate> templates_;
    std::vector<std::uint8_t> block_;
    std::uint32_t block_frames_ = 0;
};

}  // namespace wsblast::plan
