#include "load/prepare.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "host/cpus.hpp"
#include "host/resolve.hpp"
#include "host/resources.hpp"
#include "load/redirects.hpp"
#include "plan/connection_memory.hpp"
#include "text/format.hpp"

namespace wsblast::load {

namespace {

Result<void> check_memory(const plan::RunOptions& options) {
    const std::uint64_t available = host::memory_available_bytes();
    const std::uint64_t connections = options.connections + options.listeners;
    const plan::ConnectionMemory each = plan::connection_memory(options);
    const std::uint64_t needed = connections * each.bytes();
    if (available == 0 || needed <= available) return {};
    const std::string_view remedy =
        each.deflater_bytes == 0 ? "open fewer, or free memory"
                                 : "open fewer, narrow the window with client_max_window_bits, or offer "
                                   "client_no_context_takeover";
    return environment_error(
        text::format("{} connections need about {} MiB (each {}; the kernel's part included), and {} MiB "
                     "are available: {}",
                     with_thousands(connections), with_thousands(needed / kMiB), each.text(),
                     with_thousands(available / kMiB), remedy));
}

}  // namespace

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

Result<transport::SourcePlan> plan_sources(const plan::RunOptions& options, const ResolvedTargets& targets,
                                           std::uint32_t workers, std::uint64_t seed) {
    for (const Endpoint& source : options.source_addresses) {
        if (const auto usable = host::check_source_address(source); !usable) return usable.error();
    }
    transport::SourcePlanInput input;
    input.targets = targets.destinations;
    input.begins = targets.clients.size();
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

Result<std::unique_ptr<Prepared>> prepare(const plan::RunOptions& options, plan::Program program,
                                          const std::function<bool()>& stop_requested) {
    auto targets = resolve_targets(options);
    if (!targets) return targets.error();
    if (const auto enough = check_memory(options); !enough) return enough.error();
    if (options.access.redirects != plan::Redirects::refuse)
        find_redirects(options, *targets, stop_requested);
    return prepare(options, std::move(program), std::move(*targets));
}

Result<std::unique_ptr<Prepared>> prepare(const plan::RunOptions& options, plan::Program program,
                                          ResolvedTargets targets) {
    const auto features = ring::probe_features();
    if (!features) return features.error();
    Cpus cpus = choose_cpus(options);
    auto sources =
        plan_sources(options, targets, static_cast<std::uint32_t>(cpus.chosen.size()), program.seed);
    if (!sources) return sources.error();
    // How many connections users will have at the same time nobody knows: `connections` is address space.
    plan::RunOptions opened = options;
    if (program.lead == plan::Lead::users) opened.connections = 0;
    program.deflate_bytes_max =
        plan::deflate_bytes_max(opened, host::memory_available_bytes(), cpus.chosen.size());
    std::vector<std::string> warnings;
    for (const auto& more : {sources->warnings(), targets.warnings, cpus.warnings})
        warnings.insert(warnings.end(), more.begin(), more.end());
    return std::make_unique<Prepared>(Prepared{std::move(program), *features, std::move(targets),
                                               std::move(cpus.chosen), std::move(*sources),
                                               std::move(warnings)});
}

Result<std::unique_ptr<Engine>> start_engine(const Prepared& prepared, const plan::RunOptions& options,
                                             const EngineScript* script) {
    return Engine::start({.program = prepared.program,
                          .targets = prepared.targets.clients,
                          .routes = prepared.targets.routes,
                          .tls = options.tls,
                          .redirects = prepared.targets.redirects.get(),
                          .sources = prepared.sources,
                          .features = prepared.features,
                          .cpus = prepared.cpus,
                          .connect_rate_per_s = options.connect_rate_per_s,
                          .timestamps = options.timestamps,
                          .script = script});
}

}  // namespace wsblast::load
