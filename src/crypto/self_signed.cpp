#include "crypto/self_signed.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "crypto/openssl_owners.hpp"

namespace wsblast::crypto {

namespace {

constexpr long kHourS = 3'600;
constexpr long kDayS = 24 * kHourS;
constexpr long kDaysValid = 90;

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

bool is_address(const std::string& host) {
    in6_addr address{};  // the larger of the two
    return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
           inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

std::string alternative_names(const std::vector<std::string>& hosts) {
    std::string names;
    for (const std::string& host : hosts) {
        names += names.empty() ? "" : ",";
        names += (is_address(host) ? "IP:" : "DNS:") + host;
    }
    return names;
}

bool extend(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const ExtensionOwner extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key, const std::vector<std::string>& hosts) {
    constexpr long kVersion3 = 2;
    std::uint64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    X509_set_version(certificate, kVersion3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -kHourS);
    X509_gmtime_adj(X509_getm_notAfter(certificate), kDaysValid * kDayS);
    X509_NAME* const name = X509_get_subject_name(certificate);
    const auto* const common = reinterpret_cast<const unsigned char*>("wsblast built-in target");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    return extend(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
           extend(certificate, NID_subject_alt_name, alternative_names(hosts)) &&
           extend(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

}  // namespace

Result<SelfSigned> make_self_signed(const std::vector<std::string>& hosts) {
    const KeyOwner key(EVP_EC_gen("P-256"));
    const CertificateOwner certificate(X509_new());
    if (key == nullptr || certificate == nullptr || !fill(certificate.get(), key.get(), hosts)) {
        ERR_clear_error();
        return environment_error("OpenSSL makes no self-signed certificate: give one with --tls-cert");
    }
    const TextOwner key_text(BIO_new(BIO_s_mem()));
    const TextOwner certificate_text(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    PEM_write_bio_X509(certificate_text.get(), certificate.get());
    return SelfSigned{text_of(certificate_text.get()), text_of(key_text.get())};
}

Result<std::string> read_pem_file(const std::string& path) {
    std::error_code unknown;
    const std::filesystem::file_status status = std::filesystem::status(path, unknown);
    if (std::filesystem::is_directory(status)) return usage_error("'" + path + "' is a folder, not a file");
    std::ifstream file(path, std::ios::binary);
    if (!file) return usage_error("'" + path + "' cannot be read: " + std::strerror(errno));
    std::ostringstream text;
    text << file.rdbuf();  // nothing to read sets a flag
    if (text.str().empty()) return usage_error("'" + path + "' is empty");
    return text.str();
}

}  // namespace wsblast::crypto
