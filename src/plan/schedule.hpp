// When messages are due: a pure function of the plan, never of what happened before. A late tick sends what
// was due with its own due times; it never moves the schedule.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/units.hpp"
#include "plan/run_options.hpp"

namespace wsblast::plan {

inline constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

// Where one connection stands in the schedule.
struct ScheduleSeat {
    TimeNs start_ns = 0;      // interval, closed: when the connection was ready; rate: T0, the same for all
    std::uint64_t rank = 0;   // rate: its place among `seats` connections; interval: its index
    std::uint64_t seats = 1;  // rate: connections that were open at T0; interval: those of the whole run
};

struct Schedule {
    Pacing pacing = Pacing::interval;
    TimeNs interval_ns = 0;
    double rate_per_s = 0;
    std::uint64_t messages = kUnlimited;  // for each connection
    TimeNs duration_ns = kNever;

    // When message k (from 0) of that connection is due. In the closed loop: from the start on; when it
    // really is, the answers decide.
    [[nodiscard]] TimeNs due_ns(const ScheduleSeat& seat, std::uint64_t k) const {
        switch (pacing) {
            case Pacing::closed: return seat.start_ns;
            case Pacing::interval: return seat.start_ns + phase_ns(seat) + k * interval_ns;
            case Pacing::rate: {
                const double message = static_cast<double>(k) * static_cast<double>(seat.seats) +
                                       static_cast<double>(seat.rank);
                return seat.start_ns + static_cast<TimeNs>(std::llround(message * 1e9 / rate_per_s));
            }
        }
        return seat.start_ns;
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

    // How many messages that connection has to send; kUnlimited in a closed loop that only time ends.
    [[nodiscard]] std::uint64_t planned(const ScheduleSeat& seat) const {
        if (duration_ns == kNever) return messages;
        switch (pacing) {
            case Pacing::closed: return kUnlimited;
            case Pacing::interval: return due_before(seat, seat.start_ns + duration_ns);
            case Pacing::rate: {
                const double seconds = static_cast<double>(duration_ns) / 1e9;
                const auto total = static_cast<std::uint64_t>(std::floor(rate_per_s * seconds + 1e-6));
                return total <= seat.rank ? 0 : (total - seat.rank + seat.seats - 1) / seat.seats;
            }
        }
        return messages;
    }

    // How many messages of that connection were due before `time_ns`, were there no end. Not in the closed
    // loop.
    [[nodiscard]] std::uint64_t due_before(const ScheduleSeat& seat, TimeNs time_ns) const {
        const TimeNs first_ns = due_ns(seat, 0);
        if (time_ns <= first_ns) return 0;
        if (pacing == Pacing::interval) return (time_ns - first_ns + interval_ns - 1) / interval_ns;
        const double step_ns = static_cast<double>(seat.seats) * 1e9 / rate_per_s;
        auto count = static_cast<std::uint64_t>(static_cast<double>(time_ns - first_ns) / step_ns);
        // Due times are rounded to whole nanoseconds: the quotient may be one off.
        while (count > 0 && due_ns(seat, count - 1) >= time_ns) --count;
        while (due_ns(seat, count) < time_ns) ++count;
        return count;
    }

    // When that connection stops sending; kNever when the number of messages decides.
    [[nodiscard]] TimeNs end_ns(const ScheduleSeat& seat) const {
        return duration_ns == kNever ? kNever : seat.start_ns + duration_ns;
    }

  private:
    // Connections are spread evenly over the interval.
    [[nodiscard]] TimeNs phase_ns(const ScheduleSeat& seat) const {
        return static_cast<TimeNs>(static_cast<unsigned __int128>(interval_ns) * seat.rank / seat.seats);
    }
};

}  // namespace wsblast::plan
