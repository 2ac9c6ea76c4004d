#include "search/doctor_sources.hpp"

#include "base/limits.hpp"
#include "search/doctor_rows.hpp"

namespace wsblast::search {

namespace {

constexpr PortRange kAllPorts{1'024, 65'535};

std::uint64_t time_wait_of(const DestinationFacts& destination, const SysctlFacts& sysctls) {
    // With time stamps a socket that asks for it may follow one in TIME_WAIT after a second: everywhere
    // with 1, over loopback with 2 (net.ipv4.tcp_tw_reuse).
    constexpr std::uint64_t kEverywhere = 1;
    constexpr std::uint64_t kLoopback = 2;
    const std::uint64_t reuse = sysctls.tw_reuse.value_or(0);
    const bool stamped = sysctls.timestamps.value_or(0) != 0;
    const bool covered =
        reuse == kEverywhere || (reuse == kLoopback && destination.place == Place::loopback);
    return stamped && covered ? 0 : destination.taken.time_wait;
}

bool picks_sources(const DoctorFacts& facts, const DestinationFacts& destination) {
    return facts.sources.empty() && destination.has_own_sources();
}

struct Taken {
    std::uint64_t in_use = 0;
    std::uint64_t time_wait = 0;  // that cannot be used again yet
    std::uint64_t time_wait_reusable = 0;

    [[nodiscard]] std::uint64_t pairs() const { return in_use + time_wait; }
};

Taken taken_pairs(const DoctorFacts& facts) {
    Taken taken;
    for (const TargetFacts& target : facts.targets) {
        for (const DestinationFacts& destination : target.destinations) {
            if (picks_sources(facts, destination)) continue;
            const std::uint64_t blocked = time_wait_of(destination, facts.sysctls);
            taken.in_use += destination.taken.in_use;
            taken.time_wait += blocked;
            taken.time_wait_reusable += destination.taken.time_wait - blocked;
        }
    }
    return taken;
}

transport::SourcePlanInput plan_input(const DoctorFacts& facts) {
    transport::SourcePlanInput input;
    for (const TargetFacts& target : facts.targets) {
        auto& destinations = input.targets.emplace_back();
        for (const DestinationFacts& one : target.destinations) destinations.push_back(one.destination);
    }
    input.sources = facts.sources;
    input.ports = facts.ports;
    input.reserved = facts.reserved;
    input.workers = facts.cores;
    return input;
}

bool can_carry(transport::SourcePlanInput& input, std::uint64_t connections) {
    input.connections = connections;
    return transport::SourcePlan::make(input).ok();
}

std::uint64_t count_ports(const DoctorFacts& facts) {
    std::uint64_t count = 0;
    for (std::uint32_t port = facts.ports.first; port <= facts.ports.last; ++port) {
        bool free = port != 0;
        for (const PortRange& range : facts.reserved)
            free = free && !range.contains(static_cast<std::uint16_t>(port));
        for (const TargetFacts& target : facts.targets)
            free = free && target.destinations.front().destination.address.port() != port;
        count += free ? 1 : 0;
    }
    return count;
}

std::string sources_text(const DoctorFacts& facts) {
    const DestinationFacts& first = facts.targets.front().destinations.front();
    if (picks_sources(facts, first)) {
        return text::format("up to {} source addresses of 127.0.0.0/8",
                            with_thousands(limits::kSourceAddressesMax));
    }
    if (facts.sources.empty())
        return text::format("1 source address ({})", address_text(first.destination.local));
    return text::format("{} source address{}", with_thousands(facts.sources.size()),
                        facts.sources.size() == 1 ? "" : "es");
}

std::uint64_t count_destinations(const DoctorFacts& facts) {
    std::uint64_t count = 0;
    for (const TargetFacts& target : facts.targets) count += target.destinations.size();
    return count;
}

// What would carry them: a wider range where it is the kernel's, more addresses where that is not enough.
void mend(LimitCheck& row, const DoctorFacts& facts) {
    const std::uint64_t destinations = count_destinations(facts);
    const bool automatic = !facts.explicit_ports;
    const PortRange wide{std::min(facts.ports.first, kAllPorts.first), kAllPorts.last};
    const std::uint64_t ports = automatic ? wide.size() : count_ports(facts);
    if (automatic && wide != facts.ports) {
        mend_by(row, {SettingPlace::sysctl, "net.ipv4.ip_local_port_range",
                      text::format("{} {}", wide.first, wide.last)});
    }
    const std::uint64_t addresses =
        divide_up(facts.connections, std::max<std::uint64_t>(1, ports * destinations));
    if (addresses <= std::max<std::uint64_t>(1, facts.sources.size()) && !row.remedy.empty()) return;
    row.remedy += text::format(
        "{}{} source addresses with --source-ip ('sudo ip address add ADDRESS dev NAME'), "
        "or as many ports of the target with --url",
        row.remedy.empty() ? "" : "; and ", std::max<std::uint64_t>(2, addresses));
    if (!automatic) row.remedy += ", or wider --source-ports";
}

}  // namespace

std::uint64_t pairs_ceiling(const DoctorFacts& facts) {
    transport::SourcePlanInput input = plan_input(facts);
    std::uint64_t carried = 0;
    std::uint64_t too_many = limits::kConnectionsMax + 1;
    if (can_carry(input, limits::kConnectionsMax)) carried = limits::kConnectionsMax;
    while (carried < limits::kConnectionsMax && too_many - carried > 1) {
        const std::uint64_t middle = carried + (too_many - carried) / 2;
        (can_carry(input, middle) ? carried : too_many) = middle;
    }
    const std::uint64_t taken = taken_pairs(facts).pairs();
    return carried > taken ? carried - taken : 0;
}

LimitCheck source_ports_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "source_ports", .name = "source ports"};
    const std::uint64_t ceiling = pairs_ceiling(facts);
    const Taken taken = taken_pairs(facts);
    const std::uint64_t destinations = count_destinations(facts);
    put_here(row, ceiling);
    if (ceiling == limits::kConnectionsMax) row.here = "enough";
    put_needed(row, facts.connections);
    row.arithmetic = text::format("{} x {} ports ({}-{}) x {} target address{}", sources_text(facts),
                                  with_thousands(count_ports(facts)), facts.ports.first, facts.ports.last,
                                  destinations, destinations == 1 ? "" : "es");
    if (taken.pairs() > 0) row.arithmetic += text::format(", less {} taken", with_thousands(taken.pairs()));
    row.connections_max = ceiling;
    if (ceiling >= facts.connections) return row;
    row.status = LimitStatus::fail;
    row.why =
        "toward one address and port, every pair of a source address and a port carries one connection";
    mend(row, facts);
    return row;
}

LimitCheck time_wait_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "time_wait", .name = "TIME_WAIT"};
    if (!facts.sysctls.tw_reuse) return unknown(row, "net.ipv4.tcp_tw_reuse");
    const Taken taken = taken_pairs(facts);
    put_here(row, taken.time_wait);
    row.arithmetic = text::format(
        "pairs toward the targets that ended within the last minute and are not free yet; {} more may be "
        "used "
        "again after a second (net.ipv4.tcp_tw_reuse is {})",
        with_thousands(taken.time_wait_reusable), *facts.sysctls.tw_reuse);
    if (taken.time_wait == 0) return row;
    if (pairs_ceiling(facts) >= facts.connections) return row;
    row.status = LimitStatus::warn;
    row.why = "they are missing until the minute is over";
    mend_by(row, {SettingPlace::sysctl, "net.ipv4.tcp_tw_reuse", "1"});
    return row;
}

}  // namespace wsblast::search
