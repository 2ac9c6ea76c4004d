#include "search/walk_state.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "search/capacity.hpp"
#include "search/climb.hpp"
#include "text/format.hpp"

namespace wsblast::search {

WalkState::WalkState(const CapacityPlan& plan, Connections& connections, Surroundings& surroundings)
    : plan_(plan),
      connections_(connections),
      surroundings_(surroundings),
      began_ns_(surroundings.now_ns()),
      first_reading_(surroundings.read()) {
    [[maybe_unused]] const stats::BackendUse since_the_start = surroundings.target_use();
    all_was_well();
}

std::optional<stats::Probe> WalkState::probe(std::uint32_t sample) {
    const std::uint64_t open_now = open();
    if (sample == 0 || open_now == 0) return std::nullopt;
    show(stats::CapacityPhase::probing, std::nullopt);
    const std::uint64_t asked = std::min<std::uint64_t>(sample, open_now);
    plan::Round round;
    round.every = static_cast<std::uint32_t>(std::max<std::uint64_t>(1, open_now / sample));
    round.rate_per_s = limits::kProbeRatePerS;
    round.duration_ns = static_cast<TimeNs>(static_cast<double>(asked) * kNsPerS / limits::kProbeRatePerS);
    stats::Probe probe;
    const auto answered = connections_.round(round);
    if (!answered) {
        result.warnings.push_back("a probe was not made: " + answered.error().what);
        return std::nullopt;
    }
    probe.asked = answered->counters.sent;
    probe.answered = answered->counters.received;
    probe.latency = answered->latency;
    probe.generator = answered->generator.status;
    return probe;
}

void WalkState::all_was_well() {
    well_reading_ = surroundings_.read();
    well_status_ = connections_.status();
    well_snapshot_ = connections_.snapshot();
}

stats::Snapshot WalkState::since_well() {
    stats::Snapshot snapshot = connections_.snapshot();
    snapshot.subtract(well_snapshot_);
    return snapshot;
}

Evidence WalkState::evidence(stats::BackendUse target, std::uint64_t unanswered) {
    const stats::Snapshot meanwhile = since_well();
    const load::FleetStatus status = connections_.status();
    const stats::BackendUse now = surroundings_.target_use();
    target.presence = now.presence;
    target.files = now.files;
    Evidence evidence;
    evidence.open = status.counters.open;
    evidence.counters = meanwhile.counters;
    evidence.established = meanwhile.connect_tcp.count();
    evidence.undecided = status.opening;
    evidence.unanswered = unanswered;
    evidence.upgrade_status = meanwhile.upgrade_status;
    evidence.closes = meanwhile.closes;
    evidence.excerpts = meanwhile.excerpts;
    evidence.before = well_reading_.host;
    evidence.after = surroundings_.read().host;
    evidence.target = std::move(target);
    evidence.connect_timeout_ns = plan_.connect_timeout_ns;
    evidence.answer_timeout_ns = plan_.answer_timeout_ns;
    return evidence;
}

bool WalkState::lost_too_many() {
    const load::FleetStatus now = connections_.status();
    return too_many(lost(now) - lost(well_status_), well_status_.counters.open);
}

void WalkState::end_with(stats::CapacityEnding ending, std::optional<stats::Limit> limit) {
    result.ending = ending;
    if (!result.limit) {
        result.limit = std::move(limit);
    } else {
        mention(std::move(limit));
    }
}

void WalkState::mention(std::optional<stats::Limit> limit) {
    if (limit) result.findings.push_back(*std::move(limit));
}

bool WalkState::interrupted() {
    if (!surroundings_.stop_requested()) return false;
    result.ending = stats::CapacityEnding::interrupted;
    return true;
}

void WalkState::show(stats::CapacityPhase phase, std::optional<TimeNs> left_ns) {
    const load::FleetStatus status = connections_.status();
    stats::CapacityProgress progress;
    progress.phase = phase;
    progress.elapsed_ns = surroundings_.now_ns() - began_ns_;
    progress.open = status.counters.open;
    progress.wanted = plan_.wanted;
    progress.opening = status.opening;
    progress.away = status.away;
    progress.failed = status.counters.failed;
    progress.left_ns = left_ns;
    surroundings_.show(progress);
}

void WalkState::finish() {
    const stats::Snapshot all = connections_.snapshot();
    result.counters = all.counters;
    result.closes = all.closes;
    result.upgrade_status = all.upgrade_status;
    result.excerpts = all.excerpts;
    result.duration_s = static_cast<double>(surroundings_.now_ns() - began_ns_) / kNsPerS;
}

std::vector<std::string> memory_evidence(const Evidence& evidence) {
    return {text::format("{} MiB of memory are available, {} MiB were before; {} MiB are left alone",
                         with_thousands(evidence.after.memory_available_bytes / kMiB),
                         with_thousands(evidence.before.memory_available_bytes / kMiB),
                         with_thousands(limits::kMemoryFloorBytes / kMiB))};
}

}  // namespace wsblast::search
