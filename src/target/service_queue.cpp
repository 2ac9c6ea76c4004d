#include "target/service_queue.hpp"

#include <algorithm>
#include <functional>

#include "base/limits.hpp"
#include "base/prng.hpp"
#include "target/faults.hpp"

namespace wsblast::target {

ServiceQueue::ServiceQueue(const plan::ServicePlan& plan, std::uint64_t seed, Counters& counters)
    : plan_(plan), seed_(seed), counters_(counters), free_at_ns_(plan.any() ? plan.servers : 0, 0) {}

TimeNs ServiceQueue::depart(TimeNs arrival_ns) {
    advance(arrival_ns);
    awake_until_ns_ = arrival_ns + limits::kServiceAwakeNs;
    const TimeNs taken_ns = service_ns(arrivals_++);
    std::ranges::pop_heap(free_at_ns_, std::greater{});
    TimeNs& server_free_ns = free_at_ns_.back();
    const TimeNs departure_ns = std::max(arrival_ns, server_free_ns) + taken_ns;
    server_free_ns = departure_ns;
    std::ranges::push_heap(free_at_ns_, std::greater{});

    in_progress_.push_back({departure_ns, taken_ns});
    std::ranges::push_heap(in_progress_, is_later);
    counters_[Count::arrived].add();
    counters_[Count::length].set(in_progress_.size());
    counters_[Count::length_max].raise_to(in_progress_.size());
    return departure_ns;
}

void ServiceQueue::advance(TimeNs now_ns) {
    while (!in_progress_.empty() && in_progress_.front().at_ns <= now_ns) {
        counters_[Count::served].add();
        counters_[Count::busy_ns].add(in_progress_.front().service_ns);
        std::ranges::pop_heap(in_progress_, is_later);
        in_progress_.pop_back();
    }
    counters_[Count::length].set(in_progress_.size());
}

void ServiceQueue::note_late(TimeNs late_ns) {
    counters_[Count::late_ns].add(late_ns);
    counters_[Count::late_max_ns].raise_to(late_ns);
}

TimeNs ServiceQueue::service_ns(std::uint64_t number) const {
    return time_by(plan_.time, fraction_of(draw(seed_, Stream::service_time, number)));
}

}  // namespace wsblast::target
