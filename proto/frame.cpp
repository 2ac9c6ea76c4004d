#include "proto/frame.hpp"

#include <algorithm>
#include <cassert>

#include "proto/mask.hpp"

namespace wsblast::proto {

namespace {

constexpr std::size_t kShortHeader = 2;
constexpr std::uint64_t kSize16Max = 0xffff;
constexpr std::uint64_t kSizeTopBit = std::uint64_t{1} << 63;

// Bytes of the length after its first seven bits.
std::size_t extended_length_size(std::uint64_t payload_size) {
    if (payload_size < kLength16) return 0;
    return payload_size <= kSize16Max ? 2 : 8;
}

std::uint64_t read_big_endian(ByteView bytes) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes) value = value << 8 | byte;
    return value;
}

bool is_known(Opcode opcode) {
    switch (opcode) {
        case Opcode::continuation:
        case Opcode::text:
        case Opcode::binary:
        case Opcode::close:
        case Opcode::ping:
        case Opcode::pong: return true;
    }
    return false;
}

Violation check_first_byte(std::uint8_t first, Compression compression) {
    const auto opcode = static_cast<Opcode>(first & kOpcodeBits);
    const bool may_be_compressed =
        compression == Compression::negotiated && (opcode == Opcode::text || opcode == Opcode::binary);
    const std::uint8_t allowed = may_be_compressed ? kRsv1Bit : 0;
    if ((first & kReservedBits & ~allowed) != 0) return Violation::reserved_bits;
    if (!is_known(opcode)) return Violation::reserved_opcode;
    if (is_control(opcode) && (first & kFinBit) == 0) return Violation::fragmented_control;
    return Violation::none;
}

Violation check_second_byte(std::uint8_t second, Opcode opcode, Role role) {
    const bool masked = (second & kMaskBit) != 0;
    if (masked && role == Role::client) return Violation::masked_frame;
    if (!masked && role == Role::server) return Violation::unmasked_frame;
    if (is_control(opcode) && (second & kLengthBits) > kControlPayloadMax)
        return Violation::control_too_long;
    return Violation::none;
}

HeaderDecode violated(Violation violation) {
    return {.status = HeaderStatus::violation, .violation = violation};
}

}  // namespace

std::string_view to_text(Violation violation) {
    switch (violation) {
        case Violation::none: return "none";
        case Violation::masked_frame: return "masked frame from the server";
        case Violation::unmasked_frame: return "unmasked frame from the client";
        case Violation::reserved_bits: return "reserved bits set";
        case Violation::reserved_opcode: return "reserved opcode";
        case Violation::bad_length: return "bad frame length";
        case Violation::fragmented_control: return "fragmented control frame";
        case Violation::control_too_long: return "control frame longer than 125 bytes";
        case Violation::unexpected_continuation: return "continuation of no message";
        case Violation::expected_continuation: return "new message inside a fragmented one";
        case Violation::bad_utf8: return "text that is not UTF-8";
        case Violation::bad_deflate: return "compressed data that cannot be inflated";
        case Violation::bad_close_payload: return "close payload of one byte";
        case Violation::bad_close_code: return "bad close code";
        case Violation::message_too_big: return "message too big";
        case Violation::no_memory: return "no memory to inflate it";
    }
    return "unknown";
}

std::size_t header_size(const FrameHeader& header) {
    return kShortHeader + extended_length_size(header.payload_size) +
           (header.mask_key ? header.mask_key->size() : 0);
}

std::size_t encode_frame_header(ByteSpan out, const FrameHeader& header) {
    assert(out.size() >= header_size(header) && header.payload_size < kSizeTopBit);
    const std::size_t extended = extended_length_size(header.payload_size);
    const std::uint8_t short_length = extended == 0   ? static_cast<std::uint8_t>(header.payload_size)
                                      : extended == 2 ? kLength16
                                                      : kLength64;
    out[0] = static_cast<std::uint8_t>((header.fin ? kFinBit : 0) | (header.rsv1 ? kRsv1Bit : 0) |
                                       static_cast<std::uint8_t>(header.opcode));
    out[1] = static_cast<std::uint8_t>((header.mask_key ? kMaskBit : 0) | short_length);
    std::size_t at = kShortHeader;
    for (std::size_t left = extended; left > 0; --left) {
        out[at++] = static_cast<std::uint8_t>(header.payload_size >> (8 * (left - 1)));
    }
    if (!header.mask_key) return at;
    std::ranges::copy(*header.mask_key, out.begin() + static_cast<std::ptrdiff_t>(at));
    return at + header.mask_key->size();
}

std::size_t encode_frame(ByteSpan out, Opcode opcode, ByteView payload,
                         const std::optional<MaskKey>& mask_key) {
    const std::size_t at = encode_frame_header(
        out, {.opcode = opcode, .fin = true, .mask_key = mask_key, .payload_size = payload.size()});
    assert(out.size() >= at + payload.size());
    mask_copy(out.subspan(at), payload, mask_key.value_or(MaskKey{}));
    return at + payload.size();
}

HeaderDecode decode_frame_header(ByteView in, Role role, Compression compression) {
    if (in.empty()) return {};
    if (const Violation v = check_first_byte(in[0], compression); v != Violation::none) return violated(v);
    const auto opcode = static_cast<Opcode>(in[0] & kOpcodeBits);
    if (in.size() < kShortHeader) return {};
    if (const Violation v = check_second_byte(in[1], opcode, role); v != Violation::none)
        return violated(v);

    const auto short_length = static_cast<std::uint8_t>(in[1] & kLengthBits);
    const std::size_t extended = short_length < kLength16 ? 0 : short_length == kLength16 ? 2 : 8;
    const std::size_t length_end = kShortHeader + extended;
    if (in.size() < length_end) return {};
    const std::uint64_t payload_size =
        extended == 0 ? short_length : read_big_endian(in.subspan(kShortHeader, extended));
    if (extended_length_size(payload_size) != extended || payload_size >= kSizeTopBit) {
        return violated(Violation::bad_length);
    }

    FrameHeader header{.opcode = opcode,
                       .fin = (in[0] & kFinBit) != 0,
                       .rsv1 = (in[0] & kRsv1Bit) != 0,
                       .payload_size = payload_size};
    std::size_t size = length_end;
    if ((in[1] & kMaskBit) != 0) {
        MaskKey key{};
        size += key.size();
        if (in.size() < size) return {};
        std::ranges::copy(in.subspan(length_end, key.size()), key.begin());
        header.mask_key = key;
    }
    return {.status = HeaderStatus::header, .size = static_cast<std::uint8_t>(size), .header = header};
}

}  // namespace wsblast::proto
