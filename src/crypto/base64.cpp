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

std::optional<std::string> from_base64(std::string_view text) {
    constexpr std::size_t kTextMax = std::size_t{1} << 30;  // OpenSSL counts in int
    if (text.size() % 4 != 0 || text.size() > kTextMax) return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    // OpenSSL would take white space around it, and = anywhere.
    const auto of_alphabet = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '+' || letter == '/';
    };
    if (!std::ranges::all_of(text.substr(0, text.size() - padding), of_alphabet)) return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), as_bytes(text).data(),
                                     static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

}  // namespace wsblast::crypto
