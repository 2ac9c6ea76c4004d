// What the walk to a capacity needs of the world: connections, and what can be seen beside them. The real
// ones are in live_parts.hpp; tests play whole stories with theirs. One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "host/slabs.hpp"
#include "load/fleet.hpp"
#include "plan/round.hpp"
#include "search/limit_finder.hpp"
#include "stats/backend_use.hpp"
#include "stats/capacity_result.hpp"
#include "stats/result.hpp"
#include "stats/shard.hpp"

namespace wsblast::search {

// How often the walk looks what has become of what it has asked for.
inline constexpr TimeNs kWalkLookNs = 5 * kMillisecond;

// As of load::Fleet, which see.
class Connections {
  public:
    virtual ~Connections() = default;

    virtual void open_to(std::uint64_t connections) = 0;
    // Begins no more of those that were allowed; open_to() allows more again.
    virtual void stop_opening() = 0;
    [[nodiscard]] virtual load::FleetStatus status() = 0;
    [[nodiscard]] virtual stats::Snapshot snapshot() = 0;
    [[nodiscard]] virtual Result<stats::RunResult> round(const plan::Round& round) = 0;
    virtual void drop(const plan::Storm& storm) = 0;
    virtual void churn(double share_per_s) = 0;
};

// Everything beside the connections, at one moment.
struct Reading {
    TimeNs at_ns = 0;
    TimeNs own_cpu_ns = 0;  // of all threads of this process
    stats::MemoryUse memory;
    std::vector<host::Slab> caches;
    HostState host;
};

class Surroundings {
  public:
    virtual ~Surroundings() = default;

    [[nodiscard]] virtual TimeNs now_ns() = 0;
    virtual void wait(TimeNs time_ns) = 0;
    [[nodiscard]] virtual bool stop_requested() = 0;
    [[nodiscard]] virtual Reading read() = 0;
    // What the target's process used since the call before; unwatched where it is not here.
    [[nodiscard]] virtual stats::BackendUse target_use() = 0;
    // 0: unknown.
    [[nodiscard]] virtual std::uint64_t memory_available_bytes() = 0;
    virtual void show(const stats::CapacityProgress& progress) = 0;
};

}  // namespace wsblast::search
