#include "proto/message_template.hpp"

#include "proto/mask.hpp"

namespace wsblast::proto {

MessageTemplate::MessageTemplate(const TemplateSource& source) {
    const FrameHeader header{.opcode = source.opcode,
                             .fin = true,
                             .rsv1 = source.compression == Compression::negotiated,
                             .mask_key = source.mask_key,
                             .payload_size = source.text.size()};
    payload_offset_ = header_size(header);
    frame_.resize(payload_offset_ + source.text.size());
    encode_frame_header(frame_, header);
    mask_copy(ByteSpan(frame_).subspan(payload_offset_), as_bytes(source.text),
              source.mask_key.value_or(MaskKey{}));

    holes_.reserve(source.holes.size());
    for (const Hole& hole : source.holes) {
        assert(std::size_t{hole.offset} + hole.width <= source.text.size());
        MaskKey key = source.mask_key.value_or(MaskKey{});
        key = std::bit_cast<MaskKey>(turned_key(key, hole.offset));
        holes_.push_back({static_cast<std::uint32_t>(payload_offset_ + hole.offset), hole.width, key});
    }
}

}  // namespace wsblast::proto
