// Close codes and the payload of a close frame (RFC 6455 5.5.1, 7.4; the IANA registry).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/units.hpp"
#include "proto/frame.hpp"

namespace wsblast::proto {

using CloseCode = std::uint16_t;

namespace close_code {
inline constexpr CloseCode kNormal = 1000;
inline constexpr CloseCode kGoingAway = 1001;
inline constexpr CloseCode kProtocolError = 1002;
inline constexpr CloseCode kNone = 1005;      // never on the wire: the close frame had no code
inline constexpr CloseCode kAbnormal = 1006;  // never on the wire: there was no close frame
inline constexpr CloseCode kInvalidPayload = 1007;
inline constexpr CloseCode kPolicyViolation = 1008;
inline constexpr CloseCode kTooBig = 1009;
inline constexpr CloseCode kInternalError = 1011;
}  // namespace close_code

// Whether the code may stand in a close frame, sent or received: 1000-1003, 1007-1014, 3000-4999. 1004 is
// reserved, 1005, 1006 and 1015 only describe what happened, the rest of 1xxx and 2xxx belongs to the RFC.
[[nodiscard]] constexpr bool is_wire_close_code(CloseCode code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

// The code to close with after the peer broke the protocol (7.4.1); kNormal for Violation::none.
[[nodiscard]] CloseCode close_code_for(Violation violation);

struct CloseFrame {
    CloseCode code = close_code::kNone;
    std::string_view reason{};  // UTF-8, borrowed
};

// Reads the payload of a close frame. Returns what it breaks (bad_close_payload, bad_close_code, bad_utf8),
// or none and the frame's parts in `close`, whose reason borrows from `payload`.
[[nodiscard]] Violation parse_close_payload(ByteView payload, CloseFrame& close);

inline constexpr std::size_t kCloseReasonMax = kControlPayloadMax - sizeof(CloseCode);

// Writes a whole close frame and returns its size. kNone writes one without a payload; any other code must
// be one for the wire. A longer reason is cut at a character's border. `out` has room for kControlFrameMax.
std::size_t encode_close_frame(ByteSpan out, const CloseFrame& close,
                               const std::optional<MaskKey>& mask_key);

}  // namespace wsblast::proto
