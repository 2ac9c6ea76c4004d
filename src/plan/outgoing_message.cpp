#include "plan/outgoing_message.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "base/prng.hpp"
#include "deflate/stream.hpp"
#include "plan/deflated_text.hpp"

namespace wsblast::plan {

namespace {

constexpr std::uint32_t kUserWidth = 8;  // hexadecimal digits of 32 bits

// The holes of an agent_message, in the order of the text, and what stands around them.
enum HoleIndex : std::size_t { kUserHole, kAgentHole, kNumberHole, kAgentHoles };
constexpr std::array<std::string_view, kAgentHoles + 1> kAgentLiterals{
    R"({"type":"agent_message","from":"user_)", R"(","to":"agent_)",
    R"(","payload":{"action":"execute","timestamp":)", R"(,"data":{"test":true}}})"};

std::array<char, kUserWidth> to_hex(std::uint32_t value) {
    std::array<char, kUserWidth> text{};
    for (std::size_t i = kUserWidth; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
    return text;
}

struct HoledText {
    std::string text;
    std::array<proto::Hole, kAgentHoles> holes{};
};

// The literals with zeros between them; where they are compressed, as stored blocks.
HoledText join(const std::vector<std::string>& literals,
               const std::array<std::uint32_t, kAgentHoles>& widths, proto::Compression compression) {
    HoledText made;
    for (std::size_t i = 0; i < kAgentHoles; ++i) {
        made.text += literals[i];
        if (compression == proto::Compression::negotiated) {
            std::array<std::uint8_t, kStoredHeaderBytes> header{};
            write_stored_header(header.data(), widths[i]);
            made.text += as_text(header);
        }
        made.holes[i] = {static_cast<std::uint32_t>(made.text.size()), widths[i]};
        made.text.append(widths[i], '0');
    }
    made.text += literals.back();
    return made;
}

std::int64_t bytes_of(const std::vector<std::string>& texts) {
    std::size_t sum = 0;
    for (const std::string& text : texts) sum += text.size();
    return static_cast<std::int64_t>(sum);
}

}  // namespace

Sender Sender::of(std::uint64_t seed, std::uint64_t index) {
    return {.user = static_cast<std::uint32_t>(draw(seed, Stream::user_name, index)),
            .agent = static_cast<std::uint8_t>(below(draw(seed, Stream::agent_name, index), kAgents))};
}

OutgoingMessage OutgoingMessage::constant(std::string_view payload, const MessageForm& form) {
    if (form.deflated_as_sent) return from_text(MessageText({}, std::string(payload), 0), form);
    OutgoingMessage message;
    message.framing_ = Framing(form);
    std::string bytes(payload);
    if (form.deflate_bits != 0) bytes = deflate_literals({bytes}, form.deflate_bits).front();
    message.payload_bytes_ = bytes.size();
    message.saved_bytes_ =
        static_cast<std::int64_t>(payload.size()) - static_cast<std::int64_t>(bytes.size());
    message.message_bytes_ = message.framing_.size(bytes.size());
    std::vector<std::uint8_t> one(message.message_bytes_);
    std::ranges::copy(bytes, one.end() - static_cast<std::ptrdiff_t>(bytes.size()));
    message.framing_.frame_in_place(one.data(), bytes.size());
    message.block_frames_ =
        static_cast<std::uint32_t>(std::max<std::size_t>(1, limits::kSendBytesMax / one.size()));
    for (std::uint32_t i = 0; i < message.block_frames_; ++i)
        message.block_.insert(message.block_.end(), one.begin(), one.end());
    return message;
}

OutgoingMessage OutgoingMessage::ymera_agent_message(const MessageForm& form) {
    OutgoingMessage message;
    message.framing_ = Framing(form);
    const std::vector<std::string> plain(kAgentLiterals.begin(), kAgentLiterals.end());
    const std::vector<std::string> sent =
        form.deflate_bits == 0 ? plain : deflate_literals(plain, form.deflate_bits);
    const auto compression =
        form.deflate_bits == 0 ? proto::Compression::none : proto::Compression::negotiated;
    const bool masked = !message.framing_.fragments() && !form.deflated_as_sent;
    for (std::uint32_t agent_width = 1; agent_width <= 2; ++agent_width) {
        for (std::uint32_t number_width = 1; number_width <= kNumberWidthMax; ++number_width) {
            const HoledText made = join(sent, {kUserWidth, agent_width, number_width}, compression);
            message.templates_.emplace_back(
                proto::TemplateSource{.opcode = form.opcode,
                                      .text = made.text,
                                      .holes = made.holes,
                                      .mask_key = masked ? std::optional(form.mask_key) : std::nullopt,
                                      .compression = compression});
        }
    }
    message.saved_bytes_ = bytes_of(plain) - bytes_of(sent);
    if (form.deflate_bits != 0) message.saved_bytes_ -= std::int64_t{kStoredHeaderBytes * kAgentHoles};
    return message;
}

OutgoingMessage OutgoingMessage::from_text(MessageText text, const MessageForm& form) {
    OutgoingMessage message;
    message.framing_ = Framing(form);
    message.text_ = form.deflate_bits == 0 ? std::move(text) : text.deflated(form.deflate_bits);
    message.saved_bytes_ = message.text_->saved_bytes();
    return message;
}

std::size_t OutgoingMessage::frame_size_max() const {
    if (block_frames_ > 0) return message_bytes_;
    // Of the widest numbers.
    const std::size_t payload = text_ ? text_->size_max() : templates_.back().payload_size();
    return framing_.size(framing_.form().deflated_as_sent ? deflate::Deflater::size_max(payload) : payload);
}

std::size_t OutgoingMessage::deflated_size_max(const MessageInstance& instance) const {
    return framing_.size(deflate::Deflater::size_max(payload_size(instance)));
}

ByteView OutgoingMessage::write_payload(ByteSpan scratch, const MessageInstance& instance) const {
    if (text_) {
        const std::uint8_t* end = text_->write(scratch.data(), instance.id);
        return scratch.first(static_cast<std::size_t>(end - scratch.data()));
    }
    const proto::MessageTemplate& whole = template_for(instance);
    patch(scratch.data(), whole, instance);
    return scratch.first(whole.size()).last(whole.payload_size());
}

std::size_t OutgoingMessage::write_deflated(std::uint8_t* out, ByteView deflated) const {
    const std::size_t size = framing_.size(deflated.size());
    std::ranges::copy(deflated, out + size - deflated.size());
    framing_.frame_in_place(out, deflated.size());
    return size;
}

std::size_t OutgoingMessage::payload_size(const MessageInstance& instance) const {
    if (text_) return text_->size(instance.id);
    return block_frames_ > 0 ? payload_bytes_ : template_for(instance).payload_size();
}

void OutgoingMessage::write(std::uint8_t* out, const MessageInstance& instance) const {
    if (block_frames_ > 0) {
        std::ranges::copy(block(1), out);
    } else if (text_) {
        const std::size_t payload = text_->size(instance.id);
        text_->write(out + framing_.size(payload) - payload, instance.id);
        framing_.frame_in_place(out, payload);
    } else if (framing_.fragments()) {
        const proto::MessageTemplate& whole = template_for(instance);
        patch(out + framing_.size(whole.payload_size()) - whole.size(), whole, instance);
        framing_.frame_in_place(out, whole.payload_size());
    } else {
        patch(out, template_for(instance), instance);
    }
}

void OutgoingMessage::patch(std::uint8_t* out, const proto::MessageTemplate& frame,
                            const MessageInstance& instance) const {
    const auto& [sender, id] = instance;
    frame.write(out);
    const auto user = to_hex(sender.user);
    frame.patch(out, kUserHole, {user.data(), user.size()});
    frame.patch_number(out, kAgentHole, sender.agent);
    frame.patch_number(out, kNumberHole, id.number);
}

}  // namespace wsblast::plan
