// zlib's deflate, whole buffers at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.hpp"

namespace wsblast::deflate {

// The bytes in zlib's format (RFC 1950), at zlib's default level. Any thread; allocates.
[[nodiscard]] std::vector<std::uint8_t> compress(ByteView bytes);

// The other way; empty when the bytes are damaged, or would become more than `size_max`.
[[nodiscard]] std::vector<std::uint8_t> decompress(ByteView bytes, std::size_t size_max);

}  // namespace wsblast::deflate
