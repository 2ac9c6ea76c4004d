// How the payload of a message becomes its frames: one, or fragments of a fixed size (RFC 6455 5.4), all of
// them masked with one key.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/units.hpp"
#include "proto/frame.hpp"
#include "proto/mask.hpp"

namespace wsblast::plan {

struct MessageForm {
    proto::Opcode opcode = proto::Opcode::text;
    proto::MaskKey mask_key{};
    std::uint32_t fragment_bytes = 0;  // of payload in each frame but the last; 0: one frame
    // The payload is compressed once, for a window of so many bits (RFC 7692 7.1.2); 0: not at all.
    std::uint8_t deflate_bits = 0;
    // The payload is compressed each time it is sent, by a deflater that remembers the ones before.
    bool deflated_as_sent = false;

    [[nodiscard]] bool compressed() const { return deflate_bits != 0 || deflated_as_sent; }
};

class Framing {
  public:
    Framing() = default;
    explicit Framing(const MessageForm& form) : form_(form) {}

    [[nodiscard]] const MessageForm& form() const { return form_; }
    [[nodiscard]] bool fragments() const { return form_.fragment_bytes > 0; }

    // Of all frames of a message with that payload.
    [[nodiscard]] std::size_t size(std::size_t payload_size) const {
        const std::size_t full = full_fragments(payload_size);
        const std::size_t last = payload_size - full * form_.fragment_bytes;
        const std::size_t of_full = full == 0 ? 0 : full * frame_size(form_.fragment_bytes);
        return of_full + frame_size(last);
    }

    // The payload lies at the end of size(payload_size) bytes, and becomes frames there: each piece moves
    // to the front, never beyond what is still to be moved.
    void frame_in_place(std::uint8_t* out, std::size_t payload_size) const {
        const std::uint8_t* piece = out + size(payload_size) - payload_size;
        for (std::size_t left = payload_size, first = 1;; first = 0) {
            const std::size_t bytes =
                fragments() ? std::min<std::size_t>(left, form_.fragment_bytes) : left;
            left -= bytes;
            const proto::FrameHeader header{
                .opcode = first != 0 ? form_.opcode : proto::Opcode::continuation,
                .fin = left == 0,
                .rsv1 = first != 0 && form_.compressed(),
                .mask_key = form_.mask_key,
                .payload_size = bytes};
            out += proto::encode_frame_header(ByteSpan(out, proto::kFrameHeaderMax), header);
            std::memmove(out, piece, bytes);
            proto::mask_in_place(ByteSpan(out, bytes), form_.mask_key);
            out += bytes;
            piece += bytes;
            if (left == 0) return;
        }
    }

  private:
    [[nodiscard]] std::size_t full_fragments(std::size_t payload_size) const {
        if (!fragments() || payload_size == 0) return 0;
        return (payload_size - 1) / form_.fragment_bytes;
    }
    [[nodiscard]] std::size_t frame_size(std::size_t payload_size) const {
        return payload_size +
               proto::header_size({.mask_key = form_.mask_key, .payload_size = payload_size});
    }

    MessageForm form_;
};

}  // namespace wsblast::plan
