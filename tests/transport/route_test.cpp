#include "transport/route.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::transport;
using crypto::TlsFailure;
using proto::ProxyFailure;

namespace {

CloseCause cause(TlsFailure failure) {
    return end_of(crypto::TlsFault{failure, 0}).cause;
}

CloseCause cause(ProxyFailure failure, std::uint16_t code = 0) {
    proto::ProxyStep step;
    step.failure = failure;
    step.code = code;
    return end_of(step).cause;
}

}  // namespace

TEST_CASE("route: each way that TLS fails is a cause of its own", "[transport][route]") {
    CHECK(cause(TlsFailure::untrusted) == CloseCause::tls_untrusted);
    CHECK(cause(TlsFailure::expired) == CloseCause::tls_expired);
    CHECK(cause(TlsFailure::wrong_name) == CloseCause::tls_wrong_name);
    CHECK(cause(TlsFailure::peer_alert) == CloseCause::tls_alert);
    CHECK(cause(TlsFailure::not_tls) == CloseCause::tls_missing);
    CHECK(cause(TlsFailure::protocol) == CloseCause::tls_broken);
    constexpr std::uint8_t kHandshakeFailure = 40;
    CHECK(end_of(crypto::TlsFault{TlsFailure::peer_alert, kHandshakeFailure}).error == kHandshakeFailure);
}

TEST_CASE("route: a proxy that refuses is told from one that wants a login", "[transport][route]") {
    CHECK(cause(ProxyFailure::status, 403) == CloseCause::proxy_refused);
    CHECK(cause(ProxyFailure::status, 407) == CloseCause::proxy_login);
    CHECK(cause(ProxyFailure::refused, 5) == CloseCause::proxy_refused);
    CHECK(cause(ProxyFailure::no_method) == CloseCause::proxy_login);
    CHECK(cause(ProxyFailure::auth_refused) == CloseCause::proxy_login);
    CHECK(cause(ProxyFailure::not_http) == CloseCause::proxy_broken);
    CHECK(cause(ProxyFailure::not_socks) == CloseCause::proxy_broken);
    CHECK(cause(ProxyFailure::oversized) == CloseCause::proxy_broken);
}

TEST_CASE("route: it is direct without proxy and TLS", "[transport][route]") {
    CHECK(Route{}.direct());
    CHECK_FALSE(Route{.tls_name = "localhost"}.direct());
    CHECK_FALSE(Route{.proxy = proto::ProxyRequest{}}.direct());
}
