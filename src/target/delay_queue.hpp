// What the target is to do later, by time: answers that are held back, and the end of other waits.
//
// Exact to the nanosecond: delays are told from the arrival of the message that is answered. One worker
// thread; memory grows with what waits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/units.hpp"
#include "target/faults.hpp"
#include "transport/transport.hpp"

namespace wsblast::target {

enum class LaterKind : std::uint8_t {
    answer,   // `chunk` holds the frame
    give_up,  // no other answer came: the one that is held back for it leaves
    push,     // the next unasked message
};

struct Later {
    TimeNs due_ns = 0;
    std::uint64_t order = 0;  // of two that are due at the same time the earlier one is first
    transport::ConnectionId cid = 0;
    std::uint32_t generation = 0;  // of the connection: another one has its id by now, perhaps
    LaterKind kind = LaterKind::answer;
    Fate fate = Fate::sent;
    std::uint64_t number = 0;  // answer, give_up: which answer of the connection
    ByteSpan chunk{};
    std::uint32_t size = 0;  // of the frame
};

class DelayQueue {
  public:
    [[nodiscard]] bool empty() const { return heap_.empty(); }
    [[nodiscard]] std::size_t size() const { return heap_.size(); }
    // kNever when nothing waits.
    [[nodiscard]] TimeNs next_ns() const { return heap_.empty() ? kNever : heap_.front().due_ns; }

    void push(Later later) {
        later.order = next_order_++;
        heap_.push_back(later);
        std::push_heap(heap_.begin(), heap_.end(), is_later);
    }

    // The next one. There must be one.
    [[nodiscard]] Later pop() {
        std::pop_heap(heap_.begin(), heap_.end(), is_later);
        const Later later = heap_.back();
        heap_.pop_back();
        return later;
    }

  private:
    static bool is_later(const Later& a, const Later& b) {
        return a.due_ns != b.due_ns ? a.due_ns > b.due_ns : a.order > b.order;
    }

    std::vector<Later> heap_;
    std::uint64_t next_order_ = 0;
};

}  // namespace wsblast::target
