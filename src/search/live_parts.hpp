// The real world for a walk: a fleet of connections, this host, and the target's process where it is here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "load/fleet.hpp"
#include "search/walk_parts.hpp"
#include "watch/watcher.hpp"

namespace wsblast::search {

class LiveConnections final : public Connections {
  public:
    // `stop_requested` interrupts rounds.
    LiveConnections(std::unique_ptr<load::Fleet> fleet, std::function<bool()> stop_requested);

    void open_to(std::uint64_t connections) override { fleet_->open_to(connections); }
    void stop_opening() override { fleet_->stop_opening(); }
    [[nodiscard]] load::FleetStatus status() override { return fleet_->status(); }
    [[nodiscard]] stats::Snapshot snapshot() override { return fleet_->snapshot(); }
    [[nodiscard]] Result<stats::RunResult> round(const plan::Round& round) override {
        return fleet_->round(round, hooks_);
    }
    void drop(const plan::Storm& storm) override { fleet_->drop(storm); }
    void churn(double share_per_s) override { fleet_->churn(share_per_s); }
    // Closing handshakes of all: a minute for a million.
    void close() { fleet_->close(hooks_); }

  private:
    std::unique_ptr<load::Fleet> fleet_;
    load::FleetHooks hooks_;
};

struct LiveHooks {
    std::function<bool()> stop_requested = [] { return false; };
    std::function<void(const stats::CapacityProgress&)> show_progress = [](const stats::CapacityProgress&) {
    };
};

class LiveSurroundings final : public Surroundings {
  public:
    // `watcher`: of the target's process.
    LiveSurroundings(watch::Watcher watcher, LiveHooks hooks);

    [[nodiscard]] TimeNs now_ns() override;
    void wait(TimeNs time_ns) override;
    [[nodiscard]] bool stop_requested() override { return hooks_.stop_requested(); }
    [[nodiscard]] Reading read() override;
    [[nodiscard]] stats::BackendUse target_use() override;
    [[nodiscard]] std::uint64_t memory_available_bytes() override;
    void show(const stats::CapacityProgress& progress) override;

    // "wsblast (pid 4711)", or why it is not watched.
    [[nodiscard]] std::string target_process() const { return watcher_.what(); }
    [[nodiscard]] std::vector<std::string> warnings() const { return watcher_.warnings(); }

  private:
    LiveHooks hooks_;
    watch::Watcher watcher_;
    watch::BackendReading last_target_;
    TimeNs shown_ns_ = 0;
    stats::CapacityPhase shown_phase_ = stats::CapacityPhase::opening;
};

}  // namespace wsblast::search
