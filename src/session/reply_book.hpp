// The messages of a connection that are not answered yet.
//
// Messages that became due and were sent together stand together: a run of them has one entry, so a
// pipeline of thousands is a few entries, and answers to a run are recorded at once. The first entry lies
// in the connection's own state: at depth 1 nothing else is touched.
#pragma once

#include <cassert>
#include <cstdint>

#include "base/mapped_array.hpp"
#include "base/units.hpp"

namespace wsblast::session {

// `count` messages numbered from `first`, sent at the same time. Message first + i was due at
// due_ns + i * step, where the step is the schedule's (0 in a closed loop).
struct OpenRun {
    TimeNs due_ns;
    TimeNs sent_ns;
    std::uint64_t first;
    std::uint32_t count;
    std::uint32_t next;  // in the pool + 1; 0: the last
};

// Entries beyond a connection's first one. One worker thread.
class RunPool {
  public:
    // `runs_max` bounds the address space, not the memory.
    explicit RunPool(std::uint32_t runs_max) : runs_(runs_max) {}

    [[nodiscard]] bool ok() const { return runs_.ok(); }
    [[nodiscard]] bool exhausted() const { return free_ == 0 && used_ == runs_.size(); }

    // The number of a fresh entry, from 1. The pool must not be exhausted.
    [[nodiscard]] std::uint32_t take() {
        if (free_ == 0) return ++used_;
        const std::uint32_t number = free_;
        free_ = at(number).next;
        return number;
    }
    void give(std::uint32_t number) {
        at(number).next = free_;
        free_ = number;
    }
    [[nodiscard]] OpenRun& at(std::uint32_t number) { return runs_[number - 1]; }

  private:
    MappedArray<OpenRun> runs_;
    std::uint32_t used_ = 0;
    std::uint32_t free_ = 0;
};

// Invariant: open() is the sum of the runs' counts; when it is 0 there is no run, else front_.count > 0.
// No run is empty, and message numbers rise along them. All zeros is the empty book.
class ReplyBook {
  public:
    [[nodiscard]] std::uint32_t open() const { return open_; }
    [[nodiscard]] const OpenRun& front() const { return assert(open_ > 0), front_; }

    // Adds the next messages. They join the last run when they were sent with it and due `step_ns` after
    // one another. False: the pool is exhausted, nothing was added.
    [[nodiscard]] bool push(const OpenRun& run, TimeNs step_ns, RunPool& pool) {
        if (open_ == 0) {
            front_ = {run.due_ns, run.sent_ns, run.first, run.count, 0};
            last_ = 0;
        } else if (OpenRun& last = last_ == 0 ? front_ : pool.at(last_); joins(last, run, step_ns)) {
            last.count += run.count;
        } else {
            if (pool.exhausted()) return false;
            const std::uint32_t number = pool.take();
            pool.at(number) = run;
            pool.at(number).next = 0;
            (last_ == 0 ? front_ : pool.at(last_)).next = number;
            last_ = number;
        }
        open_ += run.count;
        return true;
    }

    // Removes the `count` oldest messages, at most front().count of them.
    void pop(std::uint32_t count, TimeNs step_ns, RunPool& pool) {
        assert(count <= front_.count);
        open_ -= count;
        front_.count -= count;
        front_.first += count;
        front_.due_ns += count * step_of(step_ns);
        if (front_.count == 0) pull_front(pool);
    }

    // What take() found of a message.
    struct Taken {
        TimeNs due_ns = 0;
        TimeNs sent_ns = 0;  // 0: it is not open
    };

    // Removes message `number`, wherever it stands.
    [[nodiscard]] Taken take(std::uint64_t number, TimeNs step_ns, RunPool& pool) {
        if (open_ == 0 || number < front_.first) return {};
        std::uint32_t before = 0;  // the run before `at`, in the pool; 0: the front
        std::uint32_t at = 0;
        OpenRun* run = &front_;
        while (number >= run->first + run->count) {
            if (run->next == 0) return {};
            before = at;
            at = run->next;
            run = &pool.at(at);
        }
        if (number < run->first) return {};
        const std::uint64_t offset = number - run->first;
        const Taken taken{run->due_ns + offset * step_of(step_ns), run->sent_ns};
        if (at == 0 && offset == 0) {
            pop(1, step_ns, pool);
        } else if (!remove_within(*run, static_cast<std::uint32_t>(offset), step_ns, pool)) {
            return {};
        }
        if (at != 0 && run->count == 0) unlink(before, at, pool);
        return taken;
    }

    // The oldest open message for which carries(number) is true; none: kNone.
    static constexpr std::uint64_t kNone = ~std::uint64_t{0};
    template <class Carries>
    [[nodiscard]] std::uint64_t find(RunPool& pool, Carries&& carries) const {
        if (open_ == 0) return kNone;
        const OpenRun* run = &front_;
        for (;;) {
            for (std::uint64_t number = run->first; number < run->first + run->count; ++number) {
                if (carries(number)) return number;
            }
            if (run->next == 0) return kNone;
            run = &pool.at(run->next);
        }
    }

    // Removes everything; returns how many messages that were.
    std::uint32_t clear(RunPool& pool) {
        const std::uint32_t count = open_;
        while (open_ > 0) pop(front_.count, 0, pool);
        return count;
    }

  private:
    // Runs of a schedule without a fixed step hold one message each.
    [[nodiscard]] static TimeNs step_of(TimeNs step_ns) { return step_ns == kNever ? 0 : step_ns; }

    [[nodiscard]] static bool joins(const OpenRun& last, const OpenRun& run, TimeNs step_ns) {
        return step_ns != kNever && last.sent_ns == run.sent_ns && last.first + last.count == run.first &&
               last.due_ns + last.count * step_ns == run.due_ns;
    }

    // The next run becomes the front.
    void pull_front(RunPool& pool) {
        if (front_.next == 0) return;
        const std::uint32_t number = front_.next;
        front_ = pool.at(number);
        if (last_ == number) last_ = 0;
        pool.give(number);
    }

    // Takes out a run that has become empty: left in, every later look would pass it, until the oldest
    // message is answered or lost.
    void unlink(std::uint32_t before, std::uint32_t at, RunPool& pool) {
        (before == 0 ? front_ : pool.at(before)).next = pool.at(at).next;
        if (last_ == at) last_ = before;
        pool.give(at);
    }

    // Takes one message out of the middle or the end of a run: what follows it becomes a run of its own.
    [[nodiscard]] bool remove_within(OpenRun& run, std::uint32_t offset, TimeNs step_ns, RunPool& pool) {
        const std::uint32_t after = run.count - offset - 1;
        if (after > 0) {
            if (pool.exhausted()) return false;
            const std::uint32_t number = pool.take();
            pool.at(number) = {run.due_ns + (offset + 1) * step_of(step_ns), run.sent_ns,
                               run.first + offset + 1, after, run.next};
            const bool was_last = run.next == 0;
            run.next = number;
            if (was_last) last_ = number;
        }
        run.count = offset;
        --open_;
        return true;
    }

    OpenRun front_;
    std::uint32_t last_;  // in the pool; 0: the front is the last
    std::uint32_t open_;
};

}  // namespace wsblast::session
