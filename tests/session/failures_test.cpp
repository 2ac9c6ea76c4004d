#include "session/failures.hpp"

#include <set>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::session;
using proto::UpgradeFailure;
using proto::Violation;
using stats::ErrorKind;
using transport::CloseCause;

namespace {

constexpr CloseCause kCauses[] = {
    CloseCause::local,          CloseCause::peer_closed,    CloseCause::reset,
    CloseCause::refused,        CloseCause::unreachable,    CloseCause::timed_out,
    CloseCause::no_such_socket, CloseCause::not_permitted,  CloseCause::no_source_port,
    CloseCause::no_memory,      CloseCause::socket_error,   CloseCause::proxy_refused,
    CloseCause::proxy_login,    CloseCause::proxy_broken,   CloseCause::tls_untrusted,
    CloseCause::tls_expired,    CloseCause::tls_wrong_name, CloseCause::tls_alert,
    CloseCause::tls_missing,    CloseCause::tls_broken};

}  // namespace

TEST_CASE("failures: what ends a handshake is an error of a connection before the upgrade",
          "[session][failures]") {
    for (const CloseCause cause : kCauses) {
        const stats::ErrorInfo& info = stats::info(failed_handshake(cause));
        CHECK(info.scope == stats::ErrorScope::connection);
        CHECK(info.phase == stats::ErrorPhase::before_upgrade);
    }
    CHECK(failed_handshake(CloseCause::refused) == ErrorKind::refused);
    CHECK(failed_handshake(CloseCause::reset) == ErrorKind::reset_in_handshake);
    CHECK(failed_handshake(CloseCause::peer_closed) == ErrorKind::closed_in_handshake);
    CHECK(failed_handshake(CloseCause::no_source_port) == ErrorKind::no_free_source_port);
    CHECK(failed_handshake(CloseCause::tls_alert) == ErrorKind::tls_alert);
    CHECK(failed_handshake(CloseCause::proxy_login) == ErrorKind::proxy_login);
}

TEST_CASE("failures: what ends an open connection is an error after the upgrade", "[session][failures]") {
    for (const CloseCause cause : kCauses) {
        const stats::ErrorInfo& info = stats::info(lost_connection(cause));
        CHECK(info.scope == stats::ErrorScope::connection);
        CHECK(info.phase == stats::ErrorPhase::after_upgrade);
    }
    CHECK(lost_connection(CloseCause::peer_closed) == ErrorKind::closed_by_peer);
    CHECK(lost_connection(CloseCause::reset) == ErrorKind::connection_reset);
    CHECK(lost_connection(CloseCause::timed_out) == ErrorKind::connection_timed_out);
    CHECK(lost_connection(CloseCause::tls_broken) == ErrorKind::tls_lost);
}

TEST_CASE("failures: every refused upgrade has a kind before the upgrade", "[session][failures]") {
    for (auto i = static_cast<std::uint8_t>(UpgradeFailure::not_http);
         i <= static_cast<std::uint8_t>(UpgradeFailure::unrequested_subprotocol); ++i) {
        const stats::ErrorInfo& info = stats::info(failed_upgrade(static_cast<UpgradeFailure>(i)));
        CHECK(info.scope == stats::ErrorScope::connection);
        CHECK(info.phase == stats::ErrorPhase::before_upgrade);
    }
    CHECK(failed_upgrade(UpgradeFailure::status) == ErrorKind::upgrade_status);
    CHECK(failed_upgrade(UpgradeFailure::wrong_accept) == ErrorKind::wrong_accept_key);
}

TEST_CASE("failures: every violation has a protocol error of its own", "[session][failures]") {
    std::set<ErrorKind> kinds;
    for (auto i = static_cast<std::uint8_t>(Violation::masked_frame);
         i <= static_cast<std::uint8_t>(Violation::message_too_big); ++i) {
        const ErrorKind kind = broken_protocol(static_cast<Violation>(i));
        CHECK(stats::is_protocol_error(kind));
        CHECK(kinds.insert(kind).second);
    }
    CHECK_FALSE(stats::is_protocol_error(broken_protocol(Violation::no_memory)));
}
