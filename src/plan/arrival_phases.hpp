// When virtual users begin: phases one after the other, as a scenario file lists them.
//
// A pure function of the phases and the seed: user i is due at due_ns(i), whoever asks, on any core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "plan/poisson_arrivals.hpp"
#include "plan/run_options.hpp"

namespace wsblast::plan {

enum class PhaseKind : std::uint8_t {
    pause,     // nobody begins
    count,     // `count` users, evenly: user k (1 ..) at k * duration / count
    constant,  // `from_per_s`: floor(duration * rate) users, the first one after one interval
    ramp,      // from `from_per_s` to `to_per_s` in steps of a second: second t of n (0 ..) has
           // n(t) = from + (to - from) * t / (n - 1) users, one of them alone the mean; evenly within it,
           // the first one after one interval. The sum is rounded once, at the end of the phase
    hold,  // `count` users at the same time: who ends is followed by the next one
};

struct ArrivalPhase {
    PhaseKind kind = PhaseKind::constant;
    std::string name{};
    TimeNs duration_ns = 0;
    std::uint64_t count = 0;
    double from_per_s = 0;
    double to_per_s = 0;
    Arrivals arrivals = Arrivals::uniform;  // poisson: of `constant` alone
    std::uint64_t users_max = 0;            // maxVusers: an arrival above it is skipped; 0: none
};

// A phase on the time line of its plan, and the users that begin in it.
struct PhaseSpan {
    TimeNs begin_ns = 0;  // since the start
    TimeNs end_ns = 0;
    std::uint64_t first_user = 0;
    std::uint64_t users = 0;  // of `hold`: none are numbered
};

// `hold`: so many users at the same time, from begin_ns to end_ns.
struct HeldUsers {
    std::size_t phase = 0;
    TimeNs begin_ns = 0;
    TimeNs end_ns = 0;
    std::uint64_t users = 0;
};

// The phases laid out in time. Users are numbered from 0 in the order in which they are due; those of
// `hold` phases have no number, because the others decide when they begin.
//
// Immutable, for any thread. Nothing is allocated after construction; a phase takes some words.
class ArrivalPlan {
  public:
    ArrivalPlan() = default;
    // Phases that check_arrivals() accepts.
    ArrivalPlan(std::span<const ArrivalPhase> phases, std::uint64_t seed);

    [[nodiscard]] std::uint64_t users() const { return users_; }
    [[nodiscard]] TimeNs end_ns() const { return end_ns_; }  // of the last phase
    [[nodiscard]] std::size_t phases() const { return tracks_.size(); }
    [[nodiscard]] const PhaseSpan& span_of(std::size_t phase) const { return tracks_[phase].span; }
    [[nodiscard]] std::uint64_t users_of(std::size_t phase) const { return tracks_[phase].span.users; }
    [[nodiscard]] std::span<const HeldUsers> held() const { return held_; }

    // Of user < users(). due_ns() never falls from one user to the next, and lies within the user's phase.
    // Both take the logarithm of phases and seconds, and of a poisson phase some 40 halvings.
    [[nodiscard]] std::size_t phase_of(std::uint64_t user) const;
    [[nodiscard]] TimeNs due_ns(std::uint64_t user) const;

  private:
    struct Track {
        ArrivalPhase phase;
        PhaseSpan span;
        PoissonArrivals random{};  // poisson: who is due when
    };
    [[nodiscard]] static TimeNs due_in(const Track& track, std::uint64_t number);

    std::vector<Track> tracks_;
    std::vector<HeldUsers> held_;
    std::uint64_t users_ = 0;
    TimeNs end_ns_ = 0;
};

// Whether how many users it begins is a draw of the seed; on average they are rate times duration.
[[nodiscard]] bool is_random(const ArrivalPhase& phase);

// Usage error: a phase without a duration, a rate that is negative or no number, more users than
// limits::kUsersMax.
[[nodiscard]] Result<void> check_arrivals(std::span<const ArrivalPhase> phases);

}  // namespace wsblast::plan
