// The header of a WebSocket frame (RFC 6455 5.2): bytes to values and back, with every rule that one header
// alone can break. Rules about a sequence of frames are the MessageReader's.
//
// Pure functions of bytes, for any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/units.hpp"

namespace wsblast::proto {

// Whose end of the connection this code stands at. A client sends masked frames and reads unmasked ones.
enum class Role : std::uint8_t { client, server };

// RFC 6455 11.8. The rest, 3-7 and 11-15, is reserved.
enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

[[nodiscard]] constexpr bool is_control(Opcode opcode) {
    return opcode >= Opcode::close;
}

// How a peer can break the protocol.
enum class Violation : std::uint8_t {
    none,
    masked_frame,             // by a server (5.1)
    unmasked_frame,           // by a client (5.1)
    reserved_bits,            // RSV1-3 without an extension, or where it has no place (5.2, RFC 7692 6)
    reserved_opcode,          // 5.2
    bad_length,               // not in its shortest form, or above 2^63 - 1 (5.2)
    fragmented_control,       // 5.5
    control_too_long,         // above 125 bytes (5.5)
    unexpected_continuation,  // no message is open (5.4)
    expected_continuation,    // a message is open (5.4)
    bad_utf8,                 // in a text message or a close reason (8.1)
    bad_deflate,              // a compressed message that cannot be inflated (RFC 7692 7.2.2)
    bad_close_payload,        // of one byte (5.5.1)
    bad_close_code,           // 7.4
    message_too_big,          // above our own limit
    no_memory,                // to inflate it: ours, and none of the peer's doing
};
// The enumerator in words, for reports: "reserved bits set".
[[nodiscard]] std::string_view to_text(Violation violation);

using MaskKey = std::array<std::uint8_t, 4>;  // in wire order

inline constexpr std::size_t kFrameHeaderMax = 14;  // 2 + 8 of length + 4 of mask key
inline constexpr std::size_t kControlPayloadMax = 125;
inline constexpr std::size_t kControlFrameMax = 2 + 4 + kControlPayloadMax;

// The parts of the first two bytes, and the values of the 7-bit length that announce a longer one.
inline constexpr std::uint8_t kFinBit = 0x80;
inline constexpr std::uint8_t kReservedBits = 0x70;
inline constexpr std::uint8_t kRsv1Bit = 0x40;
inline constexpr std::uint8_t kOpcodeBits = 0x0f;
inline constexpr std::uint8_t kMaskBit = 0x80;
inline constexpr std::uint8_t kLengthBits = 0x7f;
inline constexpr std::uint8_t kLength16 = 126;
inline constexpr std::uint8_t kLength64 = 127;

// Whether a message may be compressed, which RSV1 of its first frame tells (RFC 7692 6).
enum class Compression : std::uint8_t { none, negotiated };

struct FrameHeader {
    Opcode opcode = Opcode::binary;
    bool fin = true;
    bool rsv1 = false;
    std::optional<MaskKey> mask_key{};
    std::uint64_t payload_size = 0;
};

// The size that the header takes on the wire: 2 to 14 bytes.
[[nodiscard]] std::size_t header_size(const FrameHeader& header);

// Writes the header in its shortest form and returns its size. `out` has room for it (kFrameHeaderMax is
// always enough).
std::size_t encode_frame_header(ByteSpan out, const FrameHeader& header);

// Writes a whole unfragmented frame, masked if there is a key, and returns its size. `out` has room for it.
std::size_t encode_frame(ByteSpan out, Opcode opcode, ByteView payload,
                         const std::optional<MaskKey>& mask_key);

enum class HeaderStatus : std::uint8_t { need_more, header, violation };

struct HeaderDecode {
    HeaderStatus status = HeaderStatus::need_more;
    Violation violation = Violation::none;  // with `violation`
    std::uint8_t size = 0;                  // with `header`: the payload begins after so many bytes
    FrameHeader header{};                   // with `header`
};

// Reads the header at the front of `in`, as the reader of that role. A violation is reported at the first
// byte that shows it, so every split of the input gives the same answer. RSV1 may stand in the first frame
// of a data message only, and where compression was negotiated.
[[nodiscard]] HeaderDecode decode_frame_header(ByteView in, Role role,
                                               Compression compression = Compression::none);

}  // namespace wsblast::proto
