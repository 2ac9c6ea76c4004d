// The way through a proxy, before the first byte for the server behind it: HTTP CONNECT (RFC 9110 9.3.6)
// with basic credentials (RFC 7617), or SOCKS5 (RFC 1928) with user and password (RFC 1929).
//
// Names stay names: the proxy resolves them. Pure functions of bytes, and one small value a connection.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace wsblast::proto {

enum class ProxyKind : std::uint8_t { http_connect, socks5 };

// RFC 1929 gives both one byte for their length; HTTP is held to the same.
inline constexpr std::size_t kProxyCredentialMax = 255;

// Where one target lies behind its proxy. Immutable, for any thread.
struct ProxyRequest {
    ProxyKind kind = ProxyKind::http_connect;
    std::string host{};  // of the server, as in Url::host: a name, an IPv4 or IPv6 address without brackets
    std::uint16_t port = 0;
    std::string user{};  // with the password at most kProxyCredentialMax each; both empty: none are sent
    std::string password{};
};

// CONNECT and Host with the longest name, and both credentials in base64, which makes 4 of 3.
inline constexpr std::size_t kProxyWriteMax =
    128 + 2 * (253 + 6) + 4 * ((2 * kProxyCredentialMax + 1 + 2) / 3);

// Why a proxy does not lead on.
enum class ProxyFailure : std::uint8_t {
    none,
    not_http,      // nothing that HTTP/1.x allows
    status,        // an HTTP status that is not 2xx: see ProxyStep::code
    not_socks,     // nothing that SOCKS5 allows
    no_method,     // it takes none of the ways to log in that were offered
    auth_refused,  // user or password
    refused,       // a SOCKS5 reply that is not 0: see ProxyStep::code
    oversized,     // a head above limits::kHttpHeadMax
};
// The enumerator in words, for reports: "it refused user or password".
[[nodiscard]] std::string_view to_text(ProxyFailure failure);
// What a SOCKS5 reply that is not 0 says (RFC 1928 6): "connection refused".
[[nodiscard]] std::string_view socks_reply_text(std::uint16_t code);

enum class ProxyStatus : std::uint8_t {
    need_more,
    send,    // write() what comes next, then read on
    done,    // what follows is from the server behind the proxy
    failed,  // nothing more is read or written
};

struct ProxyStep {
    ProxyStatus status = ProxyStatus::need_more;
    std::size_t consumed = 0;  // of the bytes that were given; only what is behind them is given next
    ProxyFailure failure = ProxyFailure::none;  // with `failed`
    std::uint16_t code = 0;                     // HTTP status, or SOCKS5 reply
};

// What one connection has come to. It remembers what it has read, so each byte is given once, in pieces of
// any size. All zeros is the beginning, where write() comes first.
class ProxyHandshake {
  public:
    // `request` is the same in every call.
    [[nodiscard]] ProxyStep read(const ProxyRequest& request, ByteView in);

    // What is to be sent now: at the beginning, and each time read() says `send`. Returns its size; `out`
    // has room for kProxyWriteMax bytes.
    std::size_t write(const ProxyRequest& request, ByteSpan out);

  private:
    enum class Stage : std::uint8_t {
        greeting_due,
        head,    // of the HTTP answer, up to its empty line
        method,  // SOCKS5: which way to log in
        credentials_due,
        credentials_reply,
        request_due,
        reply,        // its first four bytes
        name_length,  // of a name as the address
        address,      // the rest of the reply, which nobody needs
        done,
        failed,
    };

    [[nodiscard]] ProxyStep read_head(ByteView in);
    [[nodiscard]] ProxyFailure take_head_byte(char byte);
    [[nodiscard]] ProxyFailure end_status();
    [[nodiscard]] ProxyStep read_socks(const ProxyRequest& request, ByteView in);
    [[nodiscard]] ProxyFailure take_socks_part(const ProxyRequest& request);
    [[nodiscard]] ProxyFailure take_reply();
    void await(Stage stage, std::size_t size);
    [[nodiscard]] ProxyStep step(std::size_t consumed, ProxyFailure failure);

    Stage stage_ = Stage::greeting_due;
    std::uint8_t end_matched_ = 0;  // of the four bytes that end an HTTP head
    std::uint16_t code_ = 0;
    std::uint32_t taken_ = 0;             // of the head, or of the present part of SOCKS5
    std::uint32_t earlier_ = 0;           // bytes of HTTP heads before this one (1xx)
    std::uint32_t part_size_ = 0;         // SOCKS5: of the present part
    std::array<std::uint8_t, 4> part_{};  // its first bytes
};

}  // namespace wsblast::proto
