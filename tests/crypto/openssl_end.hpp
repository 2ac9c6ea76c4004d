// An end of a TLS connection that is OpenSSL's alone, over its own memory BIOs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "tests/support/tls_ends.hpp"

namespace wsblast::test {

using ContextOwner = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

struct OpensslOptions {
    int version = TLS1_3_VERSION;
    const char* ciphers = nullptr;  // of either version
    std::size_t tickets = 2;
    const char* groups = nullptr;  // of the server; others than a client begins with: HelloRetryRequest
    bool asks_for_certificate = false;  // the server, of a client; it takes any, and none
};

inline void agree_to(SSL_CTX* context, const OpensslOptions& options) {
    SSL_CTX_set_min_proto_version(context, options.version);
    SSL_CTX_set_max_proto_version(context, options.version);
    if (options.ciphers == nullptr) return;
    REQUIRE((options.version == TLS1_3_VERSION ? SSL_CTX_set_ciphersuites(context, options.ciphers)
                                               : SSL_CTX_set_cipher_list(context, options.ciphers)) == 1);
}

inline ContextOwner openssl_server(const OpensslOptions& options) {
    ContextOwner context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    const crypto::SelfSigned& identity = localhost_identity();
    BIO* const certificate = BIO_new_mem_buf(identity.certificate.data(), -1);
    BIO* const key = BIO_new_mem_buf(identity.key.data(), -1);
    X509* const own = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
    EVP_PKEY* const own_key = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context.get(), own);
    SSL_CTX_use_PrivateKey(context.get(), own_key);
    X509_free(own);
    EVP_PKEY_free(own_key);
    BIO_free(certificate);
    BIO_free(key);
    SSL_CTX_set_num_tickets(context.get(), options.tickets);
    if (options.groups != nullptr) SSL_CTX_set1_groups_list(context.get(), options.groups);
    if (options.asks_for_certificate)
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
    agree_to(context.get(), options);
    return context;
}

inline ContextOwner openssl_client(const OpensslOptions& options) {
    ContextOwner context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    agree_to(context.get(), options);
    return context;
}

class OpensslEnd {
  public:
    explicit OpensslEnd(SSL_CTX* context) : ssl_(SSL_new(context)) {
        SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_is_server(ssl_) == 1 ? SSL_set_accept_state(ssl_) : SSL_set_connect_state(ssl_);
    }
    ~OpensslEnd() { SSL_free(ssl_); }
    OpensslEnd(const OpensslEnd&) = delete;
    OpensslEnd& operator=(const OpensslEnd&) = delete;

    [[nodiscard]] SSL* ssl() { return ssl_; }

    // Its answer to these bytes; what it reads of them is `heard`.
    std::vector<std::uint8_t> hear(ByteView bytes) {
        if (!bytes.empty()) BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
        char buffer[4'096];
        for (int size = 1; size > 0;) {
            size = SSL_read(ssl_, buffer, sizeof buffer);
            if (size > 0) heard.append(buffer, static_cast<std::size_t>(size));
        }
        return take_output();
    }
    std::vector<std::uint8_t> say(std::string_view text) {
        REQUIRE(SSL_write(ssl_, text.data(), static_cast<int>(text.size())) > 0);
        return take_output();
    }
    // Changes of its keys, each of which is to be answered by one (RFC 8446 4.6.3).
    std::vector<std::uint8_t> change_keys(std::size_t times) {
        for (std::size_t i = 0; i < times; ++i) {
            SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED);
            SSL_do_handshake(ssl_);
        }
        return take_output();
    }
    std::vector<std::uint8_t> say_goodbye() {
        SSL_shutdown(ssl_);
        return take_output();
    }
    std::vector<std::uint8_t> take_output() {
        std::vector<std::uint8_t> bytes(BIO_ctrl_pending(SSL_get_wbio(ssl_)));
        if (!bytes.empty()) BIO_read(SSL_get_wbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
        return bytes;
    }

    std::string heard{};

  private:
    SSL* ssl_;
};

}  // namespace wsblast::test
