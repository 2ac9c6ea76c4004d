// What lies between an established TCP connection and the first byte of the protocol, and how either part
// of it fails. Pure data and functions, for any thread.
#pragma once

#include <optional>
#include <string>

#include "crypto/tls_facts.hpp"
#include "proto/proxy.hpp"
#include "transport/transport.hpp"

namespace wsblast::transport {

// Of one target: first through the proxy, then into TLS; either may be left out.
struct Route {
    std::optional<proto::ProxyRequest> proxy{};
    std::optional<std::string> tls_name{};  // of the server's certificate: a name or an address

    [[nodiscard]] bool direct() const { return !proxy && !tls_name; }
};

// Why a connection ends whose TLS has failed. `error`: the alert, or the code of the certificate's fault.
[[nodiscard]] CloseEvent end_of(const crypto::TlsFault& fault);

// Why one ends that its proxy did not let through. `error`: the HTTP status or the SOCKS5 reply.
[[nodiscard]] CloseEvent end_of(const proto::ProxyStep& step);

}  // namespace wsblast::transport
