#include "stats/error_kind.hpp"

#include <array>

namespace wsblast::stats {

namespace {

constexpr auto kConnection = ErrorScope::connection;
constexpr auto kMessage = ErrorScope::message;
constexpr auto kBefore = ErrorPhase::before_upgrade;
constexpr auto kAfter = ErrorPhase::after_upgrade;

constexpr std::array<ErrorInfo, kErrorKinds> kErrorInfos{{
    {ErrorKind::connect_timeout, "connect_timeout", "Connection timeout", kConnection, kBefore},
    {ErrorKind::refused, "refused", "Connection refused", kConnection, kBefore},
    {ErrorKind::no_such_socket, "no_such_socket", "No such Unix socket", kConnection, kBefore},
    {ErrorKind::not_permitted, "not_permitted", "Connecting is not permitted", kConnection, kBefore},
    {ErrorKind::unreachable, "unreachable", "Host or network unreachable", kConnection, kBefore},
    {ErrorKind::reset_in_handshake, "reset_in_handshake", "Connection reset in the handshake", kConnection,
     kBefore},
    {ErrorKind::closed_in_handshake, "closed_in_handshake", "Connection closed in the handshake",
     kConnection, kBefore},
    {ErrorKind::timed_out, "timed_out", "Connection given up by the kernel (ETIMEDOUT)", kConnection,
     kBefore},
    {ErrorKind::no_free_source_port, "no_free_source_port", "No free source port", kConnection, kBefore},
    {ErrorKind::no_memory, "no_memory", "Out of memory", kConnection, kBefore},
    {ErrorKind::socket_error, "socket_error", "Socket error", kConnection, kBefore},
    {ErrorKind::proxy_refused, "proxy_refused", "Refused by the proxy", kConnection, kBefore},
    {ErrorKind::proxy_login, "proxy_login", "Not let in by the proxy (user or password)", kConnection,
     kBefore},
    {ErrorKind::proxy_broken, "proxy_broken", "The proxy speaks neither HTTP nor SOCKS5", kConnection,
     kBefore},
    {ErrorKind::tls_untrusted, "tls_untrusted", "TLS: certificate not trusted", kConnection, kBefore},
    {ErrorKind::tls_expired, "tls_expired", "TLS: certificate expired or not valid yet", kConnection,
     kBefore},
    {ErrorKind::tls_wrong_name, "tls_wrong_name", "TLS: certificate of another host", kConnection, kBefore},
    {ErrorKind::tls_alert, "tls_alert", "TLS: handshake ended by the server's alert", kConnection, kBefore},
    {ErrorKind::tls_missing, "tls_missing", "TLS: the server does not speak it", kConnection, kBefore},
    {ErrorKind::tls_broken, "tls_broken", "TLS: handshake failed", kConnection, kBefore},
    {ErrorKind::upgrade_status, "upgrade_status", "Upgrade refused (HTTP status)", kConnection, kBefore},
    {ErrorKind::upgrade_not_http, "upgrade_not_http", "Upgrade answered by something that is not HTTP/1.1",
     kConnection, kBefore},
    {ErrorKind::upgrade_head_too_large, "upgrade_head_too_large", "Upgrade answer's head too large",
     kConnection, kBefore},
    {ErrorKind::upgrade_headers, "upgrade_headers",
     "Upgrade answer without proper Upgrade or Connection header", kConnection, kBefore},
    {ErrorKind::wrong_accept_key, "wrong_accept_key", "Missing or wrong Sec-WebSocket-Accept", kConnection,
     kBefore},
    {ErrorKind::unrequested_extension, "unrequested_extension", "Extension that was not asked for",
     kConnection, kBefore},
    {ErrorKind::unsound_extension, "unsound_extension",
     "Extension answered with parameters that were not offered", kConnection, kBefore},
    {ErrorKind::unrequested_subprotocol, "unrequested_subprotocol", "Subprotocol that was not asked for",
     kConnection, kBefore},
    {ErrorKind::redirect_refused, "redirect_refused", "Redirect that cannot be followed", kConnection,
     kBefore},
    {ErrorKind::redirect_loop, "redirect_loop", "Redirects without an end", kConnection, kBefore},

    {ErrorKind::setup_timeout, "setup_timeout", "Setup timeout", kConnection, kAfter},
    {ErrorKind::setup_refused, "setup_refused", "Setup answered by an error", kConnection, kAfter},
    {ErrorKind::closed_by_peer, "closed_by_peer", "Connection closed by the server", kConnection, kAfter},
    {ErrorKind::connection_reset, "connection_reset", "Connection reset", kConnection, kAfter},
    {ErrorKind::connection_timed_out, "connection_timed_out", "Connection lost (ETIMEDOUT)", kConnection,
     kAfter},
    {ErrorKind::connection_io_error, "connection_io_error", "Connection lost (I/O error)", kConnection,
     kAfter},
    {ErrorKind::spill_exhausted, "spill_exhausted", "No memory for bytes that the kernel did not take",
     kConnection, kAfter},
    {ErrorKind::inflate_memory, "inflate_memory", "No memory to inflate a message", kConnection, kAfter},
    {ErrorKind::tls_lost, "tls_lost", "TLS: open connection ended by an alert or a bad record", kConnection,
     kAfter},
    {ErrorKind::close_timeout, "close_timeout", "Close not answered", kConnection, kAfter},
    {ErrorKind::pong_timeout, "pong_timeout", "Ping not answered", kConnection, kAfter},
    {ErrorKind::send_timeout, "send_timeout", "Server does not read", kConnection, kAfter},

    {ErrorKind::masked_frame, "masked_frame", "Protocol error: masked frame", kConnection, kAfter},
    {ErrorKind::unmasked_frame, "unmasked_frame", "Protocol error: unmasked frame", kConnection, kAfter},
    {ErrorKind::reserved_bits, "reserved_bits", "Protocol error: reserved bits", kConnection, kAfter},
    {ErrorKind::reserved_opcode, "reserved_opcode", "Protocol error: reserved opcode", kConnection, kAfter},
    {ErrorKind::bad_length, "bad_length", "Protocol error: bad frame length", kConnection, kAfter},
    {ErrorKind::fragmented_control, "fragmented_control", "Protocol error: fragmented control frame",
     kConnection, kAfter},
    {ErrorKind::control_too_long, "control_too_long", "Protocol error: control frame too long", kConnection,
     kAfter},
    {ErrorKind::unexpected_continuation, "unexpected_continuation",
     "Protocol error: unexpected continuation", kConnection, kAfter},
    {ErrorKind::expected_continuation, "expected_continuation", "Protocol error: continuation expected",
     kConnection, kAfter},
    {ErrorKind::bad_utf8, "bad_utf8", "Protocol error: text is not UTF-8", kConnection, kAfter},
    {ErrorKind::bad_deflate, "bad_deflate", "Protocol error: compressed data is damaged", kConnection,
     kAfter},
    {ErrorKind::bad_close_payload, "bad_close_payload", "Protocol error: bad close payload", kConnection,
     kAfter},
    {ErrorKind::bad_close_code, "bad_close_code", "Protocol error: bad close code", kConnection, kAfter},
    {ErrorKind::message_too_big, "message_too_big", "Message too big", kConnection, kAfter},

    {ErrorKind::answer_timeout, "answer_timeout", "Answer timeout", kMessage, kAfter},
    {ErrorKind::connection_lost, "connection_lost", "Message lost with its connection", kMessage, kAfter},
    {ErrorKind::error_answer, "error_answer", "Message answered by an error", kMessage, kAfter},
}};

constexpr bool errors_in_order() {
    for (std::size_t i = 0; i < kErrorInfos.size(); ++i) {
        if (kErrorInfos[i].kind != static_cast<ErrorKind>(i) || kErrorInfos[i].name.empty()) return false;
    }
    return true;
}
static_assert(errors_in_order(), "one row for each kind, in the order of the enum");

}  // namespace

const ErrorInfo& info(ErrorKind kind) {
    return kErrorInfos[static_cast<std::size_t>(kind)];
}

std::string_view to_text(ErrorScope scope) {
    switch (scope) {
        case ErrorScope::connection: return "connection";
        case ErrorScope::message: return "message";
    }
    return "";
}

}  // namespace wsblast::stats
