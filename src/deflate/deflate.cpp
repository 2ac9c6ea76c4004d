#include "deflate/deflate.hpp"

#include <zlib.h>

namespace wsblast::deflate {

std::vector<std::uint8_t> compress(ByteView bytes) {
    uLongf size = compressBound(bytes.size());
    std::vector<std::uint8_t> out(size);
    // A buffer of compressBound() is always enough.
    compress2(out.data(), &size, bytes.data(), bytes.size(), Z_DEFAULT_COMPRESSION);
    out.resize(size);
    return out;
}

std::vector<std::uint8_t> decompress(ByteView bytes, std::size_t size_max) {
    std::vector<std::uint8_t> out(size_max);
    uLongf size = size_max;
    if (uncompress(out.data(), &size, bytes.data(), bytes.size()) != Z_OK) return {};
    out.resize(size);
    return out;
}

}  // namespace wsblast::deflate
