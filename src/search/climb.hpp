// From one plateau to the next: connections are opened until there are as many as were wanted, or something
// gives.
#pragma once

#include <cstdint>

#include "base/units.hpp"
#include "load/fleet.hpp"
#include "search/walk_parts.hpp"

namespace wsblast::search {

struct ClimbPlan {
    std::uint64_t wanted = 0;       // connections open at once
    std::uint64_t allowed_max = 0;  // attempts in all, those that replace failed ones included
    TimeNs connect_timeout_ns = 0;
    TimeNs began_ns = 0;  // the walk, for its progress
};

enum class ClimbEnd : std::uint8_t {
    reached,
    gave,  // too many failed, or were lost
    memory_short,
    interrupted,
};

struct Climb {
    ClimbEnd end = ClimbEnd::reached;
    load::FleetStatus before;
    load::FleetStatus after;  // nothing is in flight any more, unless it hung beyond its timeout
    TimeNs took_ns = 0;       // until it ended, without the wait for what was in flight
    // The rate at which they came: between the first and the last that was seen to open.
    double connections_per_s = 0;
    double opening_mean = 0;  // handshakes in flight

    [[nodiscard]] std::uint64_t opened() const {
        return after.counters.successful - before.counters.successful;
    }
    [[nodiscard]] std::uint64_t failed() const { return after.counters.failed - before.counters.failed; }
};

// Connections that were open and have ended though nobody wanted it.
[[nodiscard]] std::uint64_t lost(const load::FleetStatus& status);

// More than a chance: of `whole`, more than 1 %, and more than 20.
[[nodiscard]] bool too_many(std::uint64_t part, std::uint64_t whole);

// Opens up to `plan.wanted`. A failed attempt is replaced by another one as far as plan.allowed_max goes.
[[nodiscard]] Climb climb(Connections& connections, Surroundings& surroundings, const ClimbPlan& plan);

}  // namespace wsblast::search
