#include "crypto/tls_facts.hpp"

#include <array>
#include <cstdio>

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace wsblast::crypto {

namespace {

std::string in_hex(std::uint16_t number) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "0x%04x", number);
    return text.data();
}

}  // namespace

std::string tls_version_name(std::uint16_t version) {
    switch (version) {
        case TLS1_2_VERSION: return "TLSv1.2";
        case TLS1_3_VERSION: return "TLSv1.3";
    }
    return in_hex(version);
}

std::string tls_cipher_name(std::uint16_t cipher) {
    SSL_CTX* const context = SSL_CTX_new(TLS_method());
    SSL* const ssl = SSL_new(context);
    const std::array<unsigned char, 2> number{static_cast<unsigned char>(cipher >> 8),
                                              static_cast<unsigned char>(cipher)};
    const SSL_CIPHER* const found = SSL_CIPHER_find(ssl, number.data());
    std::string name = found == nullptr ? in_hex(cipher) : SSL_CIPHER_get_name(found);
    SSL_free(ssl);
    SSL_CTX_free(context);
    return name;
}

std::string tls_alert_name(std::uint8_t alert) {
    // OpenSSL 3.0 has no name for that of a server that wants a client's certificate (RFC 8446 6.2).
    constexpr std::uint8_t kCertificateRequired = 116;
    if (alert == kCertificateRequired) return "certificate required";
    const std::string name = SSL_alert_desc_string_long(alert);
    return name == "unknown" ? "number " + std::to_string(alert) : name;
}

std::string tls_verify_name(std::uint8_t code) {
    return X509_verify_cert_error_string(code);
}

}  // namespace wsblast::crypto
