// One timer for each dense id: a hierarchical wheel of four levels of 256 slots, 8.2 us to 9.8 hours.
//
// Arming, moving and cancelling are O(1) and allocate nothing; expiry is exact to the nanosecond (a slot is
// a place to look, the deadline decides), never early. One thread uses a wheel.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/mapped_array.hpp"
#include "base/units.hpp"

namespace wsblast {

// Invariant: an armed id is in the one slot that its `list` names, and that slot's bit is set.
class TimerWheel {
  public:
    // Ids are 0 .. ids_max - 1. `start_ns` is the earliest time that will ever be passed in.
    TimerWheel(std::uint32_t ids_max, TimeNs start_ns)
        : nodes_(std::max(ids_max, std::uint32_t{1})), now_tick_(tick_of(start_ns)) {
        heads_.fill(kNone);
    }

    // False when there was no address space for it.
    [[nodiscard]] bool ok() const { return nodes_.ok(); }
    [[nodiscard]] bool armed(std::uint32_t id) const { return nodes_[id].list != kIdle; }
    // The deadline of an armed id, kNever of an idle one.
    [[nodiscard]] TimeNs deadline(std::uint32_t id) const {
        return armed(id) ? nodes_[id].deadline_ns : kNever;
    }

    // Sets the id's only timer; one that was armed is moved. kNever cancels.
    void arm(std::uint32_t id, TimeNs deadline_ns) {
        if (armed(id)) unlink(id);
        if (deadline_ns == kNever) return;
        nodes_[id].deadline_ns = deadline_ns;
        place(id);
    }

    // Arms the timer, or moves it forward; a timer that fires earlier stays. For callers that recompute
    // their deadline when it fires: most moves then cost nothing.
    void arm_no_later_than(std::uint32_t id, TimeNs deadline_ns) {
        if (deadline_ns < deadline(id)) arm(id, deadline_ns);
    }

    void cancel(std::uint32_t id) { arm(id, kNever); }

    // Calls fire(id) for ids whose deadline is not after `now_ns`, each idle by then; after `fires_max` of
    // them the rest waits for the next call, and goes before what is due by then. `fire` may arm and cancel
    // any id; what it arms at or before `now_ns` fires at the next call. `now_ns` never falls.
    template <class Fire>
    void expire(TimeNs now_ns, Fire&& fire, std::uint32_t fires_max = ~0u) {
        const std::uint64_t target = std::max(tick_of(now_ns), now_tick_);
        for (;;) {
            collect(now_ns);
            if (now_tick_ == target) break;
            advance(target);
        }
        for (std::uint32_t fires = 0; heads_[kDueList] != kNone && fires < fires_max; ++fires) {
            const std::uint32_t id = heads_[kDueList];
            unlink(id);
            fire(id);
        }
    }

    // A time not after the earliest deadline and, once it has passed, closer to it: when to call expire()
    // next. Exact within the next 2 ms. 0 when the last call left some; kNever when nothing is armed.
    [[nodiscard]] TimeNs next_wake() const {
        if (heads_[kDueList] != kNone) return 0;
        TimeNs wake_ns = kNever;
        const std::uint32_t first = next_slot(0, now_tick_ & kSlotMask);
        if (first < kSlots) {
            for (std::uint32_t id = heads_[first]; id != kNone; id = nodes_[id].next) {
                wake_ns = std::min(wake_ns, nodes_[id].deadline_ns);
            }
        }
        for (std::uint32_t level = 1; level < kLevels; ++level) {
            const std::uint64_t block = now_tick_ >> (kSlotBits * level);
            const std::uint32_t slot = next_slot(level, (block + 1) & kSlotMask);
            if (slot == kSlots) continue;
            const std::uint64_t ahead = (slot - block - 1) & kSlotMask;
            wake_ns = std::min(wake_ns, ((block + 1 + ahead) << (kSlotBits * level)) << kTickBits);
        }
        return wake_ns;
    }

  private:
    static constexpr std::uint32_t kTickBits = 13;  // 8,192 ns
    static constexpr std::uint32_t kSlotBits = 8;
    static constexpr std::uint32_t kSlots = 1u << kSlotBits;
    static constexpr std::uint64_t kSlotMask = kSlots - 1;
    static constexpr std::uint32_t kLevels = 4;
    static constexpr std::uint32_t kDueList = kLevels * kSlots;  // collected, about to fire
    static constexpr std::uint32_t kNone = ~0u;
    static constexpr std::uint32_t kIdle =
        0;  // Node::list is the list's number + 1, so zeroed memory is idle

    struct Node {
        TimeNs deadline_ns;
        std::uint32_t next;
        std::uint32_t previous;
        std::uint32_t list;
    };

    [[nodiscard]] static constexpr std::uint64_t tick_of(TimeNs time_ns) { return time_ns >> kTickBits; }

    void place(std::uint32_t id) {
        const std::uint64_t tick = std::max(tick_of(nodes_[id].deadline_ns), now_tick_);
        std::uint64_t distance = tick - now_tick_;
        std::uint32_t level = 0;
        while (level + 1 < kLevels && distance >= kSlots) {
            distance >>= kSlotBits;
            ++level;
        }
        // Beyond the last level: wait in its farthest slot and be placed anew from there.
        const std::uint64_t block = distance < kSlots ? tick >> (kSlotBits * level)
                                                      : (now_tick_ >> (kSlotBits * level)) + kSlotMask;
        link(id, level * kSlots + static_cast<std::uint32_t>(block & kSlotMask));
    }

    // At the front of a slot's list, whose order is of no concern.
    void link(std::uint32_t id, std::uint32_t slot) {
        Node& node = nodes_[id];
        node.list = slot + 1;
        node.previous = kNone;
        node.next = heads_[slot];
        if (node.next != kNone) nodes_[node.next].previous = id;
        heads_[slot] = id;
        occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
    }

    // At the end of the due list: one that was left over goes before those that became due after it.
    void link_due(std::uint32_t id) {
        Node& node = nodes_[id];
        node.list = kDueList + 1;
        node.previous = heads_[kDueList] == kNone ? kNone : due_last_;
        node.next = kNone;
        (node.previous == kNone ? heads_[kDueList] : nodes_[node.previous].next) = id;
        due_last_ = id;
    }

    void unlink(std::uint32_t id) {
        Node& node = nodes_[id];
        const std::uint32_t list = node.list - 1;
        if (node.next != kNone) {
            nodes_[node.next].previous = node.previous;
        } else if (list == kDueList) {
            due_last_ = node.previous;
        }
        if (node.previous != kNone) {
            nodes_[node.previous].next = node.next;
        } else {
            heads_[list] = node.next;
            if (node.next == kNone && list < kDueList)
                occupied_[list / 64] &= ~(std::uint64_t{1} << (list % 64));
        }
        node.list = kIdle;
    }

    // Moves what is due in the current slot to the due list.
    void collect(TimeNs now_ns) {
        std::uint32_t id = heads_[now_tick_ & kSlotMask];
        while (id != kNone) {
            const std::uint32_t next = nodes_[id].next;
            if (nodes_[id].deadline_ns <= now_ns) {
                unlink(id);
                link_due(id);
            }
            id = next;
        }
    }

    // Steps to the next tick that has something in it, or to the next block, whichever is first.
    void advance(std::uint64_t target) {
        const std::uint64_t boundary = (now_tick_ | kSlotMask) + 1;
        const std::uint32_t slot = next_slot(0, (now_tick_ + 1) & kSlotMask);
        std::uint64_t next = boundary;
        if (slot < kSlots) next = std::min(boundary, now_tick_ + 1 + ((slot - now_tick_ - 1) & kSlotMask));
        now_tick_ = std::min(next, target);
        if ((now_tick_ & kSlotMask) == 0) cascade();
    }

    // At a block's first tick: the higher slots that begin here are spread over the lower levels.
    void cascade() {
        for (std::uint32_t level = 1; level < kLevels; ++level) {
            const std::uint64_t block = now_tick_ >> (kSlotBits * level);
            const std::uint32_t list = level * kSlots + static_cast<std::uint32_t>(block & kSlotMask);
            std::uint32_t id = heads_[list];
            while (id != kNone) {
                const std::uint32_t next = nodes_[id].next;
                unlink(id);
                place(id);
                id = next;
            }
            if ((block & kSlotMask) != 0) break;
        }
    }

    // The first occupied slot of a level at or after `from`, going round; kSlots when the level is empty.
    [[nodiscard]] std::uint32_t next_slot(std::uint32_t level, std::uint64_t from) const {
        constexpr std::uint32_t words = kSlots / 64;
        const std::uint64_t* bits = &occupied_[level * words];
        const auto start = static_cast<std::uint32_t>(from);
        for (std::uint32_t i = 0; i <= words; ++i) {
            const std::uint32_t word = (start / 64 + i) % words;
            std::uint64_t set = bits[word];
            if (i == 0) set &= ~std::uint64_t{0} << (start % 64);
            if (i == words) set &= ~(~std::uint64_t{0} << (start % 64));
            if (set != 0) return word * 64 + static_cast<std::uint32_t>(std::countr_zero(set));
        }
        return kSlots;
    }

    MappedArray<Node> nodes_;
    std::uint64_t now_tick_;
    std::array<std::uint32_t, kLevels * kSlots + 1> heads_{};
    std::uint32_t due_last_ = kNone;  // of the due list; of no meaning when that is empty
    std::array<std::uint64_t, kLevels * kSlots / 64> occupied_{};
};

}  // namespace wsblast
