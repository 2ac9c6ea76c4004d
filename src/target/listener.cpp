#include "target/listener.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.hpp"
#include "host/resolve.hpp"
#include "text/format.hpp"

namespace wsblast::target {

namespace {

// Whether other sockets of this server may have the same address.
enum class Sharing : std::uint8_t { exclusive, shared };

void set(int descriptor, int level, int option) {
    constexpr int kOn = 1;
    setsockopt(descriptor, level, option, &kOn, sizeof kOn);
}

// A socket bound to the endpoint, or -errno.
int bind_socket(const Endpoint& endpoint, Sharing sharing) {
    const int descriptor = socket(endpoint.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    set(descriptor, SOL_SOCKET, SO_REUSEADDR);
    if (sharing == Sharing::shared) set(descriptor, SOL_SOCKET, SO_REUSEPORT);
    if (endpoint.family() == AF_INET6) set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY);
    set(descriptor, IPPROTO_TCP, TCP_NODELAY);  // accepted sockets inherit it (tcp(7))
    if (bind(descriptor, endpoint.address(), endpoint.length) == 0) return descriptor;
    const int error = errno;
    close(descriptor);
    return -error;
}

// The endpoint with the port that is free: its own, or one of the kernel's choice. A bind that shares with
// nobody finds out whether another server is there, even one that would share.
struct Claim {
    Endpoint endpoint;
    int error = 0;  // errno
};
Claim claim(Endpoint endpoint) {
    const int probe = bind_socket(endpoint, Sharing::exclusive);
    if (probe < 0) return {endpoint, -probe};
    // Only listen(2) sees what a bind with SO_REUSEADDR lets pass.
    const int error = listen(probe, 0) == 0 ? 0 : errno;
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    getsockname(probe, reinterpret_cast<sockaddr*>(&bound), &length);
    close(probe);
    return {from_sockaddr(reinterpret_cast<const sockaddr*>(&bound), length), error};
}

Error refusal(const Endpoint& endpoint, int error) {
    const std::string where = "cannot listen on " + to_text(endpoint);
    switch (error) {
        case EADDRINUSE:
            return environment_error(
                text::format("{}: the port is in use; end what listens there ('ss -ltnp' shows it), or "
                             "choose another --port",
                             where));
        case EACCES: return environment_error(where + ": not permitted; choose a --port from 1024 on");
        case EADDRNOTAVAIL:
        case EAFNOSUPPORT:
            return environment_error(where +
                                     ": no address of this machine ('ip addr' lists them); see --host");
        default:  // tidy: an error number is not an enum
            return environment_error(where + ": " + std::strerror(error));
    }
}

bool lacks_ipv6(const Endpoint& endpoint, int error) {
    return endpoint.family() == AF_INET6 && (error == EADDRNOTAVAIL || error == EAFNOSUPPORT);
}

Result<std::vector<Endpoint>> resolve_all(const std::vector<std::string>& hosts, std::uint16_t port) {
    std::vector<Endpoint> endpoints;
    for (const std::string& host : hosts) {
        const auto found = host::resolve(host, port);
        if (!found) return found.error();
        for (const Endpoint& endpoint : found->endpoints) {
            if (std::ranges::find(endpoints, endpoint) == endpoints.end()) endpoints.push_back(endpoint);
        }
    }
    if (endpoints.size() > limits::kListenersMax) {
        return environment_error(text::format("{} addresses to listen on; at most {} --host are possible",
                                              endpoints.size(), limits::kListenersMax));
    }
    return endpoints;
}

// The endpoints that this machine has, all with the same port, and what was left out.
struct Claims {
    std::vector<Endpoint> endpoints;
    std::vector<std::string> warnings;
    std::optional<Error> failure;
    int error = 0;  // with `failure`
};
Claims claim_all(const std::vector<Endpoint>& wanted, std::uint16_t port) {
    Claims claims;
    for (const Endpoint& endpoint : wanted) {
        const Claim claimed = claim(with_port(endpoint, port));
        if (claimed.error == 0) {
            port = claimed.endpoint.port();
            claims.endpoints.push_back(claimed.endpoint);
            continue;
        }
        Error error = refusal(with_port(endpoint, port), claimed.error);
        if (lacks_ipv6(endpoint, claimed.error) && wanted.size() > 1) {
            claims.warnings.push_back(std::move(error.what));
            continue;
        }
        claims.failure = std::move(error);
        claims.error = claimed.error;
        return claims;
    }
    if (claims.endpoints.empty()) claims.failure = environment_error(claims.warnings.front());
    return claims;
}

}  // namespace

Result<Listener> Listener::open(const ListenOptions& options) {
    const auto wanted = resolve_all(options.hosts, options.port);
    if (!wanted) return wanted.error();
    Claims claims = claim_all(*wanted, options.port);
    // A port that the kernel chose for one address may be taken on the next.
    const bool any_port = options.port == 0;
    for (int tries = 1; any_port && claims.error == EADDRINUSE && tries < limits::kPortTriesMax; ++tries) {
        claims = claim_all(*wanted, options.port);
    }
    if (claims.failure) return *claims.failure;

    Listener listener(options.cores);
    listener.warnings_ = std::move(claims.warnings);
    for (const Endpoint& endpoint : claims.endpoints) {
        if (const auto listening = listener.listen_on(endpoint, options.backlog); !listening)
            return listening.error();
    }
    return listener;
}

Listener::~Listener() {
    for (const std::vector<int>& core : descriptors_) {
        for (const int descriptor : core) close(descriptor);
    }
}

// An accept in a ring would keep the socket, and with it the port, beyond close(2).
void Listener::refuse() {
    for (const std::vector<int>& core : descriptors_) {
        for (const int descriptor : core) shutdown(descriptor, SHUT_RDWR);
    }
}

Result<void> Listener::listen_on(const Endpoint& endpoint, int backlog) {
    for (std::vector<int>& core : descriptors_) {
        const int descriptor = bind_socket(endpoint, Sharing::shared);
        if (descriptor < 0) return refusal(endpoint, -descriptor);
        core.push_back(descriptor);
        if (listen(descriptor, backlog) != 0) return refusal(endpoint, errno);
    }
    endpoints_.push_back(endpoint);
    return {};
}

}  // namespace wsblast::target
