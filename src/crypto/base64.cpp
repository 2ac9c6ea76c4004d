#include "crypto/base64.hpp"

#include <algorithm>

#include <openssl/evp.h>

namespace wsblast::crypto {

std::string to_base64(ByteView bytes) {
    // OpenSSL counts in int: pieces of whole groups of three bytes join without a seam.
    constexpr std::size_t kPiece = 3 * kMiB;
    std::string text;
    while (!bytes.empty()) {
        const ByteView piece = bytes.first(std::min(kPiece, bytes.size()));
        const std::size_t at = text.size();
        text.resize(at + 4 * ((piece.size() + 2) / 3) + 1);  // it writes a zero byte behind
        const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data() + at), piece.data(),
                                         static_cast<int>(piece.size()));
        text.resize(at + static_cast<std::size_t>(size));
        bytes = bytes.subspan(piece.size());
    }
    return text;
}

}  // namespace wsblast::crypto
