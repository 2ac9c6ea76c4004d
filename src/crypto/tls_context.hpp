// What all TLS connections of one core share: settings, certificates, tickets, and the pipe that they read
// from and write to. All of libssl is in this folder.
//
// One worker thread, but for the checks of options, which make a context and throw it away.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "crypto/certificate_pool.hpp"
#include "crypto/record_cipher.hpp"
#include "crypto/ticket_store.hpp"
#include "crypto/tls_options.hpp"
#include "crypto/tls_pipe.hpp"

struct ssl_ctx_st;

namespace wsblast::crypto {

class TlsContext {
  public:
    // `servers`: how many different ones connections will go to, each with tickets of its own. Usage
    // errors: a file that cannot be read or is no PEM, a key that is not the certificate's, ciphers that
    // OpenSSL does not know.
    [[nodiscard]] static Result<std::unique_ptr<TlsContext>> client(const TlsClientOptions& options,
                                                                    std::size_t servers);
    // Usage errors: the same.
    [[nodiscard]] static Result<std::unique_ptr<TlsContext>> server(const TlsServerOptions& options);

    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    [[nodiscard]] TlsRole role() const { return role_; }
    [[nodiscard]] PeerCheck check() const { return check_; }

    // --- the pipe: what the session at work reads from and writes to -----------------------------

    // Bytes of the socket. They live until all is read, or until the next call.
    void feed(ByteView bytes) { pipe_.in = bytes; }
    [[nodiscard]] bool all_read() const { return pipe_.in.empty(); }
    // Bytes for the socket that no call has taken yet. Valid until a session works again.
    [[nodiscard]] ByteView output() const { return pipe_.out; }
    void clear_output() { pipe_.out.clear(); }

  private:
    friend class TlsSession;

    explicit TlsContext(TlsRole role);
    // 1: the chain is good, or nobody asked. See SSL_CTX_set_cert_verify_callback(3).
    static int check_chain(x509_store_ctx_st* chain, void* context);
    [[nodiscard]] Result<void> agree_to(const TlsTerms& terms);
    [[nodiscard]] Result<void> trust(const TlsClientOptions& options);
    [[nodiscard]] Result<void> own_files(const TlsClientOptions& options);
    [[nodiscard]] Result<void> own_texts(const TlsServerOptions& options);
    [[nodiscard]] Result<void> check_key();
    [[nodiscard]] Result<void> ask_clients(const std::string& ca_file);

    ssl_ctx_st* context_;
    TlsRole role_;
    PeerCheck check_ = PeerCheck::full;
    Resumption resumption_ = Resumption::off;
    TlsPipe pipe_;
    RecordCiphers ciphers_;
    std::vector<TicketStore> tickets_;  // by server
    CertificatePool certificates_;      // of servers
};

}  // namespace wsblast::crypto
