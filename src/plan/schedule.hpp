// When messages are due: a pure function of the plan and its seed, never of what happened before. A late
// tick sends what was due with its own due times; it never moves the schedule.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/prng.hpp"
#include "base/units.hpp"
#include "plan/run_options.hpp"

namespace wsblast::plan {

inline constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

// Where one connection stands in the schedule.
struct ScheduleSeat {
    TimeNs start_ns = 0;      // T0; without a start gate: when the connection was ready
    std::uint64_t rank = 0;   // rate: its place among `seats` connections; interval: its index
    std::uint64_t seats = 1;  // rate: connections that were open at T0; interval: those of the whole run
};

// With a rate, message i of all connections together is due at start + time_of(i) and goes to the
// connection of rank i mod seats. Poisson arrivals are as many points as that, thrown at random: given
// their number, those of a Poisson process are uniform over its time, and remain so when they are dealt out
// to connections. So their sum over the run is exact, and each connection draws its own, one after another.
struct Schedule {
    Pacing pacing = Pacing::interval;
    TimeNs interval_ns = 0;
    RateCurve rate{};
    RateScope rate_scope = RateScope::whole_run;
    Arrivals arrivals = Arrivals::uniform;
    std::uint64_t messages = kUnlimited;  // for each connection, those of the warm-up not counted
    TimeNs duration_ns = kNever;          // after the warm-up
    TimeNs warmup_ns = 0;
    std::uint64_t seed = 0;

    // When the first message of that connection is due. In the closed loop: from the start on; when it
    // really is, the answers decide.
    [[nodiscard]] TimeNs first_due_ns(const ScheduleSeat& seat) const {
        switch (pacing) {
            case Pacing::closed: return seat.start_ns;
            case Pacing::interval: return seat.start_ns + phase_ns(seat);
            case Pacing::rate: return due_by_rate(seat, 0, seat.start_ns);
        }
        return seat.start_ns;
    }

    // When message k >= 1 of that connection is due, where the one before it was due at `previous_ns`. Not
    // in the closed loop.
    [[nodiscard]] TimeNs next_due_ns(const ScheduleSeat& seat, std::uint64_t k, TimeNs previous_ns) const {
        if (pacing == Pacing::interval) return previous_ns + interval_ns;
        return due_by_rate(seat, k, previous_ns);
    }

    // The time from one message of a connection to its next, where it is the same for all; kNever: it is
    // not.
    [[nodiscard]] TimeNs step_ns() const {
        switch (pacing) {
            case Pacing::closed: return 0;
            case Pacing::interval: return interval_ns;
            case Pacing::rate: return kNever;
        }
        return kNever;
    }

    // How many messages that connection has to send, its warm-up included; kUnlimited where only time, or
    // the warm-up's answers, end it.
    [[nodiscard]] std::uint64_t planned(const ScheduleSeat& seat) const {
        switch (pacing) {
            case Pacing::closed: return warmup_ns == 0 ? messages : kUnlimited;
            case Pacing::interval: {
                const std::uint64_t warm = interval_count(seat, 0, seat.start_ns + warmup_ns);
                return messages != kUnlimited ? warm + messages : interval_count(seat, 0, end_ns(seat));
            }
            case Pacing::rate:
                if (messages == kUnlimited && duration_ns == kNever) return kUnlimited;
                return share(seat, total(seat));
        }
        return messages;
    }

    // How many messages from number k on, which is due at `due_ns`, are due before `time_ns`, were there no
    // end. Not in the closed loop.
    [[nodiscard]] std::uint64_t count_due(const ScheduleSeat& seat, std::uint64_t k, TimeNs due_ns,
                                          TimeNs time_ns) const {
        if (due_ns >= time_ns) return 0;
        if (pacing == Pacing::interval) return interval_count(seat, k, time_ns);
        const std::uint64_t end = planned(seat);
        std::uint64_t count = 0;
        while (due_ns < time_ns && k + count < end) {
            ++count;
            due_ns = next_due_ns(seat, k + count, due_ns);
        }
        return count;
    }

    // When that connection stops sending; kNever when the number of messages decides.
    [[nodiscard]] TimeNs end_ns(const ScheduleSeat& seat) const {
        return duration_ns == kNever ? kNever : seat.start_ns + warmup_ns + duration_ns;
    }

  private:
    static constexpr double kTolerance = 1e-6;  // of a message, for sums of fractions

    // Connections are spread evenly over the interval.
    [[nodiscard]] TimeNs phase_ns(const ScheduleSeat& seat) const {
        return static_cast<TimeNs>(static_cast<unsigned __int128>(interval_ns) * seat.rank / seat.seats);
    }

    // Of messages k, k + 1, ... those that are due before `time_ns`.
    [[nodiscard]] std::uint64_t interval_count(const ScheduleSeat& seat, std::uint64_t k,
                                               TimeNs time_ns) const {
        const TimeNs due_ns = first_due_ns(seat) + k * interval_ns;
        return time_ns <= due_ns ? 0 : (time_ns - due_ns + interval_ns - 1) / interval_ns;
    }

    [[nodiscard]] RateCurve curve(const ScheduleSeat& seat) const {
        const bool shared = rate_scope == RateScope::whole_run;
        return shared ? rate : rate.times(static_cast<double>(seat.seats));
    }

    // Of all connections together: the messages of the warm-up, those that follow it, and both. As many
    // follow as a run without warm-up would send, wherever between two messages it ends.
    [[nodiscard]] std::uint64_t warm_total(const ScheduleSeat& seat) const {
        if (warmup_ns == 0) return 0;
        return static_cast<std::uint64_t>(std::ceil(curve(seat).count_at(warmup_ns) - kTolerance));
    }
    [[nodiscard]] std::uint64_t measured_total(const ScheduleSeat& seat) const {
        if (messages != kUnlimited) return messages * seat.seats;
        const RateCurve shape = curve(seat);
        const double count = shape.count_at(warmup_ns + duration_ns) - shape.count_at(warmup_ns);
        return static_cast<std::uint64_t>(std::floor(count + kTolerance));
    }
    [[nodiscard]] std::uint64_t total(const ScheduleSeat& seat) const {
        return warm_total(seat) + measured_total(seat);
    }
    // Of the first `count` messages those that go to this connection.
    [[nodiscard]] static std::uint64_t share(const ScheduleSeat& seat, std::uint64_t count) {
        return count <= seat.rank ? 0 : (count - seat.rank + seat.seats - 1) / seat.seats;
    }

    [[nodiscard]] TimeNs due_by_rate(const ScheduleSeat& seat, std::uint64_t k, TimeNs previous_ns) const {
        const TimeNs due_ns = arrivals == Arrivals::poisson ? random_due(seat, k, previous_ns)
                                                            : seat.start_ns + even_due(seat, k);
        if (warmup_ns == 0) return due_ns;
        // Rounded to the other side of it, a message would be counted there.
        const TimeNs measured_from_ns = seat.start_ns + warmup_ns;
        const bool warms = k < share(seat, warm_total(seat));
        return warms ? std::min(due_ns, measured_from_ns - 1) : std::max(due_ns, measured_from_ns);
    }

    [[nodiscard]] TimeNs even_due(const ScheduleSeat& seat, std::uint64_t k) const {
        return curve(seat).time_of(static_cast<double>(k) * static_cast<double>(seat.seats) +
                                   static_cast<double>(seat.rank));
    }

    // Of n points that are uniform over what is left, the first one lies a share 1 - u^(1/n) into it. The
    // warm-up has its own points, so that the number of the others is exact too.
    [[nodiscard]] TimeNs random_due(const ScheduleSeat& seat, std::uint64_t k, TimeNs previous_ns) const {
        const RateCurve shape = curve(seat);
        const double warm_count = shape.count_at(warmup_ns);
        const std::uint64_t warm_share = share(seat, warm_total(seat));
        const bool warms = k < warm_share;
        const std::uint64_t left = (warms ? warm_share : share(seat, total(seat))) - k;
        const double end = warm_count + (warms ? 0.0 : static_cast<double>(measured_total(seat)));
        const double done = k == 0 ? 0.0 : shape.count_at(previous_ns - seat.start_ns);
        const double from = warms ? done : std::max(done, warm_count);
        const double step = -std::expm1(std::log(fraction(seat, k)) / static_cast<double>(left));
        const TimeNs due_ns = seat.start_ns + shape.time_of(from + std::max(0.0, end - from) * step);
        return std::max(due_ns, previous_ns);
    }

    // Above 0, up to 1.
    [[nodiscard]] double fraction(const ScheduleSeat& seat, std::uint64_t k) const {
        constexpr std::uint32_t kRankShift = 40;  // a trillion messages a connection
        const std::uint64_t random = draw(seed, Stream::arrival, seat.rank << kRankShift ^ k);
        return static_cast<double>((random >> 11) + 1) * 0x1p-53;
    }
};

}  // namespace wsblast::plan
