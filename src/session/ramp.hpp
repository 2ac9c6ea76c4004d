// Which connection a worker opens next, and when: its share of the run's connections, at the connect rate
// or as fast as a bounded number of handshakes in flight allows.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "base/limits.hpp"
#include "base/units.hpp"

namespace wsblast::session {

struct RampPlan {
    std::uint64_t connections = 0;  // of the whole run
    std::uint32_t worker = 0;
    std::uint32_t workers = 1;
    std::optional<double> rate_per_s;  // of the whole run
};

// Connection i of the run belongs to worker i mod workers, and is due at start + i / rate. Where
// connections are allowed in steps, the rate begins anew with each.
class Ramp {
  public:
    explicit Ramp(const RampPlan& plan)
        : plan_(plan),
          next_(plan.worker),
          handshakes_max_(std::max(1u, limits::kHandshakesMax / plan.workers)),
          window_(std::min(limits::kHandshakesStart, handshakes_max_)) {}

    // How many connections the worker opens in all.
    [[nodiscard]] std::uint64_t share() const {
        if (plan_.connections <= plan_.worker) return 0;
        return (plan_.connections - plan_.worker + plan_.workers - 1) / plan_.workers;
    }
    [[nodiscard]] bool done() const { return next_ >= plan_.connections; }

    // So many connections of the run may be opened, from `start_ns` on. Fewer than were begun:
    // no more.
    void allow(std::uint64_t connections, TimeNs start_ns) {
        allowed_ = std::min(connections, plan_.connections);
        start_ns_ = start_ns;
        base_ = next_ - plan_.worker;
    }

    // Whether one more handshake may be in flight.
    [[nodiscard]] bool has_room(std::uint32_t handshakes) const { return handshakes < window_; }

    // When the next one is due; kNever when there is none, or when too many handshakes are in flight (their
    // ends will wake the worker).
    [[nodiscard]] TimeNs next_due_ns(std::uint32_t handshakes) const {
        if (next_ >= allowed_ || done() || !has_room(handshakes)) return kNever;
        if (!plan_.rate_per_s) return start_ns_;
        const auto place = static_cast<double>(next_ - base_);
        return start_ns_ + static_cast<TimeNs>(std::llround(place * 1e9 / *plan_.rate_per_s));
    }

    // The index of the next connection, which is opened now.
    [[nodiscard]] std::uint32_t take() {
        const std::uint64_t index = next_;
        next_ += plan_.workers;
        return static_cast<std::uint32_t>(index);
    }

    // A handshake took so long. As many are kept in flight as one core opens in the time that the fastest
    // took: a few on a short path, where more would only queue, and all that are allowed on a long one.
    void note_handshake(TimeNs took_ns) {
        fastest_ns_ = std::min(fastest_ns_, took_ns);
        const auto fitting = static_cast<std::uint32_t>(
            std::min<TimeNs>(fastest_ns_ / limits::kHandshakeCostNs, handshakes_max_));
        window_ = std::max(fitting, std::min(limits::kHandshakesStart, handshakes_max_));
    }

    // Opens no more.
    void stop() { next_ = plan_.connections; }

  private:
    RampPlan plan_;
    std::uint64_t next_;
    std::uint64_t allowed_ = 0;
    std::uint64_t base_ = 0;  // the index that is due at start_ns_
    TimeNs start_ns_ = 0;
    std::uint32_t handshakes_max_;
    std::uint32_t window_;
    TimeNs fastest_ns_ = kNever;
};

}  // namespace wsblast::session
