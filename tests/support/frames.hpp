// Frames to test with, made in one line, and a sink that writes down what a MessageReader delivers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/message_reader.hpp"
#include "tests/support/bytes.hpp"

namespace wsblast::test {

// A frame as the role `from` sends it, with nothing checked: fit for wrong ones too.
struct FrameSpec {
    proto::Opcode opcode = proto::Opcode::text;
    std::string payload;
    bool fin = true;
    bool rsv1 = false;
};

inline constexpr auto kContinuation = proto::Opcode::continuation;
inline constexpr proto::MaskKey kKey{0x37, 0xfa, 0x21, 0x3d};  // of RFC 6455 5.7

inline void append_frame(Bytes& out, const FrameSpec& spec, proto::Role from) {
    const bool masked = from == proto::Role::client;
    const proto::FrameHeader header{.opcode = spec.opcode,
                                    .fin = spec.fin,
                                    .rsv1 = spec.rsv1,
                                    .mask_key = masked ? std::optional(kKey) : std::nullopt,
                                    .payload_size = spec.payload.size()};
    Bytes frame(proto::header_size(header) + spec.payload.size());
    const std::size_t at = proto::encode_frame_header(frame, header);
    for (std::size_t i = 0; i < spec.payload.size(); ++i) {
        const std::uint8_t pad = masked ? kKey[i % kKey.size()] : 0;
        frame[at + i] = static_cast<std::uint8_t>(spec.payload[i]) ^ pad;
    }
    out.insert(out.end(), frame.begin(), frame.end());
}

inline Bytes frames(const std::vector<FrameSpec>& specs, proto::Role from) {
    Bytes out;
    for (const FrameSpec& spec : specs) append_frame(out, spec, from);
    return out;
}

// One line an event: "text:Hello", "binary:...", "ping:...", "pong:...", "close:1000:reason". Messages in
// pieces are put together first, so the log is the same for every split.
class LogSink {
  public:
    proto::Flow on_message(proto::Opcode opcode, ByteView payload) {
        ++whole_messages;
        return log(name(opcode), payload);
    }
    proto::Flow on_fragment(proto::Opcode opcode, ByteView payload, proto::FragmentEnd end) {
        if (payload.empty() && end == proto::FragmentEnd::more) ++empty_pieces;
        message_ += as_text(payload);
        if (end == proto::FragmentEnd::more) return proto::Flow::go_on;
        const std::string whole = std::exchange(message_, {});
        return log(name(opcode), as_bytes(whole));
    }
    proto::Flow on_ping(ByteView payload) { return log("ping", payload); }
    proto::Flow on_pong(ByteView payload) { return log("pong", payload); }
    void on_close(const proto::CloseFrame& close) {
        events.push_back("close:" + std::to_string(close.code) + ":" + std::string(close.reason));
    }

    std::vector<std::string> events;
    std::size_t whole_messages = 0;
    std::size_t empty_pieces = 0;
    std::size_t stop_after = ~std::size_t{0};  // events

  private:
    static std::string_view name(proto::Opcode opcode) {
        return opcode == proto::Opcode::text     ? "text"
               : opcode == proto::Opcode::binary ? "binary"
                                                 : "no message";
    }
    proto::Flow log(std::string_view kind, ByteView payload) {
        events.push_back(std::string(kind) + ":" + std::string(as_text(payload)));
        return events.size() < stop_after ? proto::Flow::go_on : proto::Flow::stop;
    }

    std::string message_;
};

}  // namespace wsblast::test
