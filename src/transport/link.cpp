#include "transport/link.hpp"

#include <cerrno>
#include <utility>

namespace wsblast::transport {

CancelList cancellable(const Link& link, std::uint32_t slot) {
    constexpr std::array<std::pair<InFlight, ring::Op>, 3> kWaiting{
        {{InFlight::receive, ring::Op::receive},
         {InFlight::connect, ring::Op::connect},
         {InFlight::send_rest, ring::Op::send_rest}}};
    CancelList list;
    for (const auto& [what, op] : kWaiting) {
        if (link.has(what)) list.requests[list.count++] = link.user_data(op, slot);
    }
    return list;
}

CloseCause cause_of(int error) {
    switch (error) {
        case ECONNREFUSED: return CloseCause::refused;
        case ENOENT: return CloseCause::no_such_socket;
        case EACCES:
        case EPERM: return CloseCause::not_permitted;
        case ENETUNREACH:
        case EHOSTUNREACH:
        case ENETDOWN:
        case EHOSTDOWN: return CloseCause::unreachable;
        case ETIMEDOUT: return CloseCause::timed_out;
        case ECONNRESET:
        case ECONNABORTED:
        case EPIPE: return CloseCause::reset;
        case EADDRINUSE:
        case EADDRNOTAVAIL: return CloseCause::no_source_port;
        case ENOMEM:
        case ENOBUFS: return CloseCause::no_memory;
        default: return CloseCause::socket_error;  // tidy: an error number is not an enum
    }
}

std::string_view to_text(CloseCause cause) {
    switch (cause) {
        case CloseCause::local: return "closed by us";
        case CloseCause::peer_closed: return "closed by the peer";
        case CloseCause::reset: return "connection reset";
        case CloseCause::refused: return "connection refused";
        case CloseCause::no_such_socket: return "no such socket";
        case CloseCause::not_permitted: return "not permitted";
        case CloseCause::unreachable: return "unreachable";
        case CloseCause::timed_out: return "timed out";
        case CloseCause::no_source_port: return "no free source port";
        case CloseCause::no_memory: return "no memory";
        case CloseCause::socket_error: return "socket error";
        case CloseCause::proxy_refused: return "refused by the proxy";
        case CloseCause::proxy_login: return "not let in by the proxy";
        case CloseCause::proxy_broken: return "not a proxy";
        case CloseCause::tls_untrusted: return "untrusted certificate";
        case CloseCause::tls_expired: return "expired certificate";
        case CloseCause::tls_wrong_name: return "certificate of another host";
        case CloseCause::tls_alert: return "TLS alert";
        case CloseCause::tls_missing: return "not TLS";
        case CloseCause::tls_broken: return "TLS failed";
    }
    return "unknown";
}

}  // namespace wsblast::transport
