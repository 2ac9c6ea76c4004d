// Everything that is known of a search for capacity at its end: plain data, from which its reports are
// made. What is unknown, or has no samples, is empty and never 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "stats/backend_use.hpp"
#include "stats/counters.hpp"
#include "stats/histogram.hpp"
#include "stats/key_counts.hpp"
#include "stats/limit.hpp"
#include "stats/result.hpp"

namespace wsblast::stats {

// One message to each connection of a sample of all that are open.
struct Probe {
    std::uint64_t asked = 0;
    std::uint64_t answered = 0;
    std::optional<Summary> latency{};
    GeneratorStatus generator = GeneratorStatus::ok;

    [[nodiscard]] std::uint64_t unanswered() const { return asked > answered ? asked - answered : 0; }
};

// At one moment, in bytes.
struct MemoryUse {
    std::uint64_t own = 0;  // resident memory of this process
    std::uint64_t kernel =
        0;                  // of this host: object caches and the like; the target's part where it is here
    std::uint64_t tcp = 0;  // data in the buffers of TCP
    std::optional<std::uint64_t> target{};  // resident memory of its processes, where they are here
};

// What a connection costs: between the first plateau and the last one.
struct BytesEach {
    std::optional<double> own{};
    std::optional<double> kernel{};
    std::optional<double> target{};
};

struct CacheGrowth {
    std::string name;
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
};

// A number of connections that was opened and looked at.
struct Plateau {
    std::uint64_t wanted = 0;
    std::uint64_t open = 0;    // at its end
    std::uint64_t failed = 0;  // attempts of this plateau
    std::uint64_t lost = 0;    // connections that were open before and have ended meanwhile
    double seconds = 0;        // of the climb to it
    double connections_per_s = 0;
    std::optional<Summary> tcp{};  // of this plateau's connections
    std::optional<Summary> upgrade{};
    std::optional<double> own_cpu_us{};  // for each new connection
    std::optional<double> target_cpu_us{};
    MemoryUse memory;
    std::optional<Probe> probe{};
    BackendUse backend;  // since the plateau before
};

// Who set the rate at which connections came.
enum class Pacemaker : std::uint8_t {
    asked,      // --connect-rate
    generator,  // this process had no CPU left
    target,
    path,  // or the target's listen queue, where it is elsewhere
};
[[nodiscard]] std::string_view to_text(Pacemaker pacemaker);

struct Pace {
    Pacemaker pacemaker = Pacemaker::target;
    double connections_per_s = 0;
    std::vector<std::string> evidence{};
};

// What happened while the connections were held.
struct Hold {
    double seconds = 0;
    std::uint64_t open_at_start = 0;
    std::uint64_t open_at_end = 0;
    std::uint64_t lost = 0;
    std::uint32_t probes = 0;
    std::uint64_t asked = 0;
    std::uint64_t answered = 0;
    std::optional<TimeNs> worst_p99_ns{};  // of a probe
    double churn_per_s = 0;                // the share that was asked for
    std::uint64_t churned = 0;
    std::uint64_t reopened = 0;
    std::uint64_t reopen_failures = 0;
};

// Many connections lost at once, and their way back.
struct StormResult {
    double share = 0;
    std::string policy{};  // "jittered, 1s up to 30s"
    std::uint64_t dropped = 0;
    std::uint64_t back = 0;
    std::optional<double> half_s{};  // until so many were back
    std::optional<double> most_s{};  // 99 %
    std::optional<double> all_s{};
    double waited_s = 0;
    std::uint64_t opening_peak = 0;  // handshakes in flight
    std::uint64_t failures = 0;      // attempts to come back that failed
    std::optional<double> connections_per_s{};
    std::optional<Summary> connect{};  // SYN to upgrade, of the way back
};

enum class CapacityEnding : std::uint8_t {
    held,      // as many as were asked for
    limit,     // fewer
    unsteady,  // they were, and then did not last: while they were held, or after a storm
    interrupted,
};
[[nodiscard]] std::string_view to_text(CapacityEnding ending);

struct CapacityResult {
    std::string version{};
    std::string started_at{};
    double duration_s = 0;
    int exit_status = 0;
    std::uint64_t seed = 0;
    TargetInfo target;
    std::string target_process{};  // where it is here; why it is not watched, where it is not
    std::uint32_t cores = 0;

    CapacityEnding ending = CapacityEnding::held;
    std::uint64_t wanted = 0;
    std::uint64_t held = 0;  // open at once, and a sample of them answered
    std::optional<Limit> limit{};
    std::optional<Pace> pace{};
    std::vector<Limit> findings{};  // what went wrong besides

    std::vector<Plateau> plateaus{};
    BytesEach bytes_each;
    std::vector<CacheGrowth> caches{};  // of the kernel, first plateau to last
    std::optional<Hold> hold{};
    std::optional<StormResult> storm{};

    CounterValues counters;
    KeyCountValues closes;
    KeyCountValues upgrade_status;
    std::vector<Excerpt> excerpts{};
    std::optional<TlsResult> tls{};  // with a secure URL
    std::vector<std::string> warnings{};
};

// What the search is doing, for a line of progress.
enum class CapacityPhase : std::uint8_t { opening, deciding, probing, holding, storm, closing };
struct CapacityProgress {
    CapacityPhase phase = CapacityPhase::opening;
    TimeNs elapsed_ns = 0;
    std::uint64_t open = 0;
    std::uint64_t wanted = 0;
    std::uint64_t opening = 0;  // handshakes in flight
    std::uint64_t away = 0;     // of a storm: not back yet
    double connections_per_s = 0;
    std::uint64_t failed = 0;
    std::optional<TimeNs> left_ns{};
};

}  // namespace wsblast::stats
