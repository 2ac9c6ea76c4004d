#include "search/doctor_facts.hpp"

#include <algorithm>

#include <sys/utsname.h>

#include "base/limits.hpp"
#include "host/cpus.hpp"
#include "host/resolve.hpp"
#include "load/targets.hpp"
#include "proto/secrets.hpp"
#include "search/doctor_rows.hpp"

namespace wsblast::search {

namespace {

// What Linux takes when nobody has changed it.
constexpr PortRange kLocalPortsDefault{32'768, 60'999};

Place place_of(const Endpoint& address) {
    if (address.is_loopback()) return Place::loopback;
    if (host::is_own_address(address)) return Place::this_machine;
    return host::is_on_link(address) ? Place::link : Place::beyond;
}

DestinationFacts find_out(const plan::RunOptions& options, const transport::Destination& destination,
                          const host::HostFiles& files) {
    DestinationFacts facts{.destination = destination, .place = place_of(destination.address)};
    // Sockets are counted only where it matters: with a million of them it takes seconds.
    const bool shares_sources = !options.source_addresses.empty() || !facts.has_own_sources();
    if (shares_sources) facts.taken = host::count_taken_pairs(files, destination.address);
    if (facts.place >= Place::link) {
        if (const auto name = host::interface_of(destination.local))
            facts.nic = host::read_nic(files, *name);
    }
    return facts;
}

Result<std::vector<TargetFacts>> find_targets(const plan::RunOptions& options,
                                              const host::HostFiles& files) {
    const auto resolved = load::resolve_targets(options);
    if (!resolved) return resolved.error();
    std::vector<TargetFacts> targets;
    for (std::size_t i = 0; i < options.urls.size(); ++i) {
        TargetFacts& target = targets.emplace_back(TargetFacts{proto::shown_url(options.urls[i]), {}});
        for (const transport::Destination& destination : resolved->destinations[i])
            target.destinations.push_back(find_out(options, destination, files));
    }
    return targets;
}

KernelFacts read_kernel(const host::HostFiles& files) {
    KernelFacts kernel;
    utsname names{};
    if (uname(&names) == 0) kernel.release = names.release;
    if (const auto version = host::parse_kernel_version(kernel.release)) kernel.version = *version;
    kernel.io_uring_disabled = host::sysctl_number(files, "kernel.io_uring_disabled");
    kernel.survey = ring::survey();
    return kernel;
}

SysctlFacts read_sysctls(const host::HostFiles& files) {
    const auto number = [&](std::string_view name) { return host::sysctl_number(files, name); };
    const auto numbers = [&](std::string_view name) { return host::sysctl_numbers(files, name); };
    return {.file_nr = numbers("fs.file-nr"),
            .overcommit = number("vm.overcommit_memory"),
            .tcp_mem = numbers("net.ipv4.tcp_mem"),
            .tcp_rmem = numbers("net.ipv4.tcp_rmem"),
            .tcp_wmem = numbers("net.ipv4.tcp_wmem"),
            .tw_reuse = number("net.ipv4.tcp_tw_reuse"),
            .timestamps = number("net.ipv4.tcp_timestamps"),
            .somaxconn = number("net.core.somaxconn"),
            .syn_backlog = number("net.ipv4.tcp_max_syn_backlog"),
            .syn_cookies = number("net.ipv4.tcp_syncookies"),
            .neighbours_wanted = number("net.ipv4.neigh.default.gc_thresh2"),
            .neighbours_max = number("net.ipv4.neigh.default.gc_thresh3")};
}

PortRange read_ports(const host::HostFiles& files) {
    const auto range = host::sysctl_numbers(files, "net.ipv4.ip_local_port_range");
    if (!range || range->size() != 2 || range->at(1) > 65'535 || range->at(0) > range->at(1))
        return kLocalPortsDefault;
    return {static_cast<std::uint16_t>(range->at(0)), static_cast<std::uint16_t>(range->at(1))};
}

void read_sources(DoctorFacts& facts, const plan::RunOptions& options, const host::HostFiles& files) {
    facts.sources = options.source_addresses;
    facts.explicit_ports = options.source_ports;
    facts.ports = options.source_ports.value_or(read_ports(files));
    if (!options.source_ports) {
        const auto reserved = host::read_sysctl(files, "net.ipv4.ip_local_reserved_ports");
        facts.reserved = host::parse_port_list(reserved.value_or(""));
    }
    for (const Endpoint& source : facts.sources) {
        const auto name = host::interface_of(source);
        auto& names = facts.source_interfaces;
        if (name && std::find(names.begin(), names.end(), *name) == names.end()) names.push_back(*name);
    }
}

std::uint32_t cores_of(const plan::RunOptions& options, std::size_t usable) {
    const auto most = static_cast<std::uint32_t>(usable);
    const std::uint32_t wanted = options.cores == 0 ? most : std::min(options.cores, most);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, options.connections));
}

}  // namespace

std::uint64_t DoctorFacts::local_targets() const {
    const auto local = [](const TargetFacts& target) { return target.is_local(); };
    return static_cast<std::uint64_t>(std::count_if(targets.begin(), targets.end(), local));
}

std::uint64_t DoctorFacts::ends() const {
    return connections + divide_up(connections * local_targets(), targets.size());
}

std::uint64_t DoctorFacts::connections_of(std::uint64_t ends) const {
    return ends * targets.size() / (targets.size() + local_targets());
}

std::uint64_t DoctorFacts::ends_bytes() const {
    return connections * memory_each.bytes() + (ends() - connections) * memory_each.end_bytes();
}

std::uint64_t DoctorFacts::connections_in(std::uint64_t bytes) const {
    const std::uint64_t each =
        memory_each.bytes() * targets.size() + memory_each.end_bytes() * local_targets();
    return bytes * targets.size() / each;
}

std::uint64_t DoctorFacts::table_size() const {
    const std::uint64_t most = limits.open_files ? limits.open_files->hard : limits::kTableSizeMax;
    return std::clamp<std::uint64_t>(most, 1, limits::kTableSizeMax);
}

std::uint64_t DoctorFacts::rings() const {
    return cores * divide_up(divide_up(connections, cores), table_size());
}

Result<DoctorFacts> gather_facts(const plan::RunOptions& options, const host::HostFiles& files) {
    DoctorFacts facts;
    facts.connections = options.connections;
    facts.memory_each = plan::connection_memory(options);
    auto targets = find_targets(options, files);
    if (!targets) return targets.error();
    facts.targets = std::move(*targets);
    for (const Endpoint& source : options.source_addresses) {
        if (const auto usable = host::check_source_address(source); !usable) return usable.error();
    }
    read_sources(facts, options, files);
    facts.limits = host::read_process_limits(files);
    facts.kernel = read_kernel(files);
    facts.sysctls = read_sysctls(files);
    facts.sockets = host::read_socket_counts(files);
    facts.conntrack = host::read_conntrack(files);
    if (facts.conntrack && facts.conntrack->entries == 0) {
        host::send_datagram_to_self();
        facts.conntrack = host::read_conntrack(files);
    }
    facts.neighbours = host::count_neighbours(files);
    facts.memory = host::read_memory(files);
    if (facts.memory) facts.group = host::read_group_memory(files, facts.memory->total_bytes);
    facts.processors = host::read_processors(files, host::usable_cpus());
    facts.cores = cores_of(options, facts.processors.usable.size());
    return facts;
}

}  // namespace wsblast::search
