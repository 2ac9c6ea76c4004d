#include "crypto/certificate_pool.hpp"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace wsblast::crypto {

CertificatePool::~CertificatePool() {
    for (const Known& known : known_) X509_free(known.certificate);
}

void CertificatePool::share(X509_STORE_CTX* checked) {
    STACK_OF(X509)* const chain = X509_STORE_CTX_get0_untrusted(checked);
    if (chain == nullptr) return;
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        X509* const own = sk_X509_value(chain, i);
        X509* const known = known_as(own);
        if (known == nullptr || known == own) continue;
        X509_up_ref(known);
        sk_X509_set(chain, i, known);
        if (X509_STORE_CTX_get0_cert(checked) == own) X509_STORE_CTX_set_cert(checked, known);
        X509_free(own);
    }
}

X509* CertificatePool::known_as(X509* certificate) {
    const int size = i2d_X509(certificate, nullptr);
    if (size <= 0) return nullptr;
    scratch_.resize(static_cast<std::size_t>(size));
    unsigned char* out = scratch_.data();
    i2d_X509(certificate, &out);
    for (const Known& known : known_) {
        if (known.bytes == scratch_) return known.certificate;
    }
    if (known_.size() == kCertificatesMax) return nullptr;
    X509_up_ref(certificate);
    known_.push_back({scratch_, certificate});
    return certificate;
}

}  // namespace wsblast::crypto
