// The closed list of ways in which a connection or a message can fail. Everything that goes wrong in a run
// is counted as exactly one of these, where it happens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wsblast::stats {

enum class ErrorKind : std::uint8_t {
    // A connection, before the upgrade is done: these add up to `failed`.
    connect_timeout,
    refused,
    no_such_socket,
    not_permitted,
    unreachable,
    reset_in_handshake,
    closed_in_handshake,
    timed_out,  // the kernel gave up (ETIMEDOUT) before our own timeout
    no_free_source_port,
    no_memory,
    socket_error,
    proxy_refused,
    proxy_login,
    proxy_broken,
    tls_untrusted,
    tls_expired,
    tls_wrong_name,
    tls_alert,
    tls_missing,
    tls_broken,
    upgrade_status,
    upgrade_not_http,
    upgrade_head_too_large,
    upgrade_headers,
    wrong_accept_key,
    unrequested_extension,
    unsound_extension,
    unrequested_subprotocol,
    redirect_refused,
    redirect_loop,
    // A connection, after the upgrade.
    setup_timeout,
    setup_refused,
    closed_by_peer,
    connection_reset,
    connection_timed_out,
    connection_io_error,
    spill_exhausted,
    inflate_memory,
    tls_lost,
    close_timeout,
    pong_timeout,
    send_timeout,
    // A connection whose peer broke RFC 6455: one kind for each violation that proto/frame.hpp knows.
    masked_frame,
    unmasked_frame,
    reserved_bits,
    reserved_opcode,
    bad_length,
    fragmented_control,
    control_too_long,
    unexpected_continuation,
    expected_continuation,
    bad_utf8,
    bad_deflate,
    bad_close_payload,
    bad_close_code,
    message_too_big,
    // A message: these add up to `lost`.
    answer_timeout,
    connection_lost,
    error_answer,
};

inline constexpr std::size_t kErrorKinds = static_cast<std::size_t>(ErrorKind::error_answer) + 1;

enum class ErrorScope : std::uint8_t { connection, message };
enum class ErrorPhase : std::uint8_t { before_upgrade, after_upgrade };

struct ErrorInfo {
    ErrorKind kind;
    std::string_view name;   // the JSON `kind`
    std::string_view label;  // what a person reads
    ErrorScope scope;
    ErrorPhase phase;
};

// What is known of a kind; lives as long as the program.
[[nodiscard]] const ErrorInfo& info(ErrorKind kind);

// "connection", "message".
[[nodiscard]] std::string_view to_text(ErrorScope scope);

// The peer broke RFC 6455: these are in the verdict's error rate.
[[nodiscard]] constexpr bool is_protocol_error(ErrorKind kind) {
    return kind >= ErrorKind::masked_frame && kind <= ErrorKind::message_too_big;
}

}  // namespace wsblast::stats
