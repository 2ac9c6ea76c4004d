// How many messages are due by when: a rate over time, and its inverse.
//
// Pure functions. Times are in nanoseconds since the schedule's start, message numbers are real numbers:
// message i is due at time_of(i), and count_at(t) of them were due before t.
#pragma once

#include <cmath>

#include "base/units.hpp"

namespace wsblast::plan {

// A rate that goes evenly from one value to another within `ramp_ns`, and then stays there. All zeros is no
// rate; else both values are not negative, one of them is above 0, and the last one is where the ramp ends.
struct RateCurve {
    double from_per_s = 0;
    double to_per_s = 0;
    TimeNs ramp_ns = 0;  // above 0 where the two differ

    [[nodiscard]] static constexpr RateCurve at(double per_s) { return {per_s, per_s, 0}; }
    [[nodiscard]] constexpr bool constant() const { return from_per_s == to_per_s; }
    [[nodiscard]] constexpr RateCurve times(double factor) const {
        return {from_per_s * factor, to_per_s * factor, ramp_ns};
    }

    [[nodiscard]] double count_at(TimeNs time_ns) const {
        const double seconds = static_cast<double>(time_ns) / 1e9;
        if (constant()) return to_per_s * seconds;
        const double ramp_s = static_cast<double>(ramp_ns) / 1e9;
        if (seconds >= ramp_s) return count_of_ramp() + to_per_s * (seconds - ramp_s);
        return (from_per_s + slope() * seconds / 2) * seconds;
    }

    // The inverse of count_at(); where the rate has ended at 0, the end of the ramp.
    [[nodiscard]] TimeNs time_of(double message) const {
        if (constant()) return to_ns(message * 1e9 / to_per_s);
        const double beyond = message - count_of_ramp();
        if (beyond > 0) {
            const double more_ns = to_per_s > 0 ? beyond * 1e9 / to_per_s : 0.0;
            return ramp_ns + to_ns(more_ns);
        }
        // The root of slope/2 t^2 + from t = message, in the form that loses no digits.
        const double square = from_per_s * from_per_s + 2 * slope() * message;
        const double divisor = from_per_s + std::sqrt(std::fmax(square, 0.0));
        return divisor > 0 ? to_ns(2e9 * message / divisor) : 0;
    }

  private:
    [[nodiscard]] static TimeNs to_ns(double value) { return static_cast<TimeNs>(std::llround(value)); }
    [[nodiscard]] double slope() const {
        return (to_per_s - from_per_s) * 1e9 / static_cast<double>(ramp_ns);
    }
    [[nodiscard]] double count_of_ramp() const {
        return (from_per_s + to_per_s) / 2 * static_cast<double>(ramp_ns) / 1e9;
    }
};

}  // namespace wsblast::plan
