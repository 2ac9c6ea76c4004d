#include "plan/arrival_phases.hpp"

#include <algorithm>
#include <cmath>

#include "base/limits.hpp"
#include "base/prng.hpp"

namespace wsblast::plan {

namespace {

// Of a user, for sums and products of fractions: 10 s of 0.1/s are one user, and 0.1 * 10 is a little less
// than 1 in other cases.
constexpr double kTolerance = 1e-6;

// A ramp is a stair: in each second a constant rate.
class Stair {
  public:
    explicit Stair(const ArrivalPhase& phase)
        : seconds_(to_seconds(phase.duration_ns)),
          steps_(std::max<std::uint64_t>(1, (phase.duration_ns + kSecond - 1) / kSecond)),
          from_(steps_ == 1 ? (phase.from_per_s + phase.to_per_s) / 2 : phase.from_per_s),
          slope_(steps_ == 1 ? 0 : (phase.to_per_s - phase.from_per_s) / static_cast<double>(steps_ - 1)) {}

    [[nodiscard]] std::uint64_t users() const {
        return static_cast<std::uint64_t>(std::floor(total() + 0.5 + kTolerance));
    }

    // When the count of users that have begun reaches `count`. What the rounding has added comes at the
    // end.
    [[nodiscard]] TimeNs time_of(double count) const {
        std::uint64_t low = 0;  // the first step at whose end they have
        std::uint64_t high = steps_ - 1;
        while (low < high) {
            const std::uint64_t middle = low + (high - low) / 2;
            if (before(middle + 1) >= count) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        const double rate = rate_of(low);
        const double within = rate > 0 ? (count - before(low)) / rate : 1.0;
        const double time_s = static_cast<double>(low) + std::clamp(within, 0.0, 1.0);
        return static_cast<TimeNs>(std::llround(std::min(time_s, seconds_) * 1e9));
    }

  private:
    [[nodiscard]] double rate_of(std::uint64_t step) const {
        return std::max(0.0, from_ + slope_ * static_cast<double>(step));
    }
    // Users of the whole steps before that one.
    [[nodiscard]] double before(std::uint64_t step) const {
        const double steps = static_cast<double>(step);
        return steps * from_ + slope_ * steps * (steps - 1) / 2;
    }
    [[nodiscard]] double total() const {
        return before(steps_ - 1) + rate_of(steps_ - 1) * (seconds_ - static_cast<double>(steps_ - 1));
    }

    double seconds_;
    std::uint64_t steps_;
    double from_;
    double slope_;
};

// The users that a phase begins; of a poisson phase, those it begins on average.
double expected_users(const ArrivalPhase& phase) {
    switch (phase.kind) {
        case PhaseKind::pause: return 0;
        case PhaseKind::hold:
        case PhaseKind::count: return static_cast<double>(phase.count);
        case PhaseKind::constant: return phase.from_per_s * to_seconds(phase.duration_ns);
        case PhaseKind::ramp:
            return (phase.from_per_s + phase.to_per_s) / 2 * to_seconds(phase.duration_ns);
    }
    return 0;
}

std::uint64_t even_users(const ArrivalPhase& phase) {
    switch (phase.kind) {
        case PhaseKind::pause:
        case PhaseKind::hold: return 0;
        case PhaseKind::count: return phase.count;
        case PhaseKind::constant: return static_cast<std::uint64_t>(expected_users(phase) + kTolerance);
        case PhaseKind::ramp: return Stair(phase).users();
    }
    return 0;
}

// An arrival count of 0 takes no time, as there is nothing to be spread over it.
TimeNs length_ns(const ArrivalPhase& phase) {
    return phase.kind == PhaseKind::count && phase.count == 0 ? 0 : phase.duration_ns;
}

}  // namespace

ArrivalPlan::ArrivalPlan(std::span<const ArrivalPhase> phases, std::uint64_t seed) {
    tracks_.reserve(phases.size());
    for (const ArrivalPhase& phase : phases) {
        Track track{.phase = phase, .span = {}};
        track.span = {end_ns_, end_ns_ + length_ns(phase), users_, even_users(phase)};
        if (is_random(phase)) {
            const std::uint64_t own_seed = draw(seed, Stream::arrival, tracks_.size());
            track.random = PoissonArrivals(phase.from_per_s, phase.duration_ns, own_seed);
            track.span.users = track.random.count();
        }
        if (phase.kind == PhaseKind::hold) {
            held_.push_back({tracks_.size(), track.span.begin_ns, track.span.end_ns, phase.count});
        }
        users_ += track.span.users;
        end_ns_ = track.span.end_ns;
        tracks_.push_back(std::move(track));
    }
}

std::size_t ArrivalPlan::phase_of(std::uint64_t user) const {
    const auto next = std::upper_bound(
        tracks_.begin(), tracks_.end(), user,
        [](std::uint64_t number, const Track& track) { return number < track.span.first_user; });
    // Phases without users begin with the user of the next one: the last that begins here has them.
    return static_cast<std::size_t>(next - tracks_.begin()) - 1;
}

TimeNs ArrivalPlan::due_ns(std::uint64_t user) const {
    const Track& track = tracks_[phase_of(user)];
    const TimeNs within_ns = due_in(track, user - track.span.first_user);
    return std::min(track.span.begin_ns + within_ns, track.span.end_ns);
}

TimeNs ArrivalPlan::due_in(const Track& track, std::uint64_t number) {
    const ArrivalPhase& phase = track.phase;
    switch (phase.kind) {
        case PhaseKind::pause:
        case PhaseKind::hold: return 0;
        case PhaseKind::count:
            return static_cast<TimeNs>(static_cast<unsigned __int128>(phase.duration_ns) * (number + 1) /
                                       phase.count);
        case PhaseKind::ramp: return Stair(phase).time_of(static_cast<double>(number + 1));
        case PhaseKind::constant: break;
    }
    if (phase.arrivals == Arrivals::uniform) {
        return static_cast<TimeNs>(std::llround(static_cast<double>(number + 1) * 1e9 / phase.from_per_s));
    }
    return track.random.due_ns(number);
}

bool is_random(const ArrivalPhase& phase) {
    return phase.kind == PhaseKind::constant && phase.arrivals == Arrivals::poisson;
}

Result<void> check_arrivals(std::span<const ArrivalPhase> phases) {
    double users = 0;
    for (std::size_t index = 0; index < phases.size(); ++index) {
        const ArrivalPhase& phase = phases[index];
        const std::string which =
            "phase " + std::to_string(index + 1) + (phase.name.empty() ? "" : " (" + phase.name + ")");
        const auto good = [](double rate) { return std::isfinite(rate) && rate >= 0; };
        if (!good(phase.from_per_s) || !good(phase.to_per_s)) {
            return usage_error(which + ": its rate is no number from 0 up");
        }
        const bool empty =
            phase.kind == PhaseKind::pause || (phase.kind == PhaseKind::count && phase.count == 0);
        if (phase.duration_ns == 0 && !empty) return usage_error(which + ": it has no duration");
        users += expected_users(phase);
        if (users > static_cast<double>(limits::kUsersMax)) {
            return usage_error(which + ": with it the phases begin more than " +
                               with_thousands(limits::kUsersMax) + " users");
        }
    }
    return {};
}

}  // namespace wsblast::plan
