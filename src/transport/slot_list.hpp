// A bounded list of slot numbers, filled at one end and taken from either: free slots, slots that wait for
// something. Its memory is reserved once, for the most slots there can be.
//
// Whoever pushes keeps to the number of entries that the list was made for.
#pragma once

#include <cassert>
#include <cstdint>

#include "base/mapped_array.hpp"

namespace wsblast::transport {

// Invariant: the slots [first_, last_) of the circular array are the list, oldest first; last_ - first_ <=
// size.
class SlotList {
  public:
    explicit SlotList(std::uint32_t slots_max) : slots_(slots_max + 1) {}

    [[nodiscard]] std::uint32_t size() const { return last_ - first_; }

    void push(std::uint32_t slot) {
        assert(size() < slots_.size());
        slots_[place(last_++)] = slot;
    }

    // The slot that was pushed last: its memory is warm. The list must not be empty.
    [[nodiscard]] std::uint32_t pop() {
        assert(size() > 0);
        return slots_[place(--last_)];
    }

    // The slot that has waited longest. The list must not be empty.
    [[nodiscard]] std::uint32_t pop_oldest() {
        assert(size() > 0);
        const std::uint32_t slot = slots_[place(first_++)];
        if (first_ >= slots_.size()) {
            first_ -= static_cast<std::uint32_t>(slots_.size());
            last_ -= static_cast<std::uint32_t>(slots_.size());
        }
        return slot;
    }

  private:
    // last_ stays below twice the size, first_ below it.
    [[nodiscard]] std::uint32_t place(std::uint32_t position) const {
        const auto size = static_cast<std::uint32_t>(slots_.size());
        return position < size ? position : position - size;
    }

    MappedArray<std::uint32_t> slots_;
    std::uint32_t first_ = 0;
    std::uint32_t last_ = 0;
};

}  // namespace wsblast::transport
