#include "host/resolve.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.hpp"

namespace wsblast::host {

namespace {

struct AddressListDeleter {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListDeleter>;

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }

  private:
    int fd_;
};

// What a person can do about a failed lookup (getaddrinfo(3), ERRORS).
Error lookup_error(const std::string& host, int code, int system_error) {
    const std::string who = "cannot look up the host '" + host + "': ";
    if (code == EAI_SYSTEM) return environment_error(who + std::strerror(system_error));
    const std::string why = who + gai_strerror(code);
    if (code == EAI_AGAIN) return environment_error(why + "; is the name server reachable? try an address");
    return environment_error(why + "; check its spelling, or give its IP address");
}

}  // namespace

Result<Lookup> resolve(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const TimeNs start_ns = monotonic_now();
    const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    const int system_error = errno;
    Lookup lookup;
    lookup.lookup_ns = monotonic_now() - start_ns;
    if (code != 0) return lookup_error(host, code, system_error);

    const AddressList list(found);
    for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
        const Endpoint endpoint = from_sockaddr(at->ai_addr, at->ai_addrlen);
        const bool repeated =
            std::find(lookup.endpoints.begin(), lookup.endpoints.end(), endpoint) != lookup.endpoints.end();
        if (endpoint.length != 0 && !repeated) lookup.endpoints.push_back(endpoint);
    }
    if (lookup.endpoints.empty()) return lookup_error(host, EAI_NONAME, 0);
    return lookup;
}

Result<void> check_source_address(const Endpoint& source) {
    const Descriptor udp(socket(source.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (udp.get() >= 0 && bind(udp.get(), source.address(), source.length) == 0) return {};
    return usage_error("--source-ip: connections cannot come from " + address_text(source) + ": " +
                       std::strerror(errno) + "; 'ip address' lists what this machine has");
}

Result<Endpoint> local_address_toward(const Endpoint& destination) {
    const Descriptor udp(socket(destination.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    Endpoint local;
    local.length = sizeof local.storage;
    auto* address = reinterpret_cast<sockaddr*>(&local.storage);
    if (udp.get() < 0 || connect(udp.get(), destination.address(), destination.length) != 0 ||
        getsockname(udp.get(), address, &local.length) != 0) {
        return environment_error("no way leads to " + to_text(destination) + ": " + std::strerror(errno) +
                                 "; check the address and the routes of this machine");
    }
    return with_port(local, 0);
}

}  // namespace wsblast::host
