#include "proto/message_template.hpp"

#include "proto/mask.hpp"

namespace wsblast::proto {

MessageTemplate::MessageTemplate(const TemplateSource& source) {
    const FrameHeader header{.opcode = source.opcode,
                             .fin = true,
                             .mask_key = source.mask_key,
                             .payload_size = source.text.size()};
    const std::size_t payload_offset = header_size(header);
    frame_.resize(payload_offset + source.text.size());
    encode_frame(frame_, source.opcode, as_bytes(source.text), source.mask_key);

    holes_.reserve(source.holes.size());
    for (const Hole& hole : source.holes) {
        assert(std::size_t{hole.offset} + hole.width <= source.text.size());
        MaskKey key = source.mask_key.value_or(MaskKey{});
        key = std::bit_cast<MaskKey>(turned_key(key, hole.offset));
        holes_.push_back({static_cast<std::uint32_t>(payload_offset + hole.offset), hole.width, key});
    }
}

}  // namespace wsblast::proto
