#include "session/user_errors.hpp"

namespace wsblast::session {

// Node's codes and the words of its ws package, which Artillery passes on.
std::string_view user_error_name(stats::ErrorKind kind) {
    using stats::ErrorKind;
    if (kind == ErrorKind::refused) return "ECONNREFUSED";
    if (kind == ErrorKind::unreachable) return "EHOSTUNREACH";
    if (kind == ErrorKind::reset_in_handshake || kind == ErrorKind::connection_reset) return "ECONNRESET";
    if (kind == ErrorKind::closed_in_handshake) return "socket hang up";
    if (kind == ErrorKind::timed_out || kind == ErrorKind::connection_timed_out) return "ETIMEDOUT";
    if (kind == ErrorKind::connect_timeout) return "Opening handshake has timed out";
    if (kind == ErrorKind::upgrade_status) return "Unexpected server response";
    if (kind == ErrorKind::wrong_accept_key) return "Invalid Sec-WebSocket-Accept header";
    if (kind == ErrorKind::closed_by_peer) return user_error::kClosed;
    return stats::info(kind).label;
}

std::string_view user_error_name(proto::CloseCode code) {
    if (code == proto::close_code::kTooBig) return user_error::kTooBig;
    const bool by_us = code == proto::close_code::kInternalError;
    return by_us ? stats::info(stats::ErrorKind::inflate_memory).label : user_error::kProtocol;
}

}  // namespace wsblast::session
