#include "crypto/tls_handshake.hpp"

#include <algorithm>
#include <cstring>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace wsblast::crypto {

namespace {

// --- OpenSSL's side of the pipe: see BIO_meth_new(3) ---------------------------------------------

// The data of a BIO is what its context's sessions read from and write to.
TlsPipe& pipe_of(BIO* bio) {
    return *static_cast<TlsPipe*>(BIO_get_data(bio));
}

int read_pipe(BIO* bio, char* out, int size) {
    BIO_clear_retry_flags(bio);
    ByteView& in = pipe_of(bio).in;
    if (in.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const std::size_t count = std::min(in.size(), static_cast<std::size_t>(size));
    std::memcpy(out, in.data(), count);
    in = in.subspan(count);
    return static_cast<int>(count);
}

int write_pipe(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    std::vector<std::uint8_t>& out = pipe_of(bio).out;
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

BIO_METHOD* make_method() {
    BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "pipe");
    BIO_meth_set_read(method, read_pipe);
    BIO_meth_set_write(method, write_pipe);
    BIO_meth_set_ctrl(method, control_pipe);
    BIO_meth_set_create(method, begin_pipe);
    return method;
}

SSL* open_session(SSL_CTX* context, TlsPipe& pipe) {
    static const BIO_METHOD* const kMethod = make_method();  // lives as long as the program
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

}  // namespace

// --- what OpenSSL tells ----------------------------------------------------------------------------

void TlsHandshake::prepare(SSL_CTX* context) {
    SSL_CTX_set_keylog_callback(context, keep_line);
    SSL_CTX_set_msg_callback(
        context, [](int is_ours, int, int type, const void* bytes, std::size_t, SSL* ssl, void*) {
            TlsHandshake& handshake = of(ssl);
            std::uint64_t& records = is_ours == 1 ? handshake.sealed_ : handshake.opened_;
            handshake.see_message(records, type, static_cast<const std::uint8_t*>(bytes));
        });
}

void TlsHandshake::prepare_tickets(SSL_CTX* context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_ticket);
}

TlsHandshake& TlsHandshake::of(const SSL* ssl) {
    return *static_cast<TlsHandshake*>(SSL_get_app_data(ssl));
}

// A ticket came, or with TLS 1.2 a session began.
int TlsHandshake::keep_ticket(SSL* ssl, SSL_SESSION* session) {
    TicketStore* const tickets = of(ssl).tickets_;
    if (tickets == nullptr || SSL_SESSION_is_resumable(session) == 0) return 0;
    tickets->put(session);
    return 1;
}

void TlsHandshake::keep_line(const SSL* ssl, const char* line) {
    keep_secret(of(ssl).secrets_, line);
}

// Counts records under the keys of now: those of the connection begin behind Finished in 1.3, and behind
// ChangeCipherSpec in 1.2.
void TlsHandshake::see_message(std::uint64_t& records, int type, const std::uint8_t* bytes) {
    if (type == SSL3_RT_HEADER) {
        const bool changes_keys = bytes[0] == SSL3_RT_CHANGE_CIPHER_SPEC && !is_1_3();
        records = changes_keys ? 0 : records + 1;
    }
    if (type != SSL3_RT_HANDSHAKE || !is_1_3()) return;
    switch (bytes[0]) {  // SSL3_MT_* are no enum
        case SSL3_MT_FINISHED: records = 0; break;
        case SSL3_MT_KEY_UPDATE: leaving_ = Leaving::never; break;
    }
}

// --- a session -------------------------------------------------------------------------------------

TlsHandshake::TlsHandshake(SSL_CTX* context, TlsPipe& pipe) : ssl_(open_session(context, pipe)) {
    if (valid()) SSL_set_app_data(ssl_, this);
}

TlsHandshake::~TlsHandshake() {
    // Without this a session that did not say goodbye would lose its ticket (RFC 5246 7.2.1, no longer).
    if (valid() && SSL_in_init(ssl_) == 0)
        SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(ssl_);
}

void TlsHandshake::begin_client(const std::string& name, TicketStore* tickets) {
    SSL_set_connect_state(ssl_);
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(ssl_);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) != 1) {
        ERR_clear_error();
        SSL_set_tlsext_host_name(ssl_, name.c_str());
        // A name stands in subjectAltName: the subject's common name says nothing (RFC 9525 6.3).
        SSL_set_hostflags(ssl_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        SSL_set1_host(ssl_, name.c_str());
    }
    tickets_ = tickets;
    if (tickets == nullptr) return;
    leaving_ = Leaving::after_content;
    if (SSL_SESSION* const known = tickets->take()) {
        SSL_set_session(ssl_, known);
        SSL_SESSION_free(known);
    }
}

void TlsHandshake::begin_server() {
    SSL_set_accept_state(ssl_);
}

TlsStatus TlsHandshake::shake_hands() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    if (result != 1) return judge(result);
    ERR_clear_error();  // of what was tried on the way: a later call looks at the last one
    if (leaving_ == Leaving::after_content && !is_1_3()) leaving_ = Leaving::after_handshake;
    return TlsStatus::done;
}

TlsRead TlsHandshake::read(ByteSpan out) {
    std::size_t size = 0;
    const int result = SSL_read_ex(ssl_, out.data(), out.size(), &size);
    if (result != 1) return {judge(result), 0};
    if (leaving_ == Leaving::after_content) leaving_ = Leaving::after_handshake;
    return {TlsStatus::done, size};
}

bool TlsHandshake::has_more() const {
    return SSL_has_pending(ssl_) == 1;
}

TlsStatus TlsHandshake::write(ByteView bytes, std::uint32_t key_update_after) {
    if (++writes_ > key_update_after && is_1_3()) {
        SSL_key_update(ssl_, SSL_KEY_UPDATE_NOT_REQUESTED);
        writes_ = 1;
    }
    std::size_t size = 0;
    const int result = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &size);
    return result == 1 ? TlsStatus::done : judge(result);
}

void TlsHandshake::close_notify() {
    // A second call would read.
    const bool said = (SSL_get_shutdown(ssl_) & SSL_SENT_SHUTDOWN) != 0;
    if (!said && SSL_in_init(ssl_) == 0) SSL_shutdown(ssl_);
    ERR_clear_error();
}

TlsFacts TlsHandshake::facts() const {
    TlsFacts facts;
    facts.version = static_cast<std::uint16_t>(SSL_version(ssl_));
    const SSL_CIPHER* const cipher = SSL_get_current_cipher(ssl_);
    if (cipher != nullptr) facts.cipher = SSL_CIPHER_get_protocol_id(cipher);
    facts.resumed = SSL_session_reused(ssl_) == 1;
    return facts;
}

std::optional<RecordLayer::Start> TlsHandshake::leave() {
    if (leaving_ != Leaving::after_handshake || has_more()) return std::nullopt;
    const std::optional<RecordSuite> suite = suite_of(ssl_);
    if (!suite) {
        leaving_ = Leaving::never;
        return std::nullopt;
    }
    const auto keys = is_1_3() ? keys_of(secrets_, *suite) : keys_of(ssl_, *suite);
    if (!keys) return std::nullopt;
    return RecordLayer::Start{
        .role = SSL_is_server(ssl_) == 1 ? TlsRole::server : TlsRole::client,
        .suite = *suite,
        .facts = facts(),
        .secrets = secrets_,
        .keys = *keys,
        .opened = opened_,
        .sealed = sealed_,
    };
}

bool TlsHandshake::is_1_3() const {
    return SSL_version(ssl_) == TLS1_3_VERSION;
}

// What a call that did not succeed means.
TlsStatus TlsHandshake::judge(int result) {
    const int error = SSL_get_error(ssl_, result);
    if (error == SSL_ERROR_WANT_READ) return TlsStatus::need_more;
    if (error == SSL_ERROR_ZERO_RETURN) return TlsStatus::closed;
    fault_ = find_fault();
    ERR_clear_error();
    return TlsStatus::failed;
}

TlsFault TlsHandshake::find_fault() const {
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

}  // namespace wsblast::crypto
