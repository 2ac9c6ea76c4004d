// A backend with a queue, as arithmetic: messages that come at random (Poisson), wait for the first free of
// a few servers, and are served for a fixed or an exponential time. What a search is to find is known of
// it. One thread.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/prng.hpp"
#include "base/units.hpp"
#include "stats/histogram.hpp"

namespace wsblast::support {

enum class ServiceTime : std::uint8_t { fixed, exponential };

struct QueueShape {
    double servers = 1;
    double service_s = 1e-3;  // the mean
    ServiceTime law = ServiceTime::exponential;

    [[nodiscard]] double capacity_per_s() const { return servers / service_s; }
};

class SimulatedQueue {
  public:
    SimulatedQueue(const QueueShape& shape, std::uint64_t seed)
        : shape_(shape), random_(seed), free_at_s_(static_cast<std::size_t>(shape.servers)) {}

    // What comes of the messages that arrive within the next `length_s`, at a rate.
    struct Batch {
        std::uint64_t arrived = 0;
        std::uint64_t departed = 0;        // of all, those that left within this time
        stats::HistogramSnapshot sojourn;  // of those that arrived
    };
    [[nodiscard]] Batch advance(double rate_per_s, double length_s) {
        Batch batch;
        const double end_s = now_s_ + length_s;
        const auto sojourn = std::make_unique<stats::Histogram>();
        if (next_arrival_s_ <= now_s_) next_arrival_s_ = now_s_ + exponential() / rate_per_s;
        while (next_arrival_s_ < end_s) {
            const double done_s = serve(next_arrival_s_);
            sojourn->record(static_cast<TimeNs>((done_s - next_arrival_s_) * 1e9));
            departures_s_.push_back(done_s);
            ++batch.arrived;
            next_arrival_s_ += exponential() / rate_per_s;
        }
        const auto gone = std::partition(departures_s_.begin(), departures_s_.end(),
                                         [=](double done_s) { return done_s >= end_s; });
        batch.departed = static_cast<std::uint64_t>(departures_s_.end() - gone);
        departures_s_.erase(gone, departures_s_.end());
        now_s_ = end_s;
        batch.sojourn = sojourn->snapshot();
        return batch;
    }

    // All that came has left.
    void drain() {
        std::fill(free_at_s_.begin(), free_at_s_.end(), now_s_);
        departures_s_.clear();
    }

  private:
    [[nodiscard]] double exponential() {
        return -std::log((static_cast<double>(random_.next() >> 11) + 1) * 0x1p-53);
    }
    [[nodiscard]] double serve(double arrival_s) {
        double& server = *std::min_element(free_at_s_.begin(), free_at_s_.end());
        const double share = shape_.law == ServiceTime::fixed ? 1 : exponential();
        return server = std::max(server, arrival_s) + share * shape_.service_s;
    }

    QueueShape shape_;
    Prng random_;
    std::vector<double> free_at_s_;     // of each server
    std::vector<double> departures_s_;  // of those that are in the queue
    double now_s_ = 0;
    double next_arrival_s_ = 0;
};

}  // namespace wsblast::support
