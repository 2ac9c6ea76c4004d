// A message that is sent over and over: its frame is serialised and masked once, and what changes from one
// message to the next (a number, a stamp) is patched into fixed-width holes under the frame's mask key.
//
// Built before the run; write() and the patches are for the hot path, of any thread: a template does not
// change. One key for all messages of a template is right for a load generator (see base/prng.hpp).
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "proto/frame.hpp"

namespace wsblast::proto {

// How many digits the value has in decimal: 1 for 0, 20 for 2^64 - 1.
[[nodiscard]] constexpr std::uint32_t decimal_width(std::uint64_t value) {
    constexpr std::uint32_t kDigitsMax = 20;
    constexpr auto kPowersOfTen = [] {
        std::array<std::uint64_t, kDigitsMax> powers{};
        std::uint64_t power = 1;
        for (auto& entry : powers) {
            entry = power;
            power *= 10;
        }
        return powers;
    }();
    value |= 1;  // crosses no power of ten but the first, and gives 0 its digit
    // 1233 / 4096 is log10(2) from above: the number of digits, or one less.
    const auto guess = static_cast<std::uint32_t>(std::bit_width(value) * 1233) >> 12;
    return guess + (value >= kPowersOfTen[guess] ? 1 : 0);
}

// A place in the message's text that is patched.
struct Hole {
    std::uint32_t offset = 0;
    std::uint32_t width = 0;
};

struct TemplateSource {
    Opcode opcode = Opcode::text;
    std::string_view text{};                      // what stands in the holes is sent where nobody patches
    std::span<const Hole> holes{};                // within the text
    std::optional<MaskKey> mask_key{};            // none: a server's frame
    Compression compression = Compression::none;  // negotiated: the text is compressed, as RSV1 says
};

class MessageTemplate {
  public:
    explicit MessageTemplate(const TemplateSource& source);

    // Of the whole frame.
    [[nodiscard]] std::size_t size() const { return frame_.size(); }
    [[nodiscard]] std::size_t payload_size() const { return frame_.size() - payload_offset_; }
    [[nodiscard]] ByteView frame() const { return frame_; }
    [[nodiscard]] std::size_t holes() const { return holes_.size(); }
    [[nodiscard]] std::uint32_t hole_width(std::size_t hole) const { return holes_[hole].width; }

    // Copies the frame; `out` has room for size() bytes. The patches below change such a copy.
    void write(std::uint8_t* out) const { std::memcpy(out, frame_.data(), frame_.size()); }

    // `text` is exactly as wide as the hole.
    void patch(std::uint8_t* out, std::size_t hole, std::string_view text) const {
        assert(hole < holes_.size() && text.size() == holes_[hole].width);
        const Place& place = holes_[hole];
        std::uint8_t* const to = out + place.offset;
        for (std::size_t i = 0; i < text.size(); ++i) {
            to[i] = static_cast<std::uint8_t>(text[i]) ^ place.key[i % place.key.size()];
        }
    }

    // In decimal; decimal_width(value) is exactly the hole's width.
    void patch_number(std::uint8_t* out, std::size_t hole, std::uint64_t value) const {
        assert(hole < holes_.size() && decimal_width(value) == holes_[hole].width);
        const Place& place = holes_[hole];
        std::uint8_t* const to = out + place.offset;
        for (std::uint32_t i = place.width; i-- > 0; value /= 10) {
            to[i] = static_cast<std::uint8_t>('0' + value % 10) ^ place.key[i % place.key.size()];
        }
    }

  private:
    // A hole as it lies in the frame: the key is turned to begin at the hole's first byte, zero if
    // unmasked.
    struct Place {
        std::uint32_t offset;
        std::uint32_t width;
        MaskKey key;
    };

    std::vector<std::uint8_t> frame_;
    std::size_t payload_offset_ = 0;
    std::vector<Place> holes_;
};

}  // namespace wsblast::proto
