// One TLS connection (RFC 8446, RFC 5246) as bytes in, bytes out: no socket. What it reads and writes goes
// through the pipe of its context, and whoever calls sends context.output() after each call.
//
//     connect | accept -> shake_hands ... done -> read, write ... close_notify -> end
//
// Key updates are answered by OpenSSL, and begun here; renegotiation is refused. One worker thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "crypto/tls_context.hpp"

struct ssl_st;

namespace wsblast::crypto {

enum class TlsStatus : std::uint8_t {
    done,       // a handshake is complete; bytes were read or written
    need_more,  // bytes of the peer
    closed,     // the peer has sent its close_notify
    failed,     // see fault()
};

struct TlsRead {
    TlsStatus status = TlsStatus::need_more;
    std::size_t size = 0;  // with `done`: above 0
};

enum class TlsFailure : std::uint8_t {
    none,
    untrusted,   // the certificate's chain; `code`: X509_V_ERR_*
    expired,     // or not valid yet; the same
    wrong_name,  // the certificate is another host's; the same
    peer_alert,  // the peer gave up; `code`: its alert (RFC 8446 6)
    not_tls,     // what came is no TLS record
    protocol,    // no version or cipher in common, bad records, everything else
};

struct TlsFault {
    TlsFailure failure = TlsFailure::none;
    std::uint8_t code = 0;
};

// What was agreed on.
struct TlsFacts {
    std::uint16_t version = 0;  // as in TlsVersion
    std::uint16_t cipher = 0;   // of the IANA registry
    bool resumed = false;
};

// All zeros is none. Trivially copyable; who keeps it calls end().
class TlsSession {
  public:
    TlsSession() = default;

    // To the server of that number (below those of the context). `name`: of its certificate, and asked for
    // (RFC 6066 3) unless it is an address. Not valid: no memory.
    [[nodiscard]] static TlsSession connect(TlsContext& context, std::size_t server,
                                            const std::string& name);
    [[nodiscard]] static TlsSession accept(TlsContext& context);

    [[nodiscard]] bool valid() const { return ssl_ != nullptr; }

    // done, need_more or failed.
    [[nodiscard]] TlsStatus shake_hands();
    // After the handshake. Call it until need_more: bytes that were fed may make several records.
    [[nodiscard]] TlsRead read(ByteSpan out);
    // Whether there may be more to read without more bytes of the peer.
    [[nodiscard]] bool has_more() const;
    // done or failed. After `key_update_after` calls a connection of TLS 1.3 changes its keys (RFC 8446
    // 5.5).
    [[nodiscard]] TlsStatus write(ByteView bytes,
                                  std::uint32_t key_update_after = limits::kTlsKeyUpdateAfter);
    // We have no more to say. Reading may go on.
    void close_notify();

    // Of the handshake that is done.
    [[nodiscard]] TlsFacts facts() const;
    // Of the last call that failed.
    [[nodiscard]] TlsFault fault() const { return fault_; }

    // Frees everything; it is none from then on. Harmless on one that is none.
    void end();

  private:
    [[nodiscard]] TlsStatus judge(int result);
    [[nodiscard]] TlsFault find_fault() const;

    ssl_st* ssl_ = nullptr;
    std::uint32_t writes_ = 0;  // since the keys changed
    TlsFault fault_{};
};

// --- names for people ----------------------------------------------------------------------------

// "TLSv1.3", or a number in hexadecimal digits.
[[nodiscard]] std::string tls_version_name(std::uint16_t version);
// As OpenSSL calls it, or a number in hexadecimal digits.
[[nodiscard]] std::string tls_cipher_name(std::uint16_t cipher);
// "handshake failure".
[[nodiscard]] std::string tls_alert_name(std::uint8_t alert);
// "self-signed certificate".
[[nodiscard]] std::string tls_verify_name(std::uint8_t code);

}  // namespace wsblast::crypto
