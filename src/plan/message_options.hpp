// How messages travel, as a person asked for it: opcode, fragments, compression, pings and the close.
// Plain data: a member of RunOptions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "proto/close_code.hpp"
#include "proto/permessage_deflate.hpp"

namespace wsblast::plan {

// Of a message of one's own; padding is binary anyway.
enum class MessageOpcode : std::uint8_t { text, binary };

struct MessageOptions {
    MessageOpcode opcode = MessageOpcode::text;
    std::uint32_t fragment_bytes = 0;                   // of payload in each frame; 0: one frame a message
    std::optional<proto::DeflateParameters> deflate{};  // what is offered of permessage-deflate
    std::uint64_t size_max = limits::kMessageBytesMax;  // of a message that comes, inflated too
    TimeNs ping_interval_ns = 0;                        // 0: no pings
    TimeNs pong_timeout_ns = limits::kPongTimeoutNs;
    proto::CloseCode close_code = proto::close_code::kNormal;  // of a run's normal end
    std::string close_reason{};
};

}  // namespace wsblast::plan
