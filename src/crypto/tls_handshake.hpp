// The part of a connection that is OpenSSL's: its SSL object over the pipe, and what its callbacks leave
// there for the record layer. It shakes hands, and stays where the record layer does not do. One worker
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/units.hpp"
#include "crypto/record_keys.hpp"
#include "crypto/record_layer.hpp"
#include "crypto/ticket_store.hpp"
#include "crypto/tls_facts.hpp"
#include "crypto/tls_pipe.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace wsblast::crypto {

class TlsHandshake {
  public:
    // Once, for all sessions of a context: what is asked of OpenSSL beyond its defaults.
    static void prepare(ssl_ctx_st* context);
    static void prepare_tickets(ssl_ctx_st* context);

    // valid() is false where there is no memory. `pipe` lives longer.
    TlsHandshake(ssl_ctx_st* context, TlsPipe& pipe);
    ~TlsHandshake();
    TlsHandshake(const TlsHandshake&) = delete;
    TlsHandshake& operator=(const TlsHandshake&) = delete;

    [[nodiscard]] bool valid() const { return ssl_ != nullptr; }

    // One of the two. `name`: of the server's certificate, and asked for (RFC 6066 3) unless it is an
    // address; `tickets`: null where nothing is resumed, else they live longer.
    void begin_client(const std::string& name, TicketStore* tickets);
    void begin_server();

    // As those of TlsSession.
    [[nodiscard]] TlsStatus shake_hands();
    [[nodiscard]] TlsRead read(ByteSpan out);
    [[nodiscard]] bool has_more() const;
    [[nodiscard]] TlsStatus write(ByteView bytes, std::uint32_t key_update_after);
    void close_notify();

    [[nodiscard]] TlsFacts facts() const;
    [[nodiscard]] TlsFault fault() const { return fault_; }

    // After a call that was `done`: what another needs to know who goes on with the records. None: OpenSSL
    // has to stay, for good or until content has come.
    [[nodiscard]] std::optional<RecordLayer::Start> leave();

  private:
    // When records are passed on. Tickets of 1.3 come after the handshake, before the first content of most
    // servers (RFC 8446 4.6.1), and only OpenSSL can read them.
    enum class Leaving : std::uint8_t { after_handshake, after_content, never };

    static TlsHandshake& of(const ssl_st* ssl);
    static int keep_ticket(ssl_st* ssl, ssl_session_st* session);
    static void keep_line(const ssl_st* ssl, const char* line);
    // Of those that we or the peer have sent, the number of which is `records`.
    void see_message(std::uint64_t& records, int type, const std::uint8_t* bytes);

    [[nodiscard]] TlsStatus judge(int result);
    [[nodiscard]] TlsFault find_fault() const;
    [[nodiscard]] bool is_1_3() const;

    ssl_st* ssl_;
    TicketStore* tickets_ = nullptr;
    TrafficSecrets secrets_;
    std::uint64_t opened_ = 0;  // records under the keys of now
    std::uint64_t sealed_ = 0;
    std::uint32_t writes_ = 0;  // since the keys changed
    Leaving leaving_ = Leaving::after_handshake;
    TlsFault fault_{};
};

}  // namespace wsblast::crypto
