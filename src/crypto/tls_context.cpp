#include "crypto/tls_context.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "crypto/openssl_owners.hpp"
#include "crypto/tls_handshake.hpp"

namespace wsblast::crypto {

namespace {

// RFC 7301 3.1: the one protocol that a WebSocket is upgraded from.
constexpr std::string_view kHttp11 = "\x08http/1.1";

const std::uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}

// There is nobody to ask for the password of a key.
int refuse_password(char*, int, int, void*) {
    return -1;
}

// Why the last call failed; the queue of OpenSSL is empty then.
std::string last_reason() {
    std::string reason = "no reason given";
    bool told = false;
    while (const unsigned long code = ERR_get_error()) {
        if (told) continue;
        const char* const text = ERR_reason_error_string(code);
        if (text != nullptr) reason = text;
        if (ERR_SYSTEM_ERROR(code)) {
            reason = std::strerror(ERR_GET_REASON(code));
            told = true;
        } else if (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_BAD_PASSWORD_READ) {
            reason = "it is encrypted; 'openssl pkey -in FILE -out PLAIN' writes it without its password";
            told = true;
        }
    }
    return reason;
}

Error bad_file(std::string_view what, const std::string& file) {
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) {
        ERR_clear_error();
        return usage_error(std::string(what) + " '" + file +
                           "' is a directory: give one file, of PEM texts one after the other");
    }
    return usage_error(std::string(what) + " '" + file + "': " + last_reason());
}

// The client's list has http/1.1, or it is told that nothing fits (RFC 7301 3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
    unsigned char* picked = nullptr;
    const int found = SSL_select_next_proto(&picked, size, bytes_of(kHttp11),
                                            static_cast<unsigned>(kHttp11.size()), offered, offered_size);
    *chosen = picked;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

TextOwner open_text(const std::string& text) {
    return TextOwner(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

TlsContext::TlsContext(TlsRole role)
    : context_(SSL_CTX_new(role == TlsRole::client ? TLS_client_method() : TLS_server_method())),
      role_(role) {
    SSL_CTX_set_default_passwd_cb(context_, refuse_password);
    SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
    TlsHandshake::prepare(context_);
}

TlsContext::~TlsContext() {
    SSL_CTX_free(context_);
}

Result<std::unique_ptr<TlsContext>> TlsContext::client(const TlsClientOptions& options,
                                                       std::size_t servers) {
    std::unique_ptr<TlsContext> made(new TlsContext(TlsRole::client));
    made->check_ = options.check;
    made->resumption_ = options.resumption;
    made->tickets_.resize(servers);
    SSL_CTX_set_cert_verify_callback(made->context_, check_chain, made.get());
    SSL_CTX_set_alpn_protos(made->context_, bytes_of(kHttp11), static_cast<unsigned>(kHttp11.size()));
    if (options.resumption == Resumption::tickets) {
        TlsHandshake::prepare_tickets(made->context_);
    }
    if (auto agreed = made->agree_to(options.terms); !agreed) return agreed.error();
    if (auto trusted = made->trust(options); !trusted) return trusted.error();
    if (auto owned = made->own_files(options); !owned) return owned.error();
    return made;
}

Result<std::unique_ptr<TlsContext>> TlsContext::server(const TlsServerOptions& options) {
    std::unique_ptr<TlsContext> made(new TlsContext(TlsRole::server));
    static constexpr std::string_view kContextName = "wsblast";
    SSL_CTX_set_session_id_context(made->context_, bytes_of(kContextName), kContextName.size());
    SSL_CTX_set_num_tickets(made->context_, 1);
    SSL_CTX_set_alpn_select_cb(made->context_, choose_protocol, nullptr);
    TicketKeys keys = options.ticket_keys;
    if (SSL_CTX_set_tlsext_ticket_keys(made->context_, keys.data(), keys.size()) != 1)
        return environment_error("TLS: this OpenSSL has ticket keys of another length");
    if (auto agreed = made->agree_to(options.terms); !agreed) return agreed.error();
    if (auto owned = made->own_texts(options); !owned) return owned.error();
    if (auto asked = made->ask_clients(options.client_ca_file); !asked) return asked.error();
    return made;
}

int TlsContext::check_chain(X509_STORE_CTX* chain, void* context) {
    auto& own = *static_cast<TlsContext*>(context);
    own.certificates_.share(chain);
    return own.check_ == PeerCheck::none ? 1 : X509_verify_cert(chain);
}

Result<void> TlsContext::agree_to(const TlsTerms& terms) {
    SSL_CTX_set_min_proto_version(context_, static_cast<int>(terms.version_min));
    SSL_CTX_set_max_proto_version(context_, static_cast<int>(terms.version_max));
    std::string older;
    std::string newer;
    for (std::size_t begin = 0; begin < terms.ciphers.size();) {
        const std::size_t end = std::min(terms.ciphers.find(':', begin), terms.ciphers.size());
        const std::string name = terms.ciphers.substr(begin, end - begin);
        std::string& list = name.starts_with("TLS_") ? newer : older;
        list += (list.empty() ? "" : ":") + name;
        begin = end + 1;
    }
    const bool known = (older.empty() || SSL_CTX_set_cipher_list(context_, older.c_str()) == 1) &&
                       (newer.empty() || SSL_CTX_set_ciphersuites(context_, newer.c_str()) == 1);
    if (!known)
        return usage_error("--tls-ciphers '" + terms.ciphers + "': " + last_reason() +
                           "; 'openssl ciphers -v' lists them");
    return {};
}

Result<void> TlsContext::trust(const TlsClientOptions& options) {
    if (options.check == PeerCheck::none) return {};
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    if (options.ca_file.empty()) {
        if (SSL_CTX_set_default_verify_paths(context_) != 1)
            return environment_error("no store of certificates: " + last_reason() + "; give --tls-ca");
    } else if (SSL_CTX_load_verify_file(context_, options.ca_file.c_str()) != 1) {
        return bad_file("--tls-ca", options.ca_file);
    }
    ERR_clear_error();
    return {};
}

Result<void> TlsContext::own_files(const TlsClientOptions& options) {
    if (options.certificate_file.empty()) return {};
    if (SSL_CTX_use_certificate_chain_file(context_, options.certificate_file.c_str()) != 1)
        return bad_file("--tls-cert", options.certificate_file);
    if (SSL_CTX_use_PrivateKey_file(context_, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
        return bad_file("--tls-key", options.key_file);
    return check_key();
}

Result<void> TlsContext::own_texts(const TlsServerOptions& options) {
    const TextOwner chain = open_text(options.certificate);
    const CertificateOwner own(PEM_read_bio_X509_AUX(chain.get(), nullptr, nullptr, nullptr));
    if (own == nullptr || SSL_CTX_use_certificate(context_, own.get()) != 1)
        return usage_error("--tls-cert: " + last_reason());
    while (X509* const next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr))
        SSL_CTX_add_extra_chain_cert(context_, next);  // takes it over
    ERR_clear_error();                                 // that of the end
    const TextOwner text = open_text(options.key);
    const KeyOwner key(PEM_read_bio_PrivateKey(text.get(), nullptr, refuse_password, nullptr));
    if (key == nullptr || SSL_CTX_use_PrivateKey(context_, key.get()) != 1)
        return usage_error("--tls-key: " + last_reason());
    return check_key();
}

Result<void> TlsContext::check_key() {
    if (SSL_CTX_check_private_key(context_) == 1) return {};
    ERR_clear_error();
    return usage_error(
        "--tls-key is not the key of the certificate in --tls-cert: give those that belong together");
}

Result<void> TlsContext::ask_clients(const std::string& ca_file) {
    if (ca_file.empty()) return {};
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    if (SSL_CTX_load_verify_file(context_, ca_file.c_str()) != 1) return bad_file("--tls-ca", ca_file);
    SSL_CTX_set_client_CA_list(context_, SSL_load_client_CA_file(ca_file.c_str()));
    return {};
}

}  // namespace wsblast::crypto
