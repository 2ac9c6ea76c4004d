#include "crypto/record_cipher.hpp"

#include <algorithm>
#include <cstring>

#include <openssl/evp.h>

namespace wsblast::crypto {

namespace {

constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kExplicitNonceBytes = 8;

const char* name_of(Aead aead) {
    switch (aead) {
        case Aead::aes_128_gcm: return "AES-128-GCM";
        case Aead::aes_256_gcm: return "AES-256-GCM";
        case Aead::chacha20_poly1305: return "ChaCha20-Poly1305";
    }
    return "";
}

void write_u64(std::uint64_t value, std::uint8_t* out) {
    const std::uint64_t big_endian = __builtin_bswap64(value);
    std::memcpy(out, &big_endian, sizeof big_endian);
}

void write_u16(std::size_t value, std::uint8_t* out) {
    out[0] = static_cast<std::uint8_t>(value >> 8);
    out[1] = static_cast<std::uint8_t>(value);
}

}  // namespace

RecordCiphers::~RecordCiphers() {
    for (EVP_CIPHER* cipher : found_) EVP_CIPHER_free(cipher);
}

const EVP_CIPHER* RecordCiphers::find(Aead aead) {
    EVP_CIPHER*& cipher = found_[static_cast<std::size_t>(aead)];
    if (cipher == nullptr) cipher = EVP_CIPHER_fetch(nullptr, name_of(aead), nullptr);
    return cipher;
}

RecordCipher::~RecordCipher() {
    EVP_CIPHER_CTX_free(context_);
}

bool RecordCipher::begin(const RecordSuite& suite, const EVP_CIPHER* cipher, Direction direction) {
    suite_ = suite;
    context_ = EVP_CIPHER_CTX_new();
    const int encrypts = direction == Direction::sealing ? 1 : 0;
    return context_ != nullptr && cipher != nullptr &&
           EVP_CipherInit_ex(context_, cipher, nullptr, nullptr, nullptr, encrypts) == 1;
}

bool RecordCipher::use_key(const RecordKey& key, std::uint64_t number) {
    iv_ = key.iv;
    number_ = number;
    return EVP_CipherInit_ex(context_, nullptr, nullptr, key.key.data(), nullptr, -1) == 1;
}

std::size_t RecordCipher::overhead() const {
    const std::size_t inner_type = is_1_3() ? 1 : 0;
    return kRecordHeaderBytes + (suite_.has_explicit_nonce() ? kExplicitNonceBytes : inner_type) +
           kTagBytes;
}

// The explicit nonce of 1.2 is the record's number. OpenSSL began somewhere else, at random, for the few
// records that it sealed with this key.
RecordCipher::Nonce RecordCipher::next_nonce() const {
    Nonce nonce = iv_;
    std::array<std::uint8_t, 8> number{};
    write_u64(number_, number.data());
    for (std::size_t i = 0; i < number.size(); ++i) nonce[kSaltBytes + i] ^= number[i];
    return nonce;
}

std::size_t RecordCipher::write_extra(ByteView header, std::size_t content_size,
                                      std::array<std::uint8_t, 13>& extra) const {
    if (is_1_3()) {
        std::copy(header.begin(), header.end(), extra.begin());
        return header.size();
    }
    write_u64(number_, extra.data());
    std::copy_n(header.begin(), 3, extra.begin() + 8);
    write_u16(content_size, &extra[11]);
    return extra.size();
}

bool RecordCipher::seal(ContentType type, ByteView content, std::vector<std::uint8_t>& out) {
    const std::size_t begin = out.size();
    out.resize(begin + content.size() + overhead());
    std::uint8_t* const header = out.data() + begin;
    header[0] = static_cast<std::uint8_t>(is_1_3() ? ContentType::application_data : type);
    header[1] = kRecordVersionMajor;
    header[2] = kRecordVersionMinor;
    write_u16(content.size() + overhead() - kRecordHeaderBytes, header + 3);

    Nonce nonce = next_nonce();
    std::uint8_t* text = header + kRecordHeaderBytes;
    if (suite_.has_explicit_nonce()) {
        std::memcpy(text, nonce.data() + kSaltBytes, kExplicitNonceBytes);
        text += kExplicitNonceBytes;
    }
    if (!content.empty()) std::memcpy(text, content.data(), content.size());
    std::size_t text_size = content.size();
    if (is_1_3()) text[text_size++] = static_cast<std::uint8_t>(type);

    std::array<std::uint8_t, 13> extra{};
    const std::size_t extra_size = write_extra({header, kRecordHeaderBytes}, content.size(), extra);
    int size = 0;
    const bool sealed =
        EVP_EncryptInit_ex(context_, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
        EVP_EncryptUpdate(context_, nullptr, &size, extra.data(), static_cast<int>(extra_size)) == 1 &&
        EVP_EncryptUpdate(context_, text, &size, text, static_cast<int>(text_size)) == 1 &&
        EVP_EncryptFinal_ex(context_, text + text_size, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, kTagBytes, text + text_size) == 1;
    if (!sealed) out.resize(begin);  // what is in it is in the clear
    ++number_;
    return sealed;
}

std::optional<RecordCipher::Opened> RecordCipher::open(ByteView record, ByteSpan out) {
    const ByteView header = record.first(kRecordHeaderBytes);
    ByteView text = record.subspan(kRecordHeaderBytes);
    Nonce nonce = next_nonce();
    if (suite_.has_explicit_nonce()) {
        std::memcpy(nonce.data() + kSaltBytes, text.data(), kExplicitNonceBytes);
        text = text.subspan(kExplicitNonceBytes);
    }
    std::array<std::uint8_t, kTagBytes> tag{};
    std::memcpy(tag.data(), text.last(kTagBytes).data(), kTagBytes);
    text = text.first(text.size() - kTagBytes);

    std::array<std::uint8_t, 13> extra{};
    const std::size_t extra_size = write_extra(header, text.size(), extra);
    int size = 0;
    const bool opened =
        EVP_DecryptInit_ex(context_, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
        EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
        EVP_DecryptUpdate(context_, nullptr, &size, extra.data(), static_cast<int>(extra_size)) == 1 &&
        EVP_DecryptUpdate(context_, out.data(), &size, text.data(), static_cast<int>(text.size())) == 1 &&
        EVP_DecryptFinal_ex(context_, out.data() + text.size(), &size) == 1;
    if (!opened) return std::nullopt;
    ++number_;

    std::size_t content_size = text.size();
    if (!is_1_3()) return Opened{static_cast<ContentType>(header[0]), content_size};
    while (content_size > 0 && out[content_size - 1] == 0) --content_size;
    if (content_size == 0) return Opened{ContentType::invalid, 0};  // nothing but padding
    return Opened{static_cast<ContentType>(out[content_size - 1]), content_size - 1};
}

}  // namespace wsblast::crypto
