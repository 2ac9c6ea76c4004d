#include "load/targets.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "crypto/base64.hpp"
#include "host/resolve.hpp"
#include "plan/request_headers.hpp"
#include "proto/proxy.hpp"
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

// Where TCP goes: to the proxy, to where --connect-to says, or to the URL's host.
Result<host::Lookup> find_endpoints(const proto::Url& url, const plan::AccessOptions& access) {
    if (!url.socket_path.empty()) return host::Lookup{{make_unix(url.socket_path)}, 0};
    if (access.proxy) return host::resolve(access.proxy->host, access.proxy->port);
    if (access.connect_to) return host::resolve(access.connect_to->host, access.connect_to->port);
    return host::resolve(url.host, url.port);
}

// What the proxy is asked for; a name is its to look up.
std::optional<proto::ProxyRequest> proxy_request(const proto::Url& url, const plan::AccessOptions& access) {
    if (!access.proxy) return std::nullopt;
    const plan::HostPort to = access.connect_to.value_or(plan::HostPort{url.host, url.port});
    return proto::ProxyRequest{access.proxy->kind, to.host, to.port, access.proxy->user,
                               access.proxy->password};
}

Result<proto::UpgradeRequest> build_request(const proto::Url& url, const plan::RunOptions& options) {
    auto upgrade = plan::upgrade_options(options);
    if (!upgrade) return upgrade.error();
    upgrade->host = url.host_header;
    upgrade->path = url.path;
    return proto::UpgradeRequest::build(*upgrade);
}

// A head with the values of the row that has the longest ones.
Result<void> check_sizes(const proto::UpgradeRequest& request, const plan::ValueTable* values) {
    for (std::uint64_t row = 0; values != nullptr && row < values->rows(); ++row) {
        if (const std::size_t size = request.size(values->row_of(row)); size > limits::kHttpHeadMax) {
            return usage_error(
                text::format("--header-csv: with row {} the upgrade request has {} bytes, "
                             "allowed are {}",
                             row + 1, size, limits::kHttpHeadMax));
        }
    }
    return {};
}

// What the proxy is told of us.
std::vector<std::string> secrets_of_way(const plan::AccessOptions& access) {
    if (!access.proxy || access.proxy->password.empty()) return {};
    const std::string login = access.proxy->user + ":" + access.proxy->password;
    return {access.proxy->password, login, crypto::to_base64(as_bytes(login))};
}

transport::Route route_to(const proto::Url& url, const plan::RunOptions& options) {
    transport::Route route;
    route.proxy = proxy_request(url, options.access);
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

Result<session::ClientTarget> make_client_target(const proto::Url& url, const plan::RunOptions& options) {
    auto request = build_request(url, options);
    if (!request) return request.error();
    const auto& values = options.access.values;
    if (const auto fits = check_sizes(*request, values.get()); !fits) return fits.error();
    return session::ClientTarget{std::move(*request), options.subprotocols, options.message.deflate, values,
                                 secrets_of_way(options.access)};
}

Result<ResolvedTarget> resolve_target(const proto::Url& url, const plan::RunOptions& options) {
    auto client = make_client_target(url, options);
    if (!client) return client.error();
    const auto lookup = find_endpoints(url, options.access);
    if (!lookup) return lookup.error();
    auto destinations = find_destinations(*lookup);
    if (!destinations) return destinations.error();
    return ResolvedTarget{std::move(*client), std::move(*destinations), route_to(url, options),
                          lookup->lookup_ns};
}

Result<void> add_target(const std::string& text, const plan::RunOptions& options, ResolvedTargets& targets,
                        stats::Histogram& lookups) {
    const auto url = proto::parse_url(text);
    if (!url) return url.error();
    auto target = resolve_target(*url, options);
    if (!target) return target.error();
    lookups.record(target->lookup_ns);
    leave_out_silent(target->destinations, targets.warnings);
    targets.clients.push_back(std::move(target->client));
    targets.destinations.push_back(std::move(target->destinations));
    targets.routes.push_back(std::move(target->route));
    targets.name_lookup = lookups.snapshot().summarize();
    return {};
}

Result<ResolvedTargets> resolve_targets(const plan::RunOptions& options) {
    ResolvedTargets targets;
    stats::Histogram lookups;
    for (const std::string& text : options.urls) {
        if (const auto added = add_target(text, options, targets, lookups); !added) return added.error();
    }
    return targets;
}

}  // namespace wsblast::load
