#include "proto/close_code.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "proto/utf8.hpp"

namespace wsblast::proto {

namespace {

// The longest front of `reason` that fits into a close frame and ends with a whole character.
std::string_view fitting_reason(std::string_view reason) {
    if (reason.size() <= kCloseReasonMax) return reason;
    std::size_t end = kCloseReasonMax;
    while (end > 0 && is_utf8_continuation(static_cast<std::uint8_t>(reason[end]))) --end;
    return reason.substr(0, end);
}

}  // namespace

CloseCode close_code_for(Violation violation) {
    switch (violation) {
        case Violation::none: return close_code::kNormal;
        case Violation::bad_utf8:
        case Violation::bad_deflate: return close_code::kInvalidPayload;
        case Violation::message_too_big: return close_code::kTooBig;
        case Violation::no_memory: return close_code::kInternalError;
        case Violation::masked_frame:
        case Violation::unmasked_frame:
        case Violation::reserved_bits:
        case Violation::reserved_opcode:
        case Violation::bad_length:
        case Violation::fragmented_control:
        case Violation::control_too_long:
        case Violation::unexpected_continuation:
        case Violation::expected_continuation:
        case Violation::bad_close_payload:
        case Violation::bad_close_code: return close_code::kProtocolError;
    }
    return close_code::kProtocolError;
}

Violation parse_close_payload(ByteView payload, CloseFrame& close) {
    close = {};
    if (payload.empty()) return Violation::none;
    if (payload.size() < sizeof(CloseCode)) return Violation::bad_close_payload;
    const auto code = static_cast<CloseCode>(payload[0] << 8 | payload[1]);
    if (!is_wire_close_code(code)) return Violation::bad_close_code;
    const ByteView reason = payload.subspan(sizeof(CloseCode));
    if (!is_valid_utf8(reason)) return Violation::bad_utf8;
    close = {.code = code, .reason = as_text(reason)};
    return Violation::none;
}

std::size_t encode_close_frame(ByteSpan out, const CloseFrame& close,
                               const std::optional<MaskKey>& mask_key) {
    if (close.code == close_code::kNone) return encode_frame(out, Opcode::close, {}, mask_key);
    assert(is_wire_close_code(close.code));
    const std::string_view reason = fitting_reason(close.reason);
    std::array<std::uint8_t, kControlPayloadMax> payload{};
    payload[0] = static_cast<std::uint8_t>(close.code >> 8);
    payload[1] = static_cast<std::uint8_t>(close.code);
    std::ranges::copy(reason, payload.begin() + sizeof(CloseCode));
    return encode_frame(out, Opcode::close, ByteView(payload).first(sizeof(CloseCode) + reason.size()),
                        mask_key);
}

}  // namespace wsblast::proto
