#include "crypto/accept_key.hpp"

#include <algorithm>
#include <cstring>

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace wsblast::crypto {

namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeyLengthMax = 64;

// EVP_EncodeBlock writes a terminating zero, for which the arrays of the interface have no room.
template <std::size_t kLength, std::size_t kBytes>
std::array<char, kLength> base64(const std::array<unsigned char, kBytes>& bytes) {
    std::array<unsigned char, kLength + 1> text{};
    EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(kBytes));
    std::array<char, kLength> result{};
    std::memcpy(result.data(), text.data(), kLength);
    return result;
}

}  // namespace

HandshakeKey make_handshake_key(std::uint64_t random_high, std::uint64_t random_low) {
    std::array<unsigned char, 16> bytes{};
    std::memcpy(bytes.data(), &random_high, sizeof random_high);
    std::memcpy(bytes.data() + sizeof random_high, &random_low, sizeof random_low);
    return base64<kHandshakeKeyLength>(bytes);
}

AcceptKey make_accept_key(std::string_view key) {
    std::array<unsigned char, kKeyLengthMax + kGuid.size()> text{};
    const std::size_t key_length = std::min(key.size(), kKeyLengthMax);
    std::memcpy(text.data(), key.data(), key_length);
    std::memcpy(text.data() + key_length, kGuid.data(), kGuid.size());
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(text.data(), key_length + kGuid.size(), digest.data());
    return base64<kAcceptKeyLength>(digest);
}

}  // namespace wsblast::crypto
