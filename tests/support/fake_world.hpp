// A world for the walk to a capacity: connections that open at a rate until a limit, then fail as they are
// told to, on a clock of its own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "search/walk_parts.hpp"
#include "stats/histogram.hpp"

namespace wsblast::test {

struct WorldRules {
    double connects_per_s = 10'000;
    std::uint64_t in_flight_max = 48;
    std::uint64_t limit = 1'000'000;  // open at once
    stats::ErrorKind beyond = stats::ErrorKind::refused;
    TimeNs fails_after_ns = 0;           // what is beyond the limit
    bool beyond_is_established = false;  // TCP's handshake was done
    std::uint64_t fails_every = 0;       // one of so many attempts, whatever the limit
    // When so many are open, so many of the old ones are lost, once.
    std::uint64_t loses_at = 0;
    std::uint64_t loses = 0;
    // Answers of a probe while so many are open, of so many asked.
    std::function<std::uint64_t(std::uint64_t open, std::uint64_t asked)> answers =
        [](std::uint64_t, std::uint64_t asked) { return asked; };
    std::uint64_t memory_bytes = std::uint64_t{64} << 30;
    std::uint64_t bytes_each = 1'000;  // of this process
    std::uint64_t kernel_bytes_each = 3'000;
    TimeNs interrupted_at_ns = kNever;
    TimeNs returns_after_ns = 100 * kMillisecond;  // after a drop
};

class FakeWorld final : public search::Connections, public search::Surroundings {
  public:
    explicit FakeWorld(WorldRules rules) : rules_(std::move(rules)) {}

    // --- connections
    void open_to(std::uint64_t connections) override { status_.allowed = connections; }
    void stop_opening() override { status_.allowed = status_.started; }
    load::FleetStatus status() override { return status_; }
    stats::Snapshot snapshot() override {
        stats::Snapshot snapshot;
        snapshot.counters = status_.counters;
        snapshot.connect_tcp = tcp_.snapshot();
        snapshot.connect_upgrade = tcp_.snapshot();
        snapshot.connect_total = tcp_.snapshot();
        return snapshot;
    }
    Result<stats::RunResult> round(const plan::Round& round) override {
        const auto messages = static_cast<std::uint64_t>(
            round.rate_per_s * static_cast<double>(round.duration_ns) / 1e9 + 0.5);
        stats::RunResult result;
        result.counters.sent = messages;
        result.counters.received = rules_.answers(status_.counters.open, messages);
        pass(round.duration_ns);
        ++rounds_;
        every_ = round.every;
        return result;
    }
    void drop(const plan::Storm& storm) override {
        const auto open = static_cast<double>(status_.counters.open);
        const auto dropped = static_cast<std::uint64_t>(open * storm.share + 0.5);
        status_.counters.open -= dropped;
        status_.dropped += dropped;
        status_.away += dropped;
        back_ns_ = now_ns_ + rules_.returns_after_ns;
    }
    void churn(double share_per_s) override { churn_per_s_ = share_per_s; }

    // --- surroundings
    TimeNs now_ns() override { return now_ns_; }
    void wait(TimeNs time_ns) override { pass(time_ns); }
    bool stop_requested() override { return now_ns_ >= rules_.interrupted_at_ns; }
    search::Reading read() override {
        search::Reading reading;
        reading.at_ns = now_ns_;
        reading.own_cpu_ns = now_ns_ / 2;
        reading.memory.own = 1'000'000 + status_.counters.open * rules_.bytes_each;
        reading.memory.kernel = 5'000'000 + status_.counters.open * rules_.kernel_bytes_each;
        reading.host = host_;
        return reading;
    }
    stats::BackendUse target_use() override { return target_; }
    std::uint64_t memory_available_bytes() override {
        const std::uint64_t used = status_.counters.open * (rules_.bytes_each + rules_.kernel_bytes_each);
        return rules_.memory_bytes > used ? rules_.memory_bytes - used : 1;
    }
    void show(const stats::CapacityProgress& progress) override {
        ++shown_;
        phase_ = progress.phase;
    }

    // --- what became of it
    [[nodiscard]] std::uint64_t rounds() const { return rounds_; }
    [[nodiscard]] std::uint32_t every() const { return every_; }
    [[nodiscard]] double churn_per_s() const { return churn_per_s_; }
    [[nodiscard]] stats::CapacityPhase phase() const { return phase_; }
    search::HostState& host() { return host_; }
    stats::BackendUse& target() { return target_; }

  private:
    static constexpr TimeNs kStepNs = kMillisecond;

    void pass(TimeNs time_ns) {
        for (const TimeNs until_ns = now_ns_ + time_ns; now_ns_ < until_ns; now_ns_ += kStepNs) step();
    }

    void step() {
        while (!failing_.empty() && failing_.front() <= now_ns_) {
            failing_.pop_front();
            --status_.opening;
            fail(rules_.beyond);
        }
        credit_ += rules_.connects_per_s / 1e3;
        const double most = rules_.connects_per_s;
        credit_ = std::min(credit_, most);
        while (credit_ >= 1 && status_.started < status_.allowed &&
               status_.opening < rules_.in_flight_max) {
            credit_ -= 1;
            begin();
        }
        lose();
        come_back();
        status_.counters.attempted = status_.counters.successful + status_.counters.failed;
    }

    void begin() {
        ++status_.started;
        if (rules_.fails_every > 0 && status_.started % rules_.fails_every == 0) return fail(rules_.beyond);
        if (status_.counters.open < rules_.limit) {
            tcp_.record(kMillisecond);
            ++status_.counters.successful;
            ++status_.counters.open;
            return;
        }
        if (rules_.beyond_is_established) tcp_.record(kMillisecond);
        if (rules_.fails_after_ns == 0) return fail(rules_.beyond);
        ++status_.opening;
        failing_.push_back(now_ns_ + rules_.fails_after_ns);
    }

    void fail(stats::ErrorKind kind) {
        ++status_.counters.failed;
        ++status_.counters.error(kind);
    }

    void lose() {
        if (rules_.loses == 0 || status_.counters.open < rules_.loses_at) return;
        status_.counters.open -= rules_.loses;
        status_.lost_at_rest += rules_.loses;
        status_.counters.error(stats::ErrorKind::closed_by_peer) += rules_.loses;
        rules_.loses = 0;
    }

    void come_back() {
        if (status_.away == 0 || now_ns_ < back_ns_) return;
        const std::uint64_t back = std::min<std::uint64_t>(
            {status_.away, 100, rules_.limit - std::min(rules_.limit, status_.counters.open)});
        status_.away -= back;
        status_.reopened += back;
        status_.counters.open += back;
        status_.opening_peak = std::max<std::uint64_t>(status_.opening_peak, back);
    }

    WorldRules rules_;
    TimeNs now_ns_ = kSecond;
    double credit_ = 0;
    load::FleetStatus status_;
    std::deque<TimeNs> failing_;
    stats::Histogram tcp_;
    search::HostState host_;
    stats::BackendUse target_;
    TimeNs back_ns_ = 0;
    double churn_per_s_ = 0;
    std::uint64_t rounds_ = 0;
    std::uint32_t every_ = 0;
    std::uint64_t shown_ = 0;
    stats::CapacityPhase phase_ = stats::CapacityPhase::opening;
};

}  // namespace wsblast::test
