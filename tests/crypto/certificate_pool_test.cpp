#include "crypto/certificate_pool.hpp"

#include <memory>

#include <catch2/catch.hpp>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "tests/support/tls_ends.hpp"

namespace wsblast::crypto {

namespace {

X509* parse(const std::string& pem) {
    BIO* const text = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* const certificate = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
    BIO_free(text);
    return certificate;
}

// A chain of one that is about to be checked, as a handshake has it.
class Checked {
  public:
    explicit Checked(const std::string& pem) {
        sk_X509_push(chain_, parse(pem));
        X509_STORE_CTX_init(checked_, store_, sk_X509_value(chain_, 0), chain_);
    }
    ~Checked() {
        X509_STORE_CTX_free(checked_);
        X509_STORE_free(store_);
        sk_X509_pop_free(chain_, X509_free);
    }
    Checked(const Checked&) = delete;
    Checked& operator=(const Checked&) = delete;

    [[nodiscard]] X509_STORE_CTX* get() { return checked_; }
    [[nodiscard]] X509* in_chain() { return sk_X509_value(chain_, 0); }

  private:
    STACK_OF(X509) * chain_ = sk_X509_new_null();
    X509_STORE* store_ = X509_STORE_new();
    X509_STORE_CTX* checked_ = X509_STORE_CTX_new();
};

}  // namespace

TEST_CASE("certificate pool: the same certificate is kept once", "[crypto][tls]") {
    CertificatePool pool;
    const std::string& pem = test::localhost_identity().certificate;
    Checked first(pem);
    Checked second(pem);
    REQUIRE(first.in_chain() != second.in_chain());
    pool.share(first.get());
    pool.share(second.get());
    CHECK(pool.size() == 1);
    CHECK(first.in_chain() == second.in_chain());
    CHECK(X509_STORE_CTX_get0_cert(second.get()) == first.in_chain());
}

TEST_CASE("certificate pool: another certificate is another", "[crypto][tls]") {
    CertificatePool pool;
    const auto other = make_self_signed({"localhost"});
    REQUIRE(other);
    Checked first(test::localhost_identity().certificate);
    Checked second(other->certificate);
    pool.share(first.get());
    pool.share(second.get());
    CHECK(pool.size() == 2);
    CHECK(first.in_chain() != second.in_chain());
}

TEST_CASE("certificate pool: it is bounded, and outlived by what it has shared", "[crypto][tls]") {
    auto pool = std::make_unique<CertificatePool>();
    std::vector<std::unique_ptr<Checked>> many;
    for (std::size_t i = 0; i < CertificatePool::kCertificatesMax + 2; ++i) {
        const auto made = make_self_signed({"localhost"});
        REQUIRE(made);
        many.push_back(std::make_unique<Checked>(made->certificate));
        pool->share(many.back()->get());
    }
    CHECK(pool->size() == CertificatePool::kCertificatesMax);
    pool.reset();
    CHECK(X509_get_version(many.front()->in_chain()) == 2);
}

}  // namespace wsblast::crypto
