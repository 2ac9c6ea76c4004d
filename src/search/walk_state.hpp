// What the parts of a walk share: the connections, what was seen when all was well for the last time, and
// the result as far as it is known. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "load/fleet.hpp"
#include "search/limit_finder.hpp"
#include "search/walk_parts.hpp"
#include "stats/capacity_result.hpp"

namespace wsblast::search {

struct CapacityPlan;

class WalkState {
  public:
    // Everything lives longer than the state.
    WalkState(const CapacityPlan& plan, Connections& connections, Surroundings& surroundings);

    [[nodiscard]] Connections& connections() { return connections_; }
    [[nodiscard]] Surroundings& surroundings() { return surroundings_; }
    [[nodiscard]] TimeNs began_ns() const { return began_ns_; }
    // Before the first connection.
    [[nodiscard]] const Reading& first_reading() const { return first_reading_; }
    [[nodiscard]] std::uint64_t open() { return connections_.status().counters.open; }

    // One message to each of some `sample` of all connections; none without a sample, or without
    // connections.
    [[nodiscard]] std::optional<stats::Probe> probe(std::uint32_t sample);

    // All is well now: what comes is compared with this moment.
    void all_was_well();
    [[nodiscard]] const Reading& well_reading() const { return well_reading_; }
    [[nodiscard]] const load::FleetStatus& well_status() const { return well_status_; }
    // What was counted and recorded since then.
    [[nodiscard]] stats::Snapshot since_well();
    // What went wrong since then; `target` is what its process used meanwhile.
    [[nodiscard]] Evidence evidence(stats::BackendUse target, std::uint64_t unanswered);
    // Connections that were open, and were lost since then, are more than a chance.
    [[nodiscard]] bool lost_too_many();

    // A limit that ends it that way, or one that is only told. The first one that ends something is the
    // result's.
    void end_with(stats::CapacityEnding ending, std::optional<stats::Limit> limit);
    void mention(std::optional<stats::Limit> limit);
    [[nodiscard]] bool interrupted();
    void show(stats::CapacityPhase phase, std::optional<TimeNs> left_ns);

    // Totals.
    void finish();

    stats::CapacityResult result;

  private:
    const CapacityPlan& plan_;
    Connections& connections_;
    Surroundings& surroundings_;
    TimeNs began_ns_;
    Reading first_reading_;
    Reading well_reading_;
    load::FleetStatus well_status_;
    stats::Snapshot well_snapshot_;
};

// How much memory there is, for a limit that is reached before anybody fails.
[[nodiscard]] std::vector<std::string> memory_evidence(const Evidence& evidence);

}  // namespace wsblast::search
