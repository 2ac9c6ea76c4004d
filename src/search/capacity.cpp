#include "search/capacity.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "search/aftermath.hpp"
#include "search/pace.hpp"
#include "search/walk_state.hpp"

namespace wsblast::search {

namespace {

using stats::CapacityEnding;
using stats::Plateau;

constexpr double kNsPerUs = 1e3;
constexpr std::size_t kCachesMax = 8;

std::optional<double> each(double whole, std::uint64_t parts) {
    if (parts == 0) return std::nullopt;
    return whole / static_cast<double>(parts);
}

std::optional<double> cpu_ns(const stats::BackendUse& use) {
    const auto cores = use.cpu();
    if (!cores) return std::nullopt;
    return *cores * use.seconds * kNsPerS;
}

class Walk {
  public:
    Walk(const CapacityPlan& plan, Connections& connections, Surroundings& surroundings)
        : plan_(plan), state_(plan, connections, surroundings) {}

    stats::CapacityResult go() {
        stats::CapacityResult& result = state_.result;
        result.wanted = plan_.wanted;
        result.cores = plan_.cores;
        for (const std::uint64_t wanted : plan_.plateaus) {
            if (!reach(wanted)) break;
        }
        if (result.ending == CapacityEnding::held && plan_.ceiling) {
            result.ending = CapacityEnding::limit;
            result.limit = plan_.ceiling;
            result.limit->count = result.held;
        }
        compare_memory();
        if (result.ending != CapacityEnding::interrupted && state_.open() > 0)
            after_the_walk(plan_, state_);
        state_.finish();
        return std::move(result);
    }

  private:
    // False when it goes no further.
    bool reach(std::uint64_t wanted) {
        const Reading before = state_.well_reading();
        const Climb climbed =
            climb(state_.connections(), state_.surroundings(),
                  {wanted, plan_.allowed_max, plan_.connect_timeout_ns, state_.began_ns()});
        const stats::BackendUse target = state_.surroundings().target_use();
        const Reading after = state_.surroundings().read();
        Plateau plateau = describe(wanted, climbed);
        plateau.memory = after.memory;
        plateau.backend = target;
        plateau.own_cpu_us =
            each(static_cast<double>(after.own_cpu_ns - before.own_cpu_ns) / kNsPerUs, climbed.opened());
        // The kernel counts another process's time in ticks of 10 ms.
        constexpr double kTellingNs = 100e6;
        if (const auto used = cpu_ns(target); used && *used >= kTellingNs) {
            plateau.target_cpu_us = each(*used / kNsPerUs, climbed.opened());
        }
        note_pace(climbed, plateau, {before, after, target});
        last_caches_ = after.caches;
        const bool interrupted = climbed.end == ClimbEnd::interrupted;
        if (!interrupted) plateau.probe = state_.probe(plan_.sample);
        state_.result.plateaus.push_back(std::move(plateau));
        if (!interrupted) return judge(climbed, target);
        state_.result.ending = CapacityEnding::interrupted;
        state_.result.held = climbed.after.counters.open;
        return false;
    }

    [[nodiscard]] Plateau describe(std::uint64_t wanted, const Climb& climbed) {
        const stats::Snapshot meanwhile = state_.since_well();
        Plateau plateau;
        plateau.wanted = wanted;
        plateau.open = climbed.after.counters.open;
        plateau.failed = climbed.failed();
        plateau.lost = lost(climbed.after) - lost(climbed.before);
        plateau.seconds = static_cast<double>(climbed.took_ns) / kNsPerS;
        plateau.connections_per_s = climbed.connections_per_s;
        plateau.tcp = meanwhile.connect_tcp.summarize();
        plateau.upgrade = meanwhile.connect_upgrade.summarize();
        return plateau;
    }

    struct Meanwhile {
        const Reading& before;
        const Reading& after;
        const stats::BackendUse& target;
    };
    // The pace is that of the climb with most connections: the longest look at it.
    void note_pace(const Climb& climbed, const Plateau& plateau, const Meanwhile& meanwhile) {
        if (climbed.opened() <= paced_) return;
        paced_ = climbed.opened();
        const TimeNs own_ns = meanwhile.after.own_cpu_ns - meanwhile.before.own_cpu_ns;
        PaceInput input;
        input.connections_per_s = climbed.connections_per_s;
        input.opening_mean = climbed.opening_mean;
        input.asked_per_s = plan_.connect_rate_per_s;
        input.own_cores_busy =
            static_cast<double>(own_ns) / static_cast<double>(std::max<TimeNs>(1, climbed.took_ns));
        input.cores = plan_.cores;
        input.tcp = plateau.tcp;
        input.upgrade = plateau.upgrade;
        input.target = meanwhile.target;
        state_.result.pace = pace_of(input);
    }

    // What the climb and the probe after it have come to. False: it goes no further. Where connections do
    // not answer any more those of the plateau before were held; where no more can be opened those that
    // were, though a target that is out of something may then not answer them.
    bool judge(const Climb& climbed, const stats::BackendUse& target) {
        const stats::Probe probe = state_.result.plateaus.back().probe.value_or(stats::Probe{});
        Evidence evidence = state_.evidence(target, probe.unanswered());
        evidence.open = climbed.after.counters.open;
        std::optional<stats::Limit> found = find_limit(evidence);
        if (climbed.end == ClimbEnd::memory_short) {
            found = stats::Limit{stats::LimitKind::memory, evidence.open, {}};
            found->evidence = memory_evidence(evidence);
        }
        const bool unanswered =
            too_many(probe.unanswered(), probe.asked) || (probe.asked > 0 && probe.answered == 0);
        const bool gave = climbed.end != ClimbEnd::reached || unanswered || state_.lost_too_many();
        state_.all_was_well();
        if (climbed.end != ClimbEnd::reached || !unanswered) state_.result.held = evidence.open;
        if (gave) {
            state_.end_with(CapacityEnding::limit, std::move(found));
        } else {
            state_.mention(std::move(found));
        }
        return !gave;
    }

    // What a connection costs: from the first plateau on, where the walk is long enough, since the first
    // ones pay for what all share.
    void compare_memory() {
        const std::vector<Plateau>& plateaus = state_.result.plateaus;
        if (plateaus.empty()) return;
        constexpr std::uint64_t kLongEnough = 4;
        // What all connections share, buffers and tables, comes to megabytes: few would be told to be dear.
        constexpr std::uint64_t kConnectionsToTell = 20'000;
        const stats::MemoryUse& last = plateaus.back().memory;
        const bool is_long = plateaus.back().open >= kLongEnough * plateaus.front().open;
        const stats::MemoryUse& first = is_long ? plateaus.front().memory : state_.first_reading().memory;
        const std::uint64_t more = plateaus.back().open - (is_long ? plateaus.front().open : 0);
        if (more < kConnectionsToTell) return;
        const auto slope = [more](std::uint64_t later, std::uint64_t earlier) {
            return (static_cast<double>(later) - static_cast<double>(earlier)) / static_cast<double>(more);
        };
        stats::BytesEach& bytes = state_.result.bytes_each;
        bytes.own = slope(last.own, first.own);
        // Other programs use the kernel's memory too: a total that shrank says nothing of connections.
        if (last.kernel > first.kernel) bytes.kernel = slope(last.kernel, first.kernel);
        if (last.target && first.target) bytes.target = slope(*last.target, *first.target);
        for (const host::Slab& cache :
             host::growth(last_caches_, state_.first_reading().caches, kCachesMax)) {
            state_.result.caches.push_back({cache.name, cache.objects, cache.bytes});
        }
    }

    const CapacityPlan& plan_;
    WalkState state_;
    std::vector<host::Slab> last_caches_;
    std::uint64_t paced_ = 0;  // connections of the climb that the pace is of
};

}  // namespace

std::vector<std::uint64_t> plateaus_to(std::uint64_t last, std::uint64_t step) {
    constexpr std::uint64_t kLeastPlateaus = 4;
    std::vector<std::uint64_t> plateaus;
    if (step > 0) {
        for (std::uint64_t at = step; at < last; at += step) plateaus.push_back(at);
    } else {
        const std::uint64_t small = std::max<std::uint64_t>(1, last / kLeastPlateaus);
        for (std::uint64_t at = std::min(limits::kPlateauFirst, small); at < last; at *= 2) {
            plateaus.push_back(at);
        }
    }
    plateaus.push_back(last);
    return plateaus;
}

stats::CapacityResult find_capacity(const CapacityPlan& plan, Connections& connections,
                                    Surroundings& surroundings) {
    return Walk(plan, connections, surroundings).go();
}

}  // namespace wsblast::search
