// Owners of OpenSSL's objects, which differ in how they are freed.
#pragma once

#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>

namespace wsblast::crypto {

struct Freed {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};
using TextOwner = std::unique_ptr<BIO, Freed>;
using CertificateOwner = std::unique_ptr<X509, Freed>;
using KeyOwner = std::unique_ptr<EVP_PKEY, Freed>;
using ExtensionOwner = std::unique_ptr<X509_EXTENSION, Freed>;
using KdfOwner = std::unique_ptr<EVP_KDF, Freed>;
using KdfContextOwner = std::unique_ptr<EVP_KDF_CTX, Freed>;

}  // namespace wsblast::crypto
