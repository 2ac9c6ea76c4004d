// Which local (address, port) pair each connection uses.
//
// A TCP connection is its four numbers: toward one destination every pair of a source address and a source
// port carries one connection. Left to choose the port itself, the kernel scans for a free one, which takes
// most of the time once some 20,000 are in use; so the pairs are planned here, before the run, and every
// connection binds its own. A pair may be used again toward another destination: each has its own sequence.
//
// The ports vary fastest, then the addresses: the kernel keeps bound sockets in a hash by port, and so
// every chain grows by one only when all ports have been used.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/endpoint.hpp"
#include "base/limits.hpp"
#include "base/prng.hpp"
#include "base/result.hpp"
#include "transport/transport.hpp"

namespace wsblast::transport {

// One address of a target, and the local address that the kernel would choose toward it (without one, the
// destination cannot be reached). Toward IPv4's loopback and Unix sockets `local` is not needed.
struct Destination {
    Endpoint address;
    Endpoint local;
};

struct SourcePlanInput {
    // By TargetId: the addresses that are used in turn. At least one target, each with at least one
    // address.
    std::vector<std::vector<Destination>> targets;
    std::size_t begins = 0;  // targets that connections begin with; 0: all; the others may be gone to
    std::vector<Endpoint> sources;  // used for destinations of their family; empty: automatic
    PortRange ports;
    std::vector<PortRange> reserved;  // ports of that range that are left alone
    std::uint64_t connections = 0;    // over all workers, which open them on the targets in turn
    std::uint32_t workers = 1;
    std::uint64_t seed = 0;
};

struct SourcePair {
    Endpoint source;  // empty toward a Unix socket, which takes any number of connections
    Endpoint destination;
};

namespace detail {

// The pairs toward one destination: `sources` x the plan's ports, in lanes of one pair for each worker.
struct PairSequence {
    Endpoint destination;
    std::vector<Endpoint> sources;
    std::uint64_t lanes = 0;       // pairs / workers: what one worker has
    std::uint64_t first_lane = 0;  // random: consecutive runs do not meet each other's TIME_WAIT
};

// Constant once made, and shared by the slices of all workers.
struct SourceTable {
    std::vector<PairSequence> sequences;
    std::vector<std::vector<std::uint32_t>> targets;  // by TargetId: indexes of its sequences
    std::vector<std::uint16_t> ports;
    std::uint32_t workers = 1;
};

}  // namespace detail

// One worker's own part of the pairs. Slices of different workers never give the same pair toward the same
// destination. One thread uses a slice.
class SourceSlice {
  public:
    SourceSlice() = default;  // for who opens no connections: next() must not be called

    // The next pair toward the target's next address. Calls for one address give different pairs until all
    // are used, then the first again; a pair that turns out to be taken is skipped by calling again.
    [[nodiscard]] SourcePair next(TargetId target);

    // How many pairs the slice has toward a target's least address.
    [[nodiscard]] std::uint64_t pairs(TargetId target) const;

  private:
    friend class SourcePlan;
    SourceSlice(std::shared_ptr<const detail::SourceTable> table, std::uint32_t worker);

    std::shared_ptr<const detail::SourceTable> table_;
    std::uint32_t worker_ = 0;
    std::vector<std::uint64_t> lanes_;  // by sequence: the one that comes next
    std::vector<std::uint32_t> turns_;  // by target: which of its addresses comes next
};

// The whole plan, made once by the main thread.
class SourcePlan {
  public:
    // Toward 127.0.0.0/8 without explicit sources: as many of its addresses as are needed, from a random
    // place away from 127.0.0.1; elsewhere the local address that was passed in. A few pairs are left over
    // for retries where the range allows it. Ports that a destination listens on are left out.
    //
    // A target's addresses of a family whose pairs do not suffice are left out when it has others, with a
    // warning. Environment error, with the arithmetic and the remedy, when nothing is left.
    [[nodiscard]] static Result<SourcePlan> make(const SourcePlanInput& input);

    // `worker` is below the input's workers.
    [[nodiscard]] SourceSlice slice(std::uint32_t worker) const;

    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    SourcePlan(std::shared_ptr<const detail::SourceTable> table, std::vector<std::string> warnings);

    std::shared_ptr<const detail::SourceTable> table_;
    std::vector<std::string> warnings_;
};

}  // namespace wsblast::transport
