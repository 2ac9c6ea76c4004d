// Everything that `doctor` judges by: what was asked, and what was found out about this machine and the way
// to the target. Plain data, so that a test makes up any machine. What could not be read is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.hpp"
#include "base/result.hpp"
#include "host/memory.hpp"
#include "host/nics.hpp"
#include "host/process_limits.hpp"
#include "host/processors.hpp"
#include "host/resources.hpp"
#include "host/sockets.hpp"
#include "host/sysctls.hpp"
#include "plan/connection_memory.hpp"
#include "plan/run_options.hpp"
#include "ring/survey.hpp"
#include "transport/source_plan.hpp"

namespace wsblast::search {

// Where a destination is, which decides whose limits count.
enum class Place : std::uint8_t {
    loopback,      // 127.0.0.0/8 or ::1: both ends here
    this_machine,  // another address of this machine: both ends here
    link,          // another machine, without a router between
    beyond,        // behind a router
};

struct DestinationFacts {
    transport::Destination destination;
    Place place = Place::beyond;
    host::TakenPairs taken{};        // its pairs that are not free
    std::optional<host::Nic> nic{};  // that leads there; none for loopback

    // Toward IPv4's loopback a run without explicit sources takes as many addresses as it needs, away from
    // those that others use.
    [[nodiscard]] bool has_own_sources() const {
        return place == Place::loopback && destination.address.family() == AF_INET;
    }
};

struct TargetFacts {
    std::string url;
    std::vector<DestinationFacts> destinations;  // at least one

    [[nodiscard]] bool is_local() const { return destinations.front().place <= Place::this_machine; }
};

struct KernelFacts {
    std::string release{};
    host::KernelVersion version{};
    std::optional<std::uint64_t> io_uring_disabled{};
    Result<ring::Survey> survey = environment_error("not looked at");
};

// Values of sysctls; empty ones are not there, or not in this network namespace.
struct SysctlFacts {
    std::optional<std::vector<std::uint64_t>> file_nr{};  // in use, free, most
    std::optional<std::uint64_t> overcommit{};
    std::optional<std::vector<std::uint64_t>> tcp_mem{}, tcp_rmem{}, tcp_wmem{};
    std::optional<std::uint64_t> tw_reuse{}, timestamps{};
    std::optional<std::uint64_t> somaxconn{}, syn_backlog{}, syn_cookies{};
    std::optional<std::uint64_t> neighbours_wanted{}, neighbours_max{};  // gc_thresh2, gc_thresh3
};

struct DoctorFacts {
    std::uint64_t connections = 0;
    plan::ConnectionMemory memory_each{};  // of each of them
    std::vector<TargetFacts> targets{};  // at least one
    std::vector<Endpoint> sources{};     // explicit ones
    std::vector<std::string> source_interfaces{};
    std::optional<PortRange> explicit_ports{};
    PortRange ports{};  // that connections may come from
    std::vector<PortRange> reserved{};
    std::uint32_t cores = 1;

    KernelFacts kernel{};
    host::ProcessLimits limits{};
    SysctlFacts sysctls{};
    std::optional<host::SocketCounts> sockets{};
    std::optional<host::ConntrackTable> conntrack{};
    std::optional<std::uint64_t> neighbours{};
    std::optional<host::MemoryState> memory{};
    std::optional<host::GroupMemory> group{};
    host::Processors processors{};

    [[nodiscard]] std::uint64_t local_targets() const;
    [[nodiscard]] bool all_local() const { return local_targets() == targets.size(); }
    // Socket ends on this machine: both, where the target is on it too.
    [[nodiscard]] std::uint64_t ends() const;
    // How many connections have so many ends.
    [[nodiscard]] std::uint64_t connections_of(std::uint64_t ends) const;
    // Memory of these ends, and how many connections have ends that take so much.
    [[nodiscard]] std::uint64_t ends_bytes() const;
    [[nodiscard]] std::uint64_t connections_in(std::uint64_t bytes) const;
    // Slots of one ring's table, and the rings of a run.
    [[nodiscard]] std::uint64_t table_size() const;
    [[nodiscard]] std::uint64_t rings() const;
};

// Reads this machine. Names are looked up, one datagram is sent to itself over loopback, and rings of 8
// entries are made and closed; nothing is connected but where a name has several addresses
// (load/targets.hpp). Errors: a bad URL (usage), an unknown host or no way to it (environment).
[[nodiscard]] Result<DoctorFacts> gather_facts(const plan::RunOptions& options,
                                               const host::HostFiles& files);

}  // namespace wsblast::search
