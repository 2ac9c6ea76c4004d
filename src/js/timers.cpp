#include "js/timers.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace wsblast::js {

namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};
constexpr int kSlotBits = 24;
static_assert(limits::kScriptTimersMax < (std::size_t{1} << kSlotBits));

}  // namespace

std::uint64_t Timers::set(const TimerRequest& request, const JS::Value& function) {
    if (live_ >= limits::kScriptTimersMax) return 0;
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(timers_.size()));
        timers_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    Timer& timer = timers_[slot];
    // Exact as a number of JavaScript (below 2^53) for the first 2^29 timers of a core.
    timer.number = (++serial_ << kSlotBits) | slot;
    timer.request = request;
    timer.function = function;
    link(slot);
    ++live_;
    heap_.push({request.due_ns, timer.number});
    return timer.number;
}

void Timers::link(std::uint32_t slot) {
    Timer& timer = timers_[slot];
    timer.previous = timer.next = kNone;
    const UserId user = timer.request.user;
    if (user == kNobody) return;
    if (user >= first_.size()) first_.resize(user + std::size_t{1}, kNone);
    timer.next = first_[user];
    if (timer.next != kNone) timers_[timer.next].previous = slot;
    first_[user] = slot;
}

void Timers::free(std::uint32_t slot) {
    Timer& timer = timers_[slot];
    if (timer.next != kNone) timers_[timer.next].previous = timer.previous;
    if (timer.previous != kNone) {
        timers_[timer.previous].next = timer.next;
    } else if (timer.request.user != kNobody) {
        first_[timer.request.user] = timer.next;
    }
    timer.number = 0;
    timer.function = JS::UndefinedValue();
    free_.push_back(slot);
    --live_;
}

Timers::Timer* Timers::find(std::uint64_t number) {
    const std::uint32_t slot = slot_of(number);
    if (number == 0 || slot >= timers_.size() || timers_[slot].number != number) return nullptr;
    return &timers_[slot];
}

void Timers::clear(std::uint64_t number) {
    if (find(number) != nullptr) free(slot_of(number));
}

void Timers::clear_all_of(UserId user) {
    if (user >= first_.size()) return;
    while (first_[user] != kNone) free(first_[user]);
}

void Timers::drop_cleared() {
    while (!heap_.empty() && find(heap_.top().number) == nullptr) heap_.pop();
}

std::optional<Timers::Fired> Timers::take_due(TimeNs now_ns) {
    drop_cleared();
    if (heap_.empty() || heap_.top().due_ns > now_ns) return std::nullopt;
    const Due due = heap_.top();
    heap_.pop();
    Timer& timer = *find(due.number);
    const Fired fired{timer.request.user, timer.function.get()};
    if (timer.request.period_ns == 0) {
        free(slot_of(due.number));
        return fired;
    }
    const TimeNs next_ns =
        std::max(due.due_ns + timer.request.period_ns, now_ns + limits::kScriptTimerMinNs);
    heap_.push({next_ns, due.number});
    return fired;
}

TimeNs Timers::next_due_ns() {
    drop_cleared();
    return heap_.empty() ? kNever : heap_.top().due_ns;
}

void Timers::trace(JSTracer* tracer) {
    for (Timer& timer : timers_) JS::TraceEdge(tracer, &timer.function, "timer");
}

}  // namespace wsblast::js
