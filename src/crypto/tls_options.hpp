// What a person may ask of TLS, in either role. Plain data.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace wsblast::crypto {

enum class TlsRole : std::uint8_t { client, server };

// Numbers of the wire (RFC 8446 4.2.1). What is older must not be used (RFC 8996).
enum class TlsVersion : std::uint16_t { tls_1_2 = 0x0303, tls_1_3 = 0x0304 };

// Whether a server's certificate is checked: its chain, its time and its name.
enum class PeerCheck : std::uint8_t { full, none };
// What every report of a run without checks says.
inline constexpr std::string_view kUncheckedWarning =
    "CERTIFICATES WERE NOT CHECKED (--tls-insecure): whoever answered may have been anybody";

// Whether a client comes back with the tickets of its earlier connections (RFC 5077, RFC 8446 2.2).
enum class Resumption : std::uint8_t { off, tickets };

// What both ends may agree on.
struct TlsTerms {
    TlsVersion version_min = TlsVersion::tls_1_2;
    TlsVersion version_max = TlsVersion::tls_1_3;
    std::string ciphers{};  // OpenSSL's names, ':' between; TLS_* are those of 1.3; empty: its defaults

    friend bool operator==(const TlsTerms&, const TlsTerms&) = default;
};

struct TlsClientOptions {
    PeerCheck check = PeerCheck::full;
    std::string ca_file{};           // PEM; empty: the system's store
    std::string certificate_file{};  // PEM, our own first; with `key_file`, or both are empty
    std::string key_file{};          // PEM
    std::string server_name{};       // asked for and checked instead of the URL's host
    Resumption resumption = Resumption::off;
    TlsTerms terms{};
};

// What encrypts tickets: a name, and the keys of OpenSSL's HMAC and AES.
using TicketKeys = std::array<std::uint8_t, 80>;

struct TlsServerOptions {
    std::string certificate{};     // PEM, our own first: its text
    std::string key{};             // PEM: its text
    std::string client_ca_file{};  // PEM; clients must have a certificate of these; empty: they need none
    TlsTerms terms{};
    TicketKeys ticket_keys{};  // the same on all cores: a client comes back to another one
};

}  // namespace wsblast::crypto
