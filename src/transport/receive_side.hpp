// What the connections of one ring receive: each has one receive armed, and where the shared buffers have
// run out they are armed again no faster than buffers come back.
//
// One worker thread. What a receive that ended means for its connection is the lane's to decide.
#pragma once

#include <cerrno>
#include <utility>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "ring/stamps.hpp"
#include "ring/user_data.hpp"
#include "transport/link.hpp"
#include "transport/slot_list.hpp"
#include "transport/transport.hpp"

namespace wsblast::transport {

template <class Ring>
class ReceiveSide {
  public:
    // `links` by slot; everything lives longer. `clock` is refreshed by its owner, when there are stamps.
    ReceiveSide(Ring& ring, MappedArray<Link>& links, const ring::StampClock& clock,
                TransportCounters& counters)
        : ring_(ring),
          links_(links),
          clock_(clock),
          counters_(counters),
          starved_(2 * static_cast<std::uint32_t>(links.size())) {}

    void arm(std::uint32_t slot) {
        Link& link = links_[slot];
        link.add(InFlight::receive);
        ring_.receive(slot, link.user_data(ring::Op::receive, slot));
    }

    // After a receive that has ended.
    void arm_again(std::uint32_t slot) {
        if (links_[slot].reading == Reading::on) arm(slot);
    }

    // What the peer sends stays with the kernel, until its room is used up.
    void pause(std::uint32_t slot) {
        Link& link = links_[slot];
        if (!link.receives() || std::exchange(link.reading, Reading::paused) == Reading::paused) return;
        if (link.has(InFlight::receive)) ring_.cancel(link.user_data(ring::Op::receive, slot));
    }
    // A receive whose cancel is under way is armed when it has ended.
    void resume(std::uint32_t slot) {
        Link& link = links_[slot];
        link.reading = Reading::on;
        if (link.receives() && !link.has(InFlight::receive)) arm(slot);
    }

    // Calls take(bytes, stamp_ns) with what a completion of Op::receive brought for `link`, its owner or
    // null, then gives the buffer back: whoever owns the slot now, one that is not given back is lost.
    template <class Take>
    void deliver(const ring::Completion& completion, const Link* link, TimeNs now_ns, Take&& take) {
        if (completion.result > 0 && link != nullptr && link->receives()) {
            const ring::Received received = ring_.received(completion);
            take(received.bytes, clock_.to_monotonic(received.stamp_ns, now_ns));
        }
        if (completion.buffer != ring::kNoBuffer) ring_.give_back_buffer(completion.buffer);
    }

    // The slot's receive ended with ENOBUFS: armed again when a next tick begins.
    void starve(std::uint32_t slot) {
        ++counters_.buffers_exhausted;
        starved_.push(slot);
    }

    // Arms the oldest of those that starved.
    void flush() {
        for (std::uint32_t rearms = limits::kReceiveBuffers / 2; rearms > 0 && starved_.size() > 0;) {
            const std::uint32_t slot = starved_.pop_oldest();
            const Link& link = links_[slot];
            if (!link.receives() || link.has(InFlight::receive)) continue;
            if (link.reading == Reading::paused) continue;
            arm(slot);
            --rearms;
        }
    }

    // Somebody waits for a buffer that the next tick may bring.
    [[nodiscard]] bool has_starved() const { return starved_.size() > 0; }

  private:
    Ring& ring_;
    MappedArray<Link>& links_;
    const ring::StampClock& clock_;
    TransportCounters& counters_;
    SlotList starved_;  // a slot may be in it once more before its former owner's entry is met
};

}  // namespace wsblast::transport
