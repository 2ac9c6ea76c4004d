// One TLS connection (RFC 8446, RFC 5246) as bytes in, bytes out: no socket. What it reads and writes goes
// through the pipe of its context, and whoever calls sends context.output() after each call.
//
//     connect | accept -> shake_hands ... done -> read, write ... close_notify -> end
//
// OpenSSL shakes hands; then the records are the record layer's, where it can do them (tls_handshake.hpp).
// Keys are changed here, and as the peer says; renegotiation is refused. One worker thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "crypto/tls_context.hpp"
#include "crypto/tls_facts.hpp"

namespace wsblast::crypto {

class RecordLayer;
class TlsHandshake;

// All zeros is none. Trivially copyable; who keeps it calls end().
class TlsSession {
  public:
    TlsSession() = default;

    // To the server of that number (below those of the context). `name`: of its certificate, and asked for
    // (RFC 6066 3) unless it is an address. Not valid: no memory.
    [[nodiscard]] static TlsSession connect(TlsContext& context, std::size_t server,
                                            const std::string& name);
    [[nodiscard]] static TlsSession accept(TlsContext& context);

    [[nodiscard]] bool valid() const { return handshake_ != nullptr || records_ != nullptr; }

    // done, need_more or failed.
    [[nodiscard]] TlsStatus shake_hands();
    // After the handshake. Call it until need_more: bytes that were fed may make several records. `out`:
    // limits::kTlsRecordBytes.
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
    // Of the last call that failed; of a session that is none: none.
    [[nodiscard]] TlsFault fault() const;

    // Frees everything; it is none from then on. Harmless on one that is none.
    void end();

  private:
    [[nodiscard]] static TlsSession begin(TlsContext& context);
    // To the record layer, where that is possible by now.
    void pass_on();

    // One of them.
    TlsHandshake* handshake_ = nullptr;
    RecordLayer* records_ = nullptr;
    TlsContext* context_ = nullptr;
};

}  // namespace wsblast::crypto
