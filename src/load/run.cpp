#include "load/run.hpp"

#include <utility>

#include "base/prng.hpp"
#include "load/coordinator.hpp"
#include "load/prepare.hpp"
#include "plan/program.hpp"

namespace wsblast::load {

Result<stats::RunResult> run(const plan::RunOptions& options, const RunHooks& hooks) {
    auto program = plan::compile(options, options.seed.value_or(random_seed()));
    if (!program) return program.error();
    const auto prepared = prepare(options, std::move(*program), hooks.stop_requested);
    if (!prepared) return prepared.error();
    const auto engine = start_engine(**prepared, options);
    if (!engine) return engine.error();
    Coordinator coordinator(**engine, (*prepared)->program, options, hooks);
    coordinator.lead();
    stats::RunResult result = coordinator.result();
    result.connect.name_lookup = (*prepared)->targets.name_lookup;
    const auto& warnings = (*prepared)->warnings;
    result.warnings.insert(result.warnings.begin(), warnings.begin(), warnings.end());
    return result;
}

}  // namespace wsblast::load
