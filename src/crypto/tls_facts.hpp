// What TLS says of a connection: how a call ended, why one failed, what was agreed on. Plain data, and the
// names of it for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

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
    no_memory,   // for a record of which a part has come, or for new keys
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

// "TLSv1.3", or a number in hexadecimal digits.
[[nodiscard]] std::string tls_version_name(std::uint16_t version);
// As OpenSSL calls it, or a number in hexadecimal digits.
[[nodiscard]] std::string tls_cipher_name(std::uint16_t cipher);
// "handshake failure".
[[nodiscard]] std::string tls_alert_name(std::uint8_t alert);
// "self-signed certificate".
[[nodiscard]] std::string tls_verify_name(std::uint8_t code);

}  // namespace wsblast::crypto
