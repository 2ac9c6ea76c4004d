#include "search/climb.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace wsblast::search {

namespace {

using load::FleetStatus;

constexpr TimeNs kMemoryLookNs = 200 * kMillisecond;
constexpr TimeNs kRateWindowNs = 1 * kSecond;
// What a handshake may hang beyond its timeout until it is counted as failed.
constexpr TimeNs kGraceNs = 1 * kSecond;

// The state of one climb.
class Climber {
  public:
    Climber(Connections& connections, Surroundings& surroundings, const ClimbPlan& plan)
        : connections_(connections), surroundings_(surroundings), plan_(plan) {}

    Climb go() {
        climb_.before = climb_.after = connections_.status();
        start_ns_ = window_ns_ = memory_ns_ = first_ns_ = last_ns_ = surroundings_.now_ns();
        first_opened_ = last_opened_ = window_opened_ = climb_.before.counters.successful;
        while (!ended()) {
            surroundings_.wait(kWalkLookNs);
            look();
        }
        climb_.took_ns = surroundings_.now_ns() - start_ns_;
        climb_.connections_per_s = rate();
        climb_.opening_mean = looks_ > 0 ? opening_sum_ / static_cast<double>(looks_) : 0;
        if (climb_.end == ClimbEnd::reached) return climb_;
        connections_.stop_opening();
        await_decisions();
        return climb_;
    }

  private:
    // Those that failed and that were lost are replaced.
    [[nodiscard]] std::uint64_t allowed() const {
        const std::uint64_t gone = climb_.after.counters.failed + lost(climb_.after);
        return std::min(plan_.wanted + gone, plan_.allowed_max);
    }

    [[nodiscard]] bool ended() {
        const std::uint64_t allowed_now = allowed();
        if (allowed_now != allowed_) connections_.open_to(allowed_ = allowed_now);
        const FleetStatus& now = climb_.after;
        const std::uint64_t failed = climb_.failed();
        const std::uint64_t lost_now = lost(now) - lost(climb_.before);
        const bool decided = now.started >= allowed_ && now.opening == 0;
        const bool gives = too_many(failed, climb_.opened() + failed) ||
                           too_many(lost_now, climb_.before.counters.open + climb_.opened());
        if (surroundings_.stop_requested()) return end(ClimbEnd::interrupted);
        if (gives) return end(ClimbEnd::gave);
        if (memory_short_) return end(ClimbEnd::memory_short);
        if (!decided) return false;
        return end(now.counters.open >= plan_.wanted ? ClimbEnd::reached : ClimbEnd::gave);
    }

    bool end(ClimbEnd how) {
        climb_.end = how;
        return true;
    }

    void look() {
        const TimeNs now_ns = surroundings_.now_ns();
        climb_.after = connections_.status();
        const std::uint64_t opened = climb_.after.counters.successful;
        opening_sum_ += static_cast<double>(climb_.after.opening);
        ++looks_;
        if (opened != last_opened_) {
            if (last_opened_ == climb_.before.counters.successful) {
                first_ns_ = now_ns;
                first_opened_ = opened;
            }
            last_ns_ = now_ns;
            last_opened_ = opened;
        }
        if (now_ns - memory_ns_ >= kMemoryLookNs) {
            memory_ns_ = now_ns;
            const std::uint64_t available = surroundings_.memory_available_bytes();
            memory_short_ = available > 0 && available < limits::kMemoryFloorBytes;
        }
        show(now_ns, stats::CapacityPhase::opening);
    }

    void show(TimeNs now_ns, stats::CapacityPhase phase) {
        if (now_ns - window_ns_ >= kRateWindowNs) {
            const auto opened = static_cast<double>(climb_.after.counters.successful - window_opened_);
            shown_rate_ = opened * kNsPerS / static_cast<double>(now_ns - window_ns_);
            window_ns_ = now_ns;
            window_opened_ = climb_.after.counters.successful;
        }
        stats::CapacityProgress progress;
        progress.phase = phase;
        progress.elapsed_ns = now_ns - plan_.began_ns;
        progress.open = climb_.after.counters.open;
        progress.wanted = plan_.wanted;
        progress.opening = climb_.after.opening;
        progress.connections_per_s = shown_rate_;
        progress.failed = climb_.after.counters.failed;
        surroundings_.show(progress);
    }

    // What is in flight may yet open: the count is that of all that did.
    void await_decisions() {
        const TimeNs until_ns = surroundings_.now_ns() + plan_.connect_timeout_ns + kGraceNs;
        while (climb_.after.opening > 0 && surroundings_.now_ns() < until_ns &&
               climb_.end != ClimbEnd::interrupted) {
            surroundings_.wait(kWalkLookNs);
            climb_.after = connections_.status();
            show(surroundings_.now_ns(), stats::CapacityPhase::deciding);
            if (surroundings_.stop_requested()) climb_.end = ClimbEnd::interrupted;
        }
    }

    [[nodiscard]] double rate() const {
        const TimeNs between_ns = last_ns_ - first_ns_;
        if (between_ns > 0) {
            return static_cast<double>(last_opened_ - first_opened_) * kNsPerS /
                   static_cast<double>(between_ns);
        }
        return climb_.took_ns == 0
                   ? 0
                   : static_cast<double>(climb_.opened()) * kNsPerS / static_cast<double>(climb_.took_ns);
    }

    Connections& connections_;
    Surroundings& surroundings_;
    const ClimbPlan& plan_;
    Climb climb_;
    std::uint64_t allowed_ = 0;
    bool memory_short_ = false;
    TimeNs start_ns_ = 0;
    TimeNs memory_ns_ = 0;
    // The first and the last look that saw more of them open, and how many had been opened then.
    TimeNs first_ns_ = 0;
    TimeNs last_ns_ = 0;
    std::uint64_t first_opened_ = 0;
    std::uint64_t last_opened_ = 0;
    double opening_sum_ = 0;
    std::uint64_t looks_ = 0;
    // The rate that is shown.
    TimeNs window_ns_ = 0;
    std::uint64_t window_opened_ = 0;
    double shown_rate_ = 0;
};

}  // namespace

std::uint64_t lost(const FleetStatus& status) {
    const stats::CounterValues& counters = status.counters;
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < stats::kErrorKinds; ++i) {
        const auto kind = static_cast<stats::ErrorKind>(i);
        const stats::ErrorInfo& known = stats::info(kind);
        const bool ends = known.scope == stats::ErrorScope::connection &&
                          known.phase == stats::ErrorPhase::after_upgrade &&
                          kind != stats::ErrorKind::close_timeout;
        if (ends) count += counters.error(kind);
    }
    return count;
}

bool too_many(std::uint64_t part, std::uint64_t whole) {
    constexpr std::uint64_t kPercent = 100;
    return part > limits::kGivesCount && part * kPercent > whole * limits::kGivesPercent;
}

Climb climb(Connections& connections, Surroundings& surroundings, const ClimbPlan& plan) {
    return Climber(connections, surroundings, plan).go();
}

}  // namespace wsblast::search
