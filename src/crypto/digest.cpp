#include "crypto/digest.hpp"

#include <limits>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace wsblast::crypto {

bool is_digest(const std::string& algorithm) {
    return EVP_get_digestbyname(algorithm.c_str()) != nullptr;
}

std::optional<std::string> digest(const std::string& algorithm, ByteView bytes) {
    const EVP_MD* type = EVP_get_digestbyname(algorithm.c_str());
    std::string result(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    auto* const out = reinterpret_cast<unsigned char*>(result.data());
    if (type == nullptr || EVP_Digest(bytes.data(), bytes.size(), out, &size, type, nullptr) != 1)
        return std::nullopt;
    result.resize(size);
    return result;
}

std::optional<std::string> hmac(const std::string& algorithm, ByteView key, ByteView bytes) {
    const EVP_MD* type = EVP_get_digestbyname(algorithm.c_str());
    // OpenSSL takes no key at all for "the last one again", and counts its bytes in int.
    static constexpr unsigned char kNoKey[1] = {};
    const unsigned char* const key_bytes = key.empty() ? kNoKey : key.data();
    if (type == nullptr || key.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        return std::nullopt;
    std::string result(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    auto* const out = reinterpret_cast<unsigned char*>(result.data());
    if (HMAC(type, key_bytes, static_cast<int>(key.size()), bytes.data(), bytes.size(), out, &size) ==
        nullptr) {
        return std::nullopt;
    }
    result.resize(size);
    return result;
}

}  // namespace wsblast::crypto
