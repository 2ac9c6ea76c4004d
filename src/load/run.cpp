#include "load/run.hpp"

#include <algorithm>
#include <utility>

#include "base/prng.hpp"
#include "host/cpus.hpp"
#include "host/resolve.hpp"
#include "host/resources.hpp"
#include "load/coordinator.hpp"
#include "load/engine.hpp"
#include "load/targets.hpp"
#include "plan/program.hpp"
#include "ring/features.hpp"
#include "text/format.hpp"
#include "transport/source_plan.hpp"

namespace wsblast::load {

namespace {

// What the kernel holds for one end of an idle connection: some 3 KB were measured for each, and ours.
constexpr std::uint64_t kConnectionBytes = 4 * kKiB;

struct Cpus {
    std::vector<std::uint32_t> chosen;
    std::vector<std::string> warnings;
};

Cpus choose_cpus(const plan::RunOptions& options) {
    Cpus cpus{host::usable_cpus(), {}};
    const auto usable = static_cast<std::uint32_t>(cpus.chosen.size());
    if (options.cores > usable) {
        cpus.warnings.push_back(
            text::format("--cores {}: this process may use {}, so {} run", options.cores, usable, usable));
    }
    std::uint64_t wanted = options.cores == 0 ? usable : std::min(options.cores, usable);
    wanted = std::min<std::uint64_t>(wanted, options.connections + options.listeners);
    cpus.chosen.resize(wanted);
    return cpus;
}

Result<void> check_memory(const plan::RunOptions& options) {
    const std::uint64_t available = host::memory_available_bytes();
    const std::uint64_t connections = options.connections + options.listeners;
    const std::uint64_t needed = connections * kConnectionBytes;
    if (available == 0 || needed <= available) return {};
    return environment_error(text::format(
        "{} connections need about {} MiB ({} KiB each, the kernel's part included), and {} MiB are "
        "available: open "
        "fewer, or free memory",
        with_thousands(connections), needed / kMiB, kConnectionBytes / kKiB, available / kMiB));
}

Result<transport::SourcePlan> plan_sources(const plan::RunOptions& options, const ResolvedTargets& targets,
                                           std::uint32_t workers, std::uint64_t seed) {
    for (const Endpoint& source : options.source_addresses) {
        if (const auto usable = host::check_source_address(source); !usable) return usable.error();
    }
    transport::SourcePlanInput input;
    input.targets = targets.destinations;
    input.sources = options.source_addresses;
    input.connections = options.connections + options.listeners;
    input.workers = workers;
    input.seed = seed;
    input.ports = options.source_ports.value_or(host::local_port_range());
    if (options.source_ports) return transport::SourcePlan::make(input);
    input.reserved = host::reserved_ports();
    // The kernel gives no program a port that is bound on any address: some are left to the others, unless
    // they are needed.
    const auto last = input.ports.last;
    if (input.ports.size() > 2 * limits::kPortsLeftToOthers) {
        input.reserved.push_back({static_cast<std::uint16_t>(last - limits::kPortsLeftToOthers + 1), last});
    }
    auto plan = transport::SourcePlan::make(input);
    if (plan) return plan;
    input.reserved = host::reserved_ports();
    return transport::SourcePlan::make(input);
}

}  // namespace

Result<stats::RunResult> run(const plan::RunOptions& options, const RunHooks& hooks) {
    const std::uint64_t seed = options.seed.value_or(random_seed());
    const auto program = plan::compile(options, seed);
    if (!program) return program.error();
    const auto features = ring::probe_features();
    if (!features) return features.error();
    if (const auto enough = check_memory(options); !enough) return enough.error();
    const auto targets = resolve_targets(options);
    if (!targets) return targets.error();
    Cpus cpus = choose_cpus(options);
    const auto sources =
        plan_sources(options, *targets, static_cast<std::uint32_t>(cpus.chosen.size()), seed);
    if (!sources) return sources.error();

    auto engine = Engine::start({.program = *program,
                                 .targets = targets->clients,
                                 .sources = *sources,
                                 .features = *features,
                                 .cpus = cpus.chosen,
                                 .connect_rate_per_s = options.connect_rate_per_s,
                                 .timestamps = options.timestamps});
    if (!engine) return engine.error();
    Coordinator coordinator(**engine, *program, options, hooks);
    coordinator.lead();
    stats::RunResult result = coordinator.result();
    result.connect.name_lookup = targets->name_lookup;
    for (const auto& more : {cpus.warnings, targets->warnings, sources->warnings()}) {
        result.warnings.insert(result.warnings.begin(), more.begin(), more.end());
    }
    return result;
}

}  // namespace wsblast::load
