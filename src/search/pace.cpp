#include "search/pace.hpp"

#include <string>

#include "text/format.hpp"

namespace wsblast::search {

namespace {

using stats::Pacemaker;
using text::format;

// The rate that was asked for, as near as its start and its end let it come.
constexpr double kAskedShare = 0.95;
// Of its cores: what is left over goes to the scheduler, interrupts and others.
constexpr double kBusyShare = 0.9;

double ms(double time_ns) {
    return time_ns / static_cast<double>(kMillisecond);
}

std::string waits(const PaceInput& input) {
    return format(
        "{:.0f} handshakes were in flight on average; TCP took {:.2f} ms, the upgrade {:.2f} ms (mean)",
        input.opening_mean, ms(input.tcp->mean), ms(input.upgrade->mean));
}

std::string cpu(const PaceInput& input) {
    return format("this process used {:.2f} of {} core{}", input.own_cores_busy, input.cores,
                  input.cores == 1 ? "" : "s");
}

}  // namespace

std::optional<stats::Pace> pace_of(const PaceInput& input) {
    if (input.connections_per_s <= 0 || !input.tcp || !input.upgrade) return std::nullopt;
    if (input.opening_mean < 1) return std::nullopt;  // it was over before anybody could look
    stats::Pace pace{Pacemaker::target, input.connections_per_s, {}};
    if (input.asked_per_s && input.connections_per_s >= kAskedShare * *input.asked_per_s) {
        pace.pacemaker = Pacemaker::asked;
        return pace;
    }
    pace.evidence.push_back(waits(input));
    pace.evidence.push_back(cpu(input));
    const auto target_cpu = input.target.cpu();
    if (target_cpu) pace.evidence.push_back(format("the target's process used {:.2f}", *target_cpu));
    if (input.own_cores_busy >= kBusyShare * input.cores) {
        pace.pacemaker = Pacemaker::generator;
    } else if (input.tcp->mean > input.upgrade->mean) {
        pace.pacemaker = Pacemaker::path;
    }
    return pace;
}

}  // namespace wsblast::search
