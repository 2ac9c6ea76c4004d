#include "session/failures.hpp"

namespace wsblast::session {

using proto::UpgradeFailure;
using proto::Violation;
using stats::ErrorKind;
using transport::CloseCause;

ErrorKind failed_handshake(CloseCause cause) {
    switch (cause) {
        case CloseCause::local: return ErrorKind::socket_error;
        case CloseCause::peer_closed: return ErrorKind::closed_in_handshake;
        case CloseCause::reset: return ErrorKind::reset_in_handshake;
        case CloseCause::refused: return ErrorKind::refused;
        case CloseCause::no_such_socket: return ErrorKind::no_such_socket;
        case CloseCause::not_permitted: return ErrorKind::not_permitted;
        case CloseCause::unreachable: return ErrorKind::unreachable;
        case CloseCause::timed_out: return ErrorKind::timed_out;
        case CloseCause::no_source_port: return ErrorKind::no_free_source_port;
        case CloseCause::no_memory: return ErrorKind::no_memory;
        case CloseCause::socket_error: return ErrorKind::socket_error;
        case CloseCause::proxy_refused: return ErrorKind::proxy_refused;
        case CloseCause::proxy_login: return ErrorKind::proxy_login;
        case CloseCause::proxy_broken: return ErrorKind::proxy_broken;
        case CloseCause::tls_untrusted: return ErrorKind::tls_untrusted;
        case CloseCause::tls_expired: return ErrorKind::tls_expired;
        case CloseCause::tls_wrong_name: return ErrorKind::tls_wrong_name;
        case CloseCause::tls_alert: return ErrorKind::tls_alert;
        case CloseCause::tls_missing: return ErrorKind::tls_missing;
        case CloseCause::tls_broken: return ErrorKind::tls_broken;
    }
    return ErrorKind::socket_error;
}

ErrorKind lost_connection(CloseCause cause) {
    switch (cause) {
        case CloseCause::peer_closed: return ErrorKind::closed_by_peer;
        case CloseCause::reset: return ErrorKind::connection_reset;
        case CloseCause::timed_out: return ErrorKind::connection_timed_out;
        case CloseCause::no_memory: return ErrorKind::spill_exhausted;
        case CloseCause::tls_alert:
        case CloseCause::tls_missing:
        case CloseCause::tls_broken: return ErrorKind::tls_lost;
        case CloseCause::local:
        case CloseCause::refused:
        case CloseCause::no_such_socket:
        case CloseCause::not_permitted:
        case CloseCause::unreachable:
        case CloseCause::no_source_port:
        case CloseCause::proxy_refused:
        case CloseCause::proxy_login:
        case CloseCause::proxy_broken:
        case CloseCause::tls_untrusted:
        case CloseCause::tls_expired:
        case CloseCause::tls_wrong_name:
        case CloseCause::socket_error: return ErrorKind::connection_io_error;
    }
    return ErrorKind::connection_io_error;
}

ErrorKind failed_upgrade(UpgradeFailure failure) {
    switch (failure) {
        case UpgradeFailure::none:
        case UpgradeFailure::not_http: return ErrorKind::upgrade_not_http;
        case UpgradeFailure::oversized_head: return ErrorKind::upgrade_head_too_large;
        case UpgradeFailure::status: return ErrorKind::upgrade_status;
        case UpgradeFailure::missing_upgrade:
        case UpgradeFailure::wrong_upgrade:
        case UpgradeFailure::missing_connection:
        case UpgradeFailure::wrong_connection: return ErrorKind::upgrade_headers;
        case UpgradeFailure::missing_accept:
        case UpgradeFailure::wrong_accept: return ErrorKind::wrong_accept_key;
        case UpgradeFailure::unrequested_extension: return ErrorKind::unrequested_extension;
        case UpgradeFailure::unsound_extension: return ErrorKind::unsound_extension;
        case UpgradeFailure::unrequested_subprotocol: return ErrorKind::unrequested_subprotocol;
    }
    return ErrorKind::upgrade_not_http;
}

ErrorKind broken_protocol(Violation violation) {
    switch (violation) {
        case Violation::none:
        case Violation::masked_frame: return ErrorKind::masked_frame;
        case Violation::unmasked_frame: return ErrorKind::unmasked_frame;
        case Violation::reserved_bits: return ErrorKind::reserved_bits;
        case Violation::reserved_opcode: return ErrorKind::reserved_opcode;
        case Violation::bad_length: return ErrorKind::bad_length;
        case Violation::fragmented_control: return ErrorKind::fragmented_control;
        case Violation::control_too_long: return ErrorKind::control_too_long;
        case Violation::unexpected_continuation: return ErrorKind::unexpected_continuation;
        case Violation::expected_continuation: return ErrorKind::expected_continuation;
        case Violation::bad_utf8: return ErrorKind::bad_utf8;
        case Violation::bad_deflate: return ErrorKind::bad_deflate;
        case Violation::bad_close_payload: return ErrorKind::bad_close_payload;
        case Violation::bad_close_code: return ErrorKind::bad_close_code;
        case Violation::message_too_big: return ErrorKind::message_too_big;
        case Violation::no_memory: return ErrorKind::inflate_memory;
    }
    return ErrorKind::bad_length;
}

}  // namespace wsblast::session
