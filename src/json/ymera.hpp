// Reads the messages of the YMERA protocol: a client's requests and a server's answers.
//
// The shapes that wsblast itself writes are recognised by their bytes; everything else is parsed as JSON,
// so key order, white space and escapes are the sender's own business. Where a key stands twice, the first
// counts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/units.hpp"

namespace wsblast::json {

enum class AnswerType : std::uint8_t {
    agent_response,
    pong,
    subscribed,
    unsubscribed,
    disconnect_ack,
    error,
    message,
    other,  // any other type, or no JSON object with a type
};

// A timestamp that stands in an answer but that no message of ours can have sent: not a whole number of
// 0 .. kIntegerMax.
inline constexpr std::uint64_t kForeignTimestamp = std::uint64_t{1} << 53;

struct YmeraAnswer {
    AnswerType type = AnswerType::other;
    std::optional<std::uint64_t> timestamp;  // empty: absent or null. 7 and 7.0 are the same
};

enum class RequestType : std::uint8_t {
    ping,
    subscribe,
    unsubscribe,
    agent_message,
    disconnect,
    unknown,  // another type: to be echoed
    invalid,  // no JSON object with a type that is a string
};

// The values are raw JSON text, strings with their quotes and escapes, so that each can be pasted into an
// answer as it stands; empty where the key is absent. They are views into the message.
struct YmeraRequest {
    RequestType type = RequestType::invalid;
    std::string_view channel;
    std::string_view from;
    std::string_view to;
    std::string_view action;     // payload.action
    std::string_view timestamp;  // payload.timestamp
    std::string_view data;       // payload.data
};

// One worker thread owns a reader. Nothing throws; a small message (<= 64 KiB) allocates nothing, one above
// limits::kAssembledBytesMax is `other` or `invalid`, as is one whose nesting is deeper than 1,024 or that
// holds an integer beyond 64 bits.
class YmeraReader {
  public:
    YmeraReader();
    YmeraReader(YmeraReader&&) noexcept;
    YmeraReader& operator=(YmeraReader&&) noexcept;
    ~YmeraReader();

    [[nodiscard]] YmeraAnswer read_answer(ByteView message);
    [[nodiscard]] YmeraRequest read_request(ByteView message);

  private:
    class Parser;  // keeps simdjson out of this header

    std::unique_ptr<Parser> parser_;
};

}  // namespace wsblast::json
