// setTimeout and setInterval: what is to be called when, for which user. A heap by due time over slots that
// come back; what was cleared leaves the heap when its time has come.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <vector>

#include <js/RootingAPI.h>
#include <js/TracingAPI.h>
#include <js/Value.h>

#include "base/units.hpp"
#include "js/machine.hpp"

namespace wsblast::js {

// Of nobody: set while the processor was loaded.
inline constexpr UserId kNobody = ~UserId{0};

struct TimerRequest {
    UserId user = kNobody;
    TimeNs due_ns = 0;
    TimeNs period_ns = 0;  // 0: once
};

class Timers {
  public:
    // A number above 0, never used before; 0: there are limits::kScriptTimersMax already.
    [[nodiscard]] std::uint64_t set(const TimerRequest& request, const JS::Value& function);
    // Nothing happens when it has fired, or never was.
    void clear(std::uint64_t number);
    void clear_all_of(UserId user);

    struct Fired {
        UserId user = kNobody;
        JS::Value function;  // to be rooted before anything else
    };
    // Takes the first one that is due; an interval is set again, at least a millisecond after now.
    [[nodiscard]] std::optional<Fired> take_due(TimeNs now_ns);
    [[nodiscard]] TimeNs next_due_ns();

    void trace(JSTracer* tracer);
    [[nodiscard]] std::size_t size() const { return live_; }

  private:
    struct Timer {
        JS::Heap<JS::Value> function;
        std::uint64_t number = 0;  // 0: the slot is free
        TimerRequest request;
        std::uint32_t previous = 0;  // of the same user; kNone: it is the first
        std::uint32_t next = 0;
    };
    struct Due {
        TimeNs due_ns = 0;
        std::uint64_t number = 0;
        bool operator>(const Due& other) const {
            return due_ns != other.due_ns ? due_ns > other.due_ns : number > other.number;
        }
    };

    [[nodiscard]] static std::uint32_t slot_of(std::uint64_t number) {
        return static_cast<std::uint32_t>(number & 0xff'ffff);
    }
    [[nodiscard]] Timer* find(std::uint64_t number);
    void link(std::uint32_t slot);
    void free(std::uint32_t slot);
    void drop_cleared();

    std::deque<Timer> timers_;          // addresses stay: the collector knows them
    std::vector<std::uint32_t> free_;   // slots
    std::vector<std::uint32_t> first_;  // timer of each user, by its id
    std::priority_queue<Due, std::vector<Due>, std::greater<>> heap_;
    std::uint64_t serial_ = 0;  // makes numbers unique: above the slot's 24 bits
    std::size_t live_ = 0;
};

}  // namespace wsblast::js
