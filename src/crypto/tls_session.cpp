#include "crypto/tls_session.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace wsblast::crypto {

namespace {

using Bytes = std::vector<std::uint8_t>;

// --- OpenSSL's side of the pipe: see BIO_meth_new(3) ---------------------------------------------

// The data of a BIO is what its context's sessions read from and write to.
template <class Pipe>
Pipe& pipe_of(BIO* bio) {
    return *static_cast<Pipe*>(BIO_get_data(bio));
}

template <class Pipe>
int read_pipe(BIO* bio, char* out, int size) {
    BIO_clear_retry_flags(bio);
    ByteView& in = pipe_of<Pipe>(bio).in;
    if (in.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const std::size_t count = std::min(in.size(), static_cast<std::size_t>(size));
    std::memcpy(out, in.data(), count);
    in = in.subspan(count);
    return static_cast<int>(count);
}

template <class Pipe>
int write_pipe(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    Bytes& out = pipe_of<Pipe>(bio).out;
    out.insert(out.end(), bytes, bytes + size);
    return size;
}

long control_pipe(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int begin_pipe(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
}

template <class Pipe>
BIO_METHOD* make_method() {
    BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "pipe");
    BIO_meth_set_read(method, read_pipe<Pipe>);
    BIO_meth_set_write(method, write_pipe<Pipe>);
    BIO_meth_set_ctrl(method, control_pipe);
    BIO_meth_set_create(method, begin_pipe);
    return method;
}

template <class Pipe>
SSL* open_session(SSL_CTX* context, Pipe& pipe) {
    static const BIO_METHOD* const kMethod = make_method<Pipe>();  // lives as long as the program
    SSL* const ssl = SSL_new(context);
    BIO* const bio = BIO_new(kMethod);
    if (ssl == nullptr || bio == nullptr) {
        SSL_free(ssl);
        BIO_free(bio);
        return nullptr;
    }
    BIO_set_data(bio, &pipe);
    SSL_set_bio(ssl, bio, bio);
    return ssl;
}

TlsFailure failure_of(long verified) {
    switch (verified) {  // X509_V_ERR_* are no enum
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH: return TlsFailure::wrong_name;
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID: return TlsFailure::expired;
    }
    return TlsFailure::untrusted;
}

std::string in_hex(std::uint16_t number) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "0x%04x", number);
    return text.data();
}

}  // namespace

TlsSession TlsSession::connect(TlsContext& context, std::size_t server, const std::string& name) {
    TlsSession session;
    session.ssl_ = open_session(context.context_, context.pipe_);
    if (!session.valid()) return session;
    SSL* const ssl = session.ssl_;
    SSL_set_connect_state(ssl);
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) != 1) {
        ERR_clear_error();
        SSL_set_tlsext_host_name(ssl, name.c_str());
        // A name stands in subjectAltName: the subject's common name says nothing (RFC 9525 6.3).
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        SSL_set1_host(ssl, name.c_str());
    }
    if (context.resumption_ == Resumption::off) return session;
    TicketStore& tickets = context.tickets_[server];
    SSL_set_app_data(ssl, &tickets);
    if (SSL_SESSION* const known = tickets.take()) {
        SSL_set_session(ssl, known);
        SSL_SESSION_free(known);
    }
    return session;
}

TlsSession TlsSession::accept(TlsContext& context) {
    TlsSession session;
    session.ssl_ = open_session(context.context_, context.pipe_);
    if (session.valid()) SSL_set_accept_state(session.ssl_);
    return session;
}

TlsStatus TlsSession::shake_hands() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    if (result != 1) return judge(result);
    ERR_clear_error();  // of what was tried on the way: a later call looks at the last one
    return TlsStatus::done;
}

TlsRead TlsSession::read(ByteSpan out) {
    std::size_t size = 0;
    const int result = SSL_read_ex(ssl_, out.data(), out.size(), &size);
    if (result == 1) return {TlsStatus::done, size};
    return {judge(result), 0};
}

bool TlsSession::has_more() const {
    return SSL_has_pending(ssl_) == 1;
}

TlsStatus TlsSession::write(ByteView bytes, std::uint32_t key_update_after) {
    if (++writes_ > key_update_after && SSL_version(ssl_) == TLS1_3_VERSION) {
        SSL_key_update(ssl_, SSL_KEY_UPDATE_NOT_REQUESTED);
        writes_ = 1;
    }
    std::size_t size = 0;
    const int result = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &size);
    return result == 1 ? TlsStatus::done : judge(result);
}

void TlsSession::close_notify() {
    // A second call would read.
    const bool said = (SSL_get_shutdown(ssl_) & SSL_SENT_SHUTDOWN) != 0;
    if (!said && SSL_in_init(ssl_) == 0) SSL_shutdown(ssl_);
    ERR_clear_error();
}

TlsFacts TlsSession::facts() const {
    TlsFacts facts;
    facts.version = static_cast<std::uint16_t>(SSL_version(ssl_));
    const SSL_CIPHER* const cipher = SSL_get_current_cipher(ssl_);
    if (cipher != nullptr) facts.cipher = SSL_CIPHER_get_protocol_id(cipher);
    facts.resumed = SSL_session_reused(ssl_) == 1;
    return facts;
}

void TlsSession::end() {
    // Without this a session that did not say goodbye would lose its ticket (RFC 5246 7.2.1, no longer).
    if (ssl_ != nullptr && SSL_in_init(ssl_) == 0)
        SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(ssl_);
    *this = {};
}

// What a call that did not succeed means.
TlsStatus TlsSession::judge(int result) {
    const int error = SSL_get_error(ssl_, result);
    if (error == SSL_ERROR_WANT_READ) return TlsStatus::need_more;
    if (error == SSL_ERROR_ZERO_RETURN) return TlsStatus::closed;
    fault_ = find_fault();
    ERR_clear_error();
    return TlsStatus::failed;
}

TlsFault TlsSession::find_fault() const {
    constexpr int kAlerts = SSL_AD_REASON_OFFSET;
    constexpr int kAlertMax = 255;
    const int reason = ERR_GET_REASON(ERR_peek_error());
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        const long verified = SSL_get_verify_result(ssl_);
        return {failure_of(verified), static_cast<std::uint8_t>(verified)};
    }
    if (reason > kAlerts && reason <= kAlerts + kAlertMax)
        return {TlsFailure::peer_alert, static_cast<std::uint8_t>(reason - kAlerts)};
    switch (reason) {
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_HTTP_REQUEST:
        case SSL_R_HTTPS_PROXY_REQUEST:
        case SSL_R_RECORD_LENGTH_MISMATCH:
        case SSL_R_PACKET_LENGTH_TOO_LONG: return {TlsFailure::not_tls, 0};
    }
    return {TlsFailure::protocol, 0};
}

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
