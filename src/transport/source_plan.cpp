#include "transport/source_plan.hpp"

#include <algorithm>
#include <bitset>
#include <cassert>
#include <unordered_set>
#include <utility>

#include "base/units.hpp"
#include "text/format.hpp"

namespace wsblast::transport {

using detail::PairSequence;
using detail::SourceTable;

namespace {

// One distinct destination, however many targets name it, and what it must and can carry.
struct Demand {
    Destination destination;
    std::uint64_t per_worker = 0;  // connections of the worker that has most
    std::vector<Endpoint> sources;

    [[nodiscard]] std::uint64_t needed(std::uint32_t workers) const { return per_worker * workers; }
};

using Targets = std::vector<std::vector<Destination>>;

constexpr std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
    return (value + by - 1) / by;
}

std::vector<std::uint16_t> usable_ports(const SourcePlanInput& input) {
    std::bitset<65'536> excluded;
    for (const PortRange& range : input.reserved) {
        for (std::uint32_t port = range.first; port <= range.last; ++port) excluded.set(port);
    }
    for (const auto& target : input.targets) {
        for (const Destination& destination : target) excluded.set(destination.address.port());
    }
    std::vector<std::uint16_t> ports;
    for (std::uint32_t port = input.ports.first; port <= input.ports.last; ++port) {
        if (port != 0 && !excluded[port]) ports.push_back(static_cast<std::uint16_t>(port));
    }
    return ports;
}

// Addresses of 127.0.0.0/8 that carry `pairs`, from a random place in it. 127.0 and 127.255 are left alone:
// they hold 127.0.0.1, what resolvers listen on, and the broadcast addresses.
std::vector<Endpoint> loopback_sources(std::uint64_t pairs, std::uint64_t ports, std::uint64_t random) {
    constexpr std::uint32_t kFirst = 0x7f010000;  // 127.1.0.0
    constexpr std::uint32_t kLast = 0x7ffeffff;   // 127.254.255.255
    const std::uint64_t wanted = ports == 0 ? 0 : divide_up(pairs, ports);
    const auto count =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, limits::kSourceAddressesMax));
    const auto first = kFirst + static_cast<std::uint32_t>(below(random, kLast - kFirst - count));
    std::vector<Endpoint> sources;
    for (std::uint32_t i = 0; i < count; ++i) sources.push_back(make_ipv4(first + i, 0));
    return sources;
}

// The explicit sources of a family, each once: ranges may overlap.
std::vector<Endpoint> sources_of(const SourcePlanInput& input, int family) {
    std::vector<Endpoint> sources;
    std::unordered_set<std::string> seen;
    for (const Endpoint& source : input.sources) {
        if (source.family() == family && seen.insert(address_text(source)).second)
            sources.push_back(source);
    }
    return sources;
}

std::vector<Endpoint> sources_for(const SourcePlanInput& input, const Demand& demand, std::uint64_t ports) {
    const Endpoint& destination = demand.destination.address;
    if (destination.is_unix()) return {};
    if (!input.sources.empty()) return sources_of(input, destination.family());
    if (destination.family() == AF_INET && destination.is_loopback()) {
        const std::uint64_t needed = demand.needed(input.workers);
        const std::uint64_t spare = std::max<std::uint64_t>(limits::kSourceTriesMax, needed / 100);
        return loopback_sources(needed + spare, ports, draw(input.seed, Stream::source_offset, 0));
    }
    if (demand.destination.local.length == 0) return {};
    return {demand.destination.local};
}

// Every distinct destination of the targets. Connections go to the targets in turn, in each worker, and to
// a target's addresses in turn; each division may leave one more for somebody.
std::vector<Demand> demands_of(const SourcePlanInput& input, const Targets& targets, std::uint64_t ports) {
    const std::size_t begins = input.begins == 0 ? targets.size() : input.begins;
    const std::uint64_t per_target = divide_up(divide_up(input.connections, input.workers), begins);
    std::vector<Demand> demands;
    for (const auto& target : targets) {
        for (const Destination& destination : target) {
            auto found = std::find_if(demands.begin(), demands.end(), [&](const Demand& demand) {
                return demand.destination.address == destination.address;
            });
            if (found == demands.end()) found = demands.insert(found, Demand{destination, 0, {}});
            found->per_worker += divide_up(per_target, target.size());
        }
    }
    for (Demand& demand : demands) demand.sources = sources_for(input, demand, ports);
    return demands;
}

// "127.0.0.1:8000: 1 source address x 28,232 ports = 28,232 pairs < 50,000 connections"
std::string arithmetic(const Demand& demand, std::uint64_t ports, std::uint64_t needed) {
    const std::string name = to_text(demand.destination.address);
    const std::size_t sources = demand.sources.size();
    if (sources == 0) return text::format("{}: no local address of its family leads there", name);
    return text::format("{}: {} source address{} x {} ports = {} pairs < {} connections", name,
                        with_thousands(sources), sources == 1 ? "" : "es", with_thousands(ports),
                        with_thousands(sources * ports), with_thousands(needed));
}

std::string remedy(const Demand& demand) {
    if (demand.sources.empty()) return "use a --source-ip of its family, or another --url";
    return "add addresses with --source-ip, widen --source-ports, or lower --connections";
}

// The destination that falls short by the most, or null when all suffice.
const Demand* find_short(const std::vector<Demand>& demands, std::uint64_t ports, std::uint32_t workers) {
    const Demand* worst = nullptr;
    for (const Demand& demand : demands) {
        if (demand.destination.address.is_unix()) continue;
        if (demand.sources.size() * ports >= demand.needed(workers)) continue;
        if (worst == nullptr || demand.sources.size() < worst->sources.size()) worst = &demand;
    }
    return worst;
}

// Takes the family of `address` from every target that names it and has another; false when one has none.
bool leave_out(Targets& targets, const Endpoint& address) {
    for (auto& target : targets) {
        const bool named = std::any_of(target.begin(), target.end(),
                                       [&](const Destination& one) { return one.address == address; });
        if (!named) continue;
        std::erase_if(target,
                      [&](const Destination& one) { return one.address.family() == address.family(); });
        if (target.empty()) return false;
    }
    return true;
}

SourceTable tabulate(const SourcePlanInput& input, const Targets& targets, std::vector<Demand> demands) {
    SourceTable table;
    table.ports = usable_ports(input);
    table.workers = input.workers;
    for (Demand& demand : demands) {
        PairSequence sequence{demand.destination.address, std::move(demand.sources), 0, 0};
        sequence.lanes = sequence.sources.size() * table.ports.size() / input.workers;
        const std::uint64_t random = draw(input.seed, Stream::source_offset, 1 + table.sequences.size());
        if (sequence.lanes > 0) sequence.first_lane = below(random, sequence.lanes);
        table.sequences.push_back(std::move(sequence));
    }
    for (const auto& target : targets) {
        auto& indexes = table.targets.emplace_back();
        for (const Destination& destination : target) {
            const auto found = std::find_if(
                table.sequences.begin(), table.sequences.end(),
                [&](const PairSequence& sequence) { return sequence.destination == destination.address; });
            indexes.push_back(static_cast<std::uint32_t>(found - table.sequences.begin()));
        }
    }
    return table;
}

}  // namespace

Result<SourcePlan> SourcePlan::make(const SourcePlanInput& input) {
    assert(!input.targets.empty() && input.connections > 0 && input.workers > 0);
    const std::uint64_t ports = usable_ports(input).size();
    if (ports == 0) return environment_error("no source port is left: widen --source-ports");
    Targets targets = input.targets;
    std::vector<std::string> warnings;
    for (;;) {
        std::vector<Demand> demands = demands_of(input, targets, ports);
        const Demand* const lacking = find_short(demands, ports, input.workers);
        if (lacking == nullptr) {
            auto table = std::make_shared<const SourceTable>(tabulate(input, targets, std::move(demands)));
            return SourcePlan(std::move(table), std::move(warnings));
        }
        const std::string reason = arithmetic(*lacking, ports, lacking->needed(input.workers));
        if (!leave_out(targets, lacking->destination.address)) {
            return environment_error(reason + "; " + remedy(*lacking));
        }
        const char* const family = lacking->destination.address.family() == AF_INET6 ? "IPv6" : "IPv4";
        warnings.push_back(text::format("{} is left out: {}", family, reason));
    }
}

SourcePlan::SourcePlan(std::shared_ptr<const SourceTable> table, std::vector<std::string> warnings)
    : table_(std::move(table)), warnings_(std::move(warnings)) {}

SourceSlice SourcePlan::slice(std::uint32_t worker) const {
    assert(worker < table_->workers);
    return SourceSlice(table_, worker);
}

SourceSlice::SourceSlice(std::shared_ptr<const SourceTable> table, std::uint32_t worker)
    : table_(std::move(table)), worker_(worker), turns_(table_->targets.size(), 0) {
    for (const PairSequence& sequence : table_->sequences) lanes_.push_back(sequence.first_lane);
}

SourcePair SourceSlice::next(TargetId target) {
    const std::vector<std::uint32_t>& addresses = table_->targets[target];
    const std::uint32_t index = addresses[turns_[target]];
    if (++turns_[target] == addresses.size()) turns_[target] = 0;

    const PairSequence& sequence = table_->sequences[index];
    if (sequence.destination.is_unix()) return {{}, sequence.destination};
    const std::uint64_t pair = lanes_[index] * table_->workers + worker_;
    if (++lanes_[index] == sequence.lanes) lanes_[index] = 0;
    const std::size_t ports = table_->ports.size();
    return {with_port(sequence.sources[pair / ports], table_->ports[pair % ports]), sequence.destination};
}

std::uint64_t SourceSlice::pairs(TargetId target) const {
    std::uint64_t least = ~std::uint64_t{0};
    for (const std::uint32_t index : table_->targets[target]) {
        least = std::min(least, table_->sequences[index].lanes);
    }
    return least;
}

}  // namespace wsblast::transport
