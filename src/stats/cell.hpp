// A number that one thread writes and any thread may read while it is written.
//
// Writing is a load and a store, never an atomic read-modify-write: it costs what a plain variable costs.
// A reader sees a value that the number really had (never half of one); two cells read one after the other
// need not belong to the same moment.
#pragma once

#include <atomic>
#include <cstdint>

namespace wsblast::stats {

// All bytes zero is the value 0, so cells may live in a MappedArray.
template <class Number>
class CellOf {
    static_assert(std::atomic<Number>::is_always_lock_free, "a lock would stop the writer");

  public:
    CellOf() = default;
    explicit CellOf(Number value) : value_(value) {}

    // Any thread.
    [[nodiscard]] Number get() const { return value_.load(std::memory_order_relaxed); }

    // The one writer's thread, as everything below.
    void set(Number value) { value_.store(value, std::memory_order_relaxed); }
    void add(Number amount = 1) { set(get() + amount); }
    void subtract(Number amount = 1) { set(get() - amount); }

    // Never lowers the value: for a peak.
    void raise_to(Number value) {
        if (value > get()) set(value);
    }

    // Never raises the value: for a minimum.
    void lower_to(Number value) {
        if (value < get()) set(value);
    }

  private:
    std::atomic<Number> value_{};
};

using Cell = CellOf<std::uint64_t>;

// What a reader turns cells into: `read(cell)`, and the same for a plain number, so that one list of fields
// serves both.
template <class Number>
[[nodiscard]] Number read(const CellOf<Number>& cell) {
    return cell.get();
}
[[nodiscard]] inline std::uint64_t read(std::uint64_t value) {
    return value;
}

}  // namespace wsblast::stats
