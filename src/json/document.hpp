// One message parsed as JSON: the only header that shows simdjson, for the readers of this folder.
//
// One worker thread owns a parser; a message of up to 64 KiB allocates nothing.
#pragma once

#include <bit>
#include <cstring>
#include <optional>

#include <simdjson.h>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/units.hpp"

namespace wsblast::json {

class DocumentParser {
  public:
    DocumentParser() : padded_(limits::kAssembledBytesMax + simdjson::SIMDJSON_PADDING) {
        reserve(kCapacityMin);
    }

    // The message's value; nothing when it is no JSON, or larger than limits::kAssembledBytesMax. It lives
    // until the next call.
    [[nodiscard]] std::optional<simdjson::dom::element> parse(ByteView message) {
        if (message.empty() || message.size() > limits::kAssembledBytesMax || !padded_.ok()) return {};
        if (message.size() > parser_.capacity() && !reserve(std::bit_ceil(message.size()))) return {};
        std::memcpy(padded_.data(), message.data(), message.size());
        simdjson::dom::element value;
        constexpr bool kCopyIfUnpadded = false;
        const auto parsed = parser_.parse(padded_.data(), message.size(), kCopyIfUnpadded);
        if (parsed.get(value) != simdjson::SUCCESS) return {};
        return value;
    }

  private:
    static constexpr std::size_t kCapacityMin = 64 * kKiB;

    bool reserve(std::size_t bytes) { return parser_.allocate(bytes) == simdjson::SUCCESS; }

    MappedArray<std::uint8_t> padded_;  // simdjson reads a little beyond the end
    simdjson::dom::parser parser_;
};

}  // namespace wsblast::json
