// The sockets that a server listens on: one for each core and address, all of an address on the same port,
// so that the kernel spreads the connections over the cores (SO_REUSEPORT, socket(7)).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/endpoint.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"

namespace wsblast::target {

struct ListenOptions {
    std::vector<std::string> hosts;  // names and addresses
    std::uint16_t port = 0;          // 0: one that is free on all of them
    std::uint32_t cores = 1;
    int backlog = limits::kListenBacklog;  // of each socket
};

// Owns the descriptors. The thread that starts the server.
class Listener {
  public:
    // Environment error, which names the address and the remedy: in use, not permitted, not of this
    // machine, unknown. An IPv6 address that this machine cannot have is left out, with a warning, when
    // there is another.
    [[nodiscard]] static Result<Listener> open(const ListenOptions& options);

    ~Listener();
    Listener(Listener&& other) noexcept = default;
    Listener& operator=(Listener&& other) noexcept {
        std::swap(descriptors_, other.descriptors_);
        std::swap(endpoints_, other.endpoints_);
        std::swap(warnings_, other.warnings_);
        return *this;
    }

    // From now on connections are refused, and accepts that are under way fail; everything else remains.
    void refuse();

    [[nodiscard]] std::uint16_t port() const { return endpoints_.front().port(); }
    // At least one.
    [[nodiscard]] const std::vector<Endpoint>& endpoints() const { return endpoints_; }
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
    // What one core accepts from: a descriptor for each endpoint.
    [[nodiscard]] const std::vector<int>& descriptors(std::uint32_t core) const {
        return descriptors_[core];
    }

  private:
    explicit Listener(std::uint32_t cores) : descriptors_(cores) {}

    [[nodiscard]] Result<void> listen_on(const Endpoint& endpoint, int backlog);

    std::vector<std::vector<int>> descriptors_;  // by core
    std::vector<Endpoint> endpoints_;
    std::vector<std::string> warnings_;
};

}  // namespace wsblast::target
