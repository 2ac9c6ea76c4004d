// The certificates that servers have shown, each kept once: OpenSSL parses a chain for every connection and
// holds it as long as that, some 3 KiB a certificate, and all connections to one server get the same.
//
// One worker thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

struct x509_st;
struct x509_store_ctx_st;

namespace wsblast::crypto {

class CertificatePool {
  public:
    // Chains have two or three, and a run has few servers; each costs a comparison of lengths.
    static constexpr std::size_t kCertificatesMax = 64;

    CertificatePool() = default;
    ~CertificatePool();
    CertificatePool(const CertificatePool&) = delete;
    CertificatePool& operator=(const CertificatePool&) = delete;

    // Puts those of the pool in the place of the chain that is about to be checked, byte for byte the same.
    // For SSL_CTX_set_cert_verify_callback(3): before X509_verify_cert().
    void share(x509_store_ctx_st* checked);

    [[nodiscard]] std::size_t size() const { return known_.size(); }

  private:
    struct Known {
        std::vector<std::uint8_t> bytes;  // DER
        x509_st* certificate;
    };

    // The one of the pool, or null when there are kCertificatesMax of others. No reference is
    // given.
    [[nodiscard]] x509_st* known_as(x509_st* certificate);

    std::vector<Known> known_;
    std::vector<std::uint8_t> scratch_;
};

}  // namespace wsblast::crypto
