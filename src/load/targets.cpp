#include "load/targets.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "host/resolve.hpp"
#include "proto/upgrade.hpp"
#include "proto/url.hpp"
#include "text/format.hpp"

namespace wsblast::load {

namespace {

constexpr int kProbeTimeoutMs = 1'000;

// The errno of one connect(2) to the address, 0 when it answered; the connection is closed again.
int probe(const Endpoint& address) {
    const int descriptor = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return errno;
    int error = connect(descriptor, address.address(), address.length) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        pollfd waiting{descriptor, POLLOUT, 0};
        socklen_t size = sizeof error;
        if (::poll(&waiting, 1, kProbeTimeoutMs) != 1) {
            error = ETIMEDOUT;
        } else {
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
        }
    }
    close(descriptor);
    return error;
}

Result<std::vector<transport::Destination>> find_destinations(const host::Lookup& lookup) {
    std::vector<transport::Destination> destinations;
    std::optional<Error> no_route;
    for (const Endpoint& address : lookup.endpoints) {
        if (address.is_unix()) {
            destinations.push_back({address, {}});
        } else if (auto local = host::local_address_toward(address); local) {
            destinations.push_back({address, *local});
        } else {
            no_route = local.error();
        }
    }
    if (destinations.empty()) return *no_route;
    return destinations;
}

Result<host::Lookup> find_endpoints(const proto::Url& url) {
    if (!url.socket_path.empty()) return host::Lookup{{make_unix(url.socket_path)}, 0};
    return host::resolve(url.host, url.port);
}

Result<proto::UpgradeRequest> build_request(const proto::Url& url, const plan::RunOptions& options) {
    proto::UpgradeOptions upgrade;
    upgrade.host = url.host_header;
    upgrade.path = url.path;
    upgrade.subprotocols = options.subprotocols;
    upgrade.deflate = options.message.deflate;
    for (const plan::Header& header : options.headers)
        upgrade.headers.push_back(header.name + ": " + header.value);
    return proto::UpgradeRequest::build(upgrade);
}

transport::Route route_to(const proto::Url& url, const plan::RunOptions& options) {
    transport::Route route;
    if (url.secure) route.tls_name = options.tls.server_name.empty() ? url.host : options.tls.server_name;
    return route;
}

}  // namespace

void leave_out_silent(std::vector<transport::Destination>& destinations,
                      std::vector<std::string>& warnings) {
    if (destinations.size() < 2) return;
    std::vector<transport::Destination> answering;
    std::vector<std::string> silent;
    for (const transport::Destination& destination : destinations) {
        if (const int error = probe(destination.address); error == 0) {
            answering.push_back(destination);
        } else {
            silent.push_back(text::format("{}: {}; this address is left out, others of the name answer",
                                          to_text(destination.address), std::strerror(error)));
        }
    }
    if (answering.empty()) return;
    destinations = std::move(answering);
    warnings.insert(warnings.end(), silent.begin(), silent.end());
}

Result<ResolvedTargets> resolve_targets(const plan::RunOptions& options) {
    ResolvedTargets targets;
    stats::Histogram lookups;
    for (const std::string& text : options.urls) {
        const auto url = proto::parse_url(text);
        if (!url) return url.error();
        auto request = build_request(*url, options);
        if (!request) return request.error();
        const auto lookup = find_endpoints(*url);
        if (!lookup) return lookup.error();
        lookups.record(lookup->lookup_ns);
        auto destinations = find_destinations(*lookup);
        if (!destinations) return destinations.error();
        leave_out_silent(*destinations, targets.warnings);
        targets.clients.push_back({std::move(*request), options.subprotocols, options.message.deflate});
        targets.destinations.push_back(std::move(*destinations));
        targets.routes.push_back(route_to(*url, options));
    }
    targets.name_lookup = lookups.snapshot().summarize();
    return targets;
}

}  // namespace wsblast::load
