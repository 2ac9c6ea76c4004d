#include "target/faults.hpp"

#include <cmath>

#include "base/prng.hpp"

namespace wsblast::target {

TimeNs time_by(const plan::DelayPlan& law, double fraction) {
    switch (law.law) {
        case plan::DelayLaw::none: return 0;
        case plan::DelayLaw::fixed: return law.first_ns;
        case plan::DelayLaw::uniform: {
            const auto width = static_cast<double>(law.second_ns - law.first_ns);
            return law.first_ns + static_cast<TimeNs>(fraction * width);
        }
        case plan::DelayLaw::exponential:
            return static_cast<TimeNs>(-std::log1p(-fraction) * static_cast<double>(law.first_ns));
        case plan::DelayLaw::bimodal: return fraction < law.share ? law.second_ns : law.first_ns;
    }
    return 0;
}

double Faults::fraction(Draw what, std::uint64_t number) const {
    constexpr std::uint32_t kWhatShift = 62;
    constexpr std::uint32_t kWorkerShift = 48;
    const std::uint64_t index =
        static_cast<std::uint64_t>(what) << kWhatShift ^ std::uint64_t{worker_} << kWorkerShift ^ number;
    return fraction_of(draw(plan_.seed, Stream::target_fault, index));
}

Fate Faults::fate_of(std::uint64_t number) const {
    const double drawn = fraction(Draw::fate, number);
    if (drawn < plan_.drop) return Fate::dropped;
    if (drawn < plan_.drop + plan_.duplicate) return Fate::duplicated;
    if (drawn < plan_.drop + plan_.duplicate + plan_.reorder) return Fate::reordered;
    return Fate::sent;
}

TimeNs Faults::delay_of(std::uint64_t number) const {
    const bool two = plan_.delay.law == plan::DelayLaw::bimodal;
    return time_by(plan_.delay, fraction(two ? Draw::choice : Draw::delay, number));
}

TimeNs Faults::after_stall(TimeNs time_ns) const {
    const plan::StallPlan& stall = plan_.stall;
    if (stall.period_ns == 0) return time_ns;
    const TimeNs phase_ns = (time_ns - started_ns_) % stall.period_ns;
    if (phase_ns < stall.period_ns - stall.length_ns) return time_ns;
    return time_ns + (stall.period_ns - phase_ns);
}

std::optional<std::uint16_t> Faults::rejection_of(std::uint64_t number) const {
    if (plan_.rejections.empty()) return std::nullopt;
    double drawn = fraction(Draw::rejection, number);
    for (const plan::Rejection& rejection : plan_.rejections) {
        if (drawn < rejection.share) return rejection.status;
        drawn -= rejection.share;
    }
    return std::nullopt;
}

}  // namespace wsblast::target
