// What there must be before the first connection: the kernel's features, memory, names, CPUs, source
// ports. The main thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "load/engine.hpp"
#include "load/targets.hpp"
#include "plan/program.hpp"
#include "plan/run_options.hpp"
#include "ring/features.hpp"
#include "transport/source_plan.hpp"

namespace wsblast::load {

// Outlives the engine that is started with it, and does not move meanwhile.
struct Prepared {
    plan::Program program;
    ring::Features features;
    ResolvedTargets targets;
    std::vector<std::uint32_t> cpus;
    transport::SourcePlan sources;
    std::vector<std::string> warnings;  // of all of these
};

// Those of this process that run workers: as many as --cores says, and as there are.
struct Cpus {
    std::vector<std::uint32_t> chosen;
    std::vector<std::string> warnings;
};
[[nodiscard]] Cpus choose_cpus(const plan::RunOptions& options);

// Errors as of transport::SourcePlan; a source address that is none of this host's (usage).
[[nodiscard]] Result<transport::SourcePlan> plan_sources(const plan::RunOptions& options,
                                                         const ResolvedTargets& targets,
                                                         std::uint32_t workers, std::uint64_t seed);

// Errors: an unknown host, no io_uring, too few source ports, too little memory (environment); a bad URL or
// header (usage). An interrupt leaves out what takes time, and is the caller's to act on.
[[nodiscard]] Result<std::unique_ptr<Prepared>> prepare(const plan::RunOptions& options,
                                                        plan::Program program,
                                                        const std::function<bool()>& stop_requested);
// The same, with targets that are looked up already, and as many connections as find_room() has found to
// fit: memory is not looked at again.
[[nodiscard]] Result<std::unique_ptr<Prepared>> prepare(const plan::RunOptions& options,
                                                        plan::Program program, ResolvedTargets targets);

// The threads, which wait for go(). `script`: null, or what leads the connections; it outlives the engine.
[[nodiscard]] Result<std::unique_ptr<Engine>> start_engine(const Prepared& prepared,
                                                           const plan::RunOptions& options,
                                                           const EngineScript* script = nullptr);

}  // namespace wsblast::load
