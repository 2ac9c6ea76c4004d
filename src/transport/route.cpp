#include "transport/route.hpp"

namespace wsblast::transport {

namespace {

constexpr std::uint16_t kProxyAuthenticationRequired = 407;  // RFC 9110 15.5.8
constexpr std::uint16_t kUnauthorized = 401;                 // what tinyproxy says of a wrong password

CloseCause cause_of(crypto::TlsFailure failure) {
    switch (failure) {
        case crypto::TlsFailure::untrusted: return CloseCause::tls_untrusted;
        case crypto::TlsFailure::expired: return CloseCause::tls_expired;
        case crypto::TlsFailure::wrong_name: return CloseCause::tls_wrong_name;
        case crypto::TlsFailure::peer_alert: return CloseCause::tls_alert;
        case crypto::TlsFailure::not_tls: return CloseCause::tls_missing;
        case crypto::TlsFailure::no_memory: return CloseCause::no_memory;
        case crypto::TlsFailure::none:
        case crypto::TlsFailure::protocol: return CloseCause::tls_broken;
    }
    return CloseCause::tls_broken;
}

CloseCause cause_of(const proto::ProxyStep& step) {
    switch (step.failure) {
        case proto::ProxyFailure::status:
            return step.code == kProxyAuthenticationRequired || step.code == kUnauthorized
                       ? CloseCause::proxy_login
                       : CloseCause::proxy_refused;
        case proto::ProxyFailure::refused: return CloseCause::proxy_refused;
        case proto::ProxyFailure::no_method:
        case proto::ProxyFailure::auth_refused: return CloseCause::proxy_login;
        case proto::ProxyFailure::none:
        case proto::ProxyFailure::not_http:
        case proto::ProxyFailure::not_socks:
        case proto::ProxyFailure::oversized: return CloseCause::proxy_broken;
    }
    return CloseCause::proxy_broken;
}

}  // namespace

CloseEvent end_of(const crypto::TlsFault& fault) {
    return {cause_of(fault.failure), fault.code};
}

CloseEvent end_of(const proto::ProxyStep& step) {
    return {cause_of(step), step.code};
}

}  // namespace wsblast::transport
