// What was published lately, for the listeners of all workers: when a message was due, and how far its
// deliveries have come.
//
// Each publishing connection has a ring of its latest messages. Its worker writes what was sent; every
// worker writes its own share of the deliveries. Nobody waits for anybody: a message is forgotten when a
// later one takes its place, and who looks it up then is told so.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/units.hpp"
#include "plan/program.hpp"
#include "stats/cell.hpp"

namespace wsblast::session {

class FanOutBoard {
  public:
    // Of a program with listeners, which lives longer.
    FanOutBoard(const plan::Program& program, std::uint32_t workers)
        : program_(program),
          workers_(workers),
          depth_(depth_for(program.connections)),
          publishers_(program.connections),
          entries_(program.connections * depth_),
          shares_(program.connections * depth_ * workers),
          joined_(std::size_t{workers} * program.channels) {}

    // False when there was no address space left.
    [[nodiscard]] bool ok() const {
        return publishers_.ok() && entries_.ok() && shares_.ok() && joined_.ok();
    }
    [[nodiscard]] std::uint32_t workers() const { return workers_; }

    // A listener of the worker is ready: the gate is up, and nothing has come to it yet.
    void join(std::uint32_t worker, std::uint64_t listener_index) {
        joined_[joined_at(worker, program_.channel_of(listener_index))].add();
    }

    // What became of a message, when it is forgotten.
    enum class Delivery : std::uint8_t {
        none,        // there was no message
        complete,    // all listeners had it
        incomplete,  // some had not, or nobody listens
    };
    struct Forgotten {
        Delivery delivery = Delivery::none;
        TimeNs spread_ns = 0;  // complete: first -> last delivery
    };

    // Message `number` (from 1, rising) of a connection was sent, due at `due_ns`. Returns what is
    // forgotten for it. The publisher's worker.
    [[nodiscard]] Forgotten note(std::uint64_t publisher, std::uint64_t number, TimeNs due_ns) {
        const std::size_t at = entry_at(publisher, number);
        const Forgotten forgotten = end_of(publisher, at);
        Entry& entry = entries_[at];
        entry.number.store(0, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release);
        entry.due_ns.store(due_ns, std::memory_order_relaxed);
        entry.number.store(number, std::memory_order_release);
        Publisher& of = publishers_[publisher];
        if (of.first.get() == 0) of.first.set(number);
        of.last.set(number);
        return forgotten;
    }

    enum class Known : std::uint8_t {
        never,      // it was not sent yet
        warm_up,    // sent before anything was noted
        forgotten,  // a later one has taken its place
        yes,
    };
    struct Found {
        Known known = Known::never;
        TimeNs due_ns = 0;  // with `yes`
    };
    // Any worker.
    [[nodiscard]] Found find(std::uint64_t publisher, std::uint64_t number) const {
        const Entry& entry = entries_[entry_at(publisher, number)];
        if (entry.number.load(std::memory_order_acquire) == number) {
            const TimeNs due_ns = entry.due_ns.load(std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_acquire);
            if (entry.number.load(std::memory_order_relaxed) == number) return {Known::yes, due_ns};
        }
        const Publisher& of = publishers_[publisher];
        const std::uint64_t first = of.first.get();
        if (first == 0 || number < first) return {Known::warm_up};
        return {number > of.last.get() ? Known::never : Known::forgotten};
    }

    // A message that is known came to one more listener of the worker.
    void deliver(std::uint32_t worker, std::uint64_t publisher, std::uint64_t number, TimeNs now_ns) {
        Share& share = shares_[entry_at(publisher, number) * workers_ + worker];
        if (share.number.get() != number) {
            share.number.set(number);
            share.count.set(0);
            share.first_ns.set(now_ns);
        }
        share.count.add();
        share.last_ns.set(now_ns);
    }

    // --- when all workers have ended -------------------------------------------------------------

    struct Totals {
        std::uint64_t published = 0;
        std::uint64_t expected = 0;  // deliveries
    };
    [[nodiscard]] Totals totals() const {
        Totals totals;
        for (std::uint64_t i = 0; i < publishers_.size(); ++i) {
            const std::uint64_t first = publishers_[i].first.get();
            if (first == 0) continue;
            const std::uint64_t count = publishers_[i].last.get() - first + 1;
            totals.published += count;
            totals.expected += count * listeners_of(i);
        }
        return totals;
    }

    // Calls take(forgotten) for each message that is still known.
    template <class Take>
    void for_each_known(Take&& take) const {
        for (std::size_t at = 0; at < entries_.size(); ++at) {
            const Forgotten forgotten = end_of(at / depth_, at);
            if (forgotten.delivery != Delivery::none) take(forgotten);
        }
    }

  private:
    struct Publisher {
        stats::Cell first;  // number noted; 0: none
        stats::Cell last;
    };
    struct Entry {
        std::atomic<std::uint64_t> number;  // 0: none
        std::atomic<TimeNs> due_ns;
    };
    // The deliveries of one message by one worker.
    struct Share {
        stats::Cell number;  // of the message that it is about
        stats::Cell count;
        stats::Cell first_ns;
        stats::Cell last_ns;
    };

    // As many for each as fit; a power of two.
    [[nodiscard]] static std::size_t depth_for(std::uint64_t publishers) {
        const std::uint64_t fitting = limits::kPublishedKnownMax / std::max<std::uint64_t>(publishers, 1);
        return std::bit_floor(std::max<std::uint64_t>(fitting, limits::kPublishedKnownMin));
    }
    [[nodiscard]] std::size_t entry_at(std::uint64_t publisher, std::uint64_t number) const {
        return publisher * depth_ + (number & (depth_ - 1));
    }
    [[nodiscard]] std::size_t joined_at(std::uint32_t worker, std::uint32_t channel) const {
        return std::size_t{worker} * program_.channels + channel;
    }
    [[nodiscard]] std::uint64_t listeners_of(std::uint64_t publisher) const {
        std::uint64_t sum = 0;
        for (std::uint32_t worker = 0; worker < workers_; ++worker)
            sum += joined_[joined_at(worker, program_.channel_of(publisher))].get();
        return sum;
    }

    [[nodiscard]] Forgotten end_of(std::uint64_t publisher, std::size_t at) const {
        const std::uint64_t number = entries_[at].number.load(std::memory_order_relaxed);
        if (number == 0) return {};
        std::uint64_t count = 0;
        TimeNs first_ns = kNever;
        TimeNs last_ns = 0;
        for (std::uint32_t worker = 0; worker < workers_; ++worker) {
            const Share& share = shares_[at * workers_ + worker];
            if (share.number.get() != number) continue;
            count += share.count.get();
            first_ns = std::min(first_ns, share.first_ns.get());
            last_ns = std::max(last_ns, share.last_ns.get());
        }
        if (count == 0 || count < listeners_of(publisher)) return {Delivery::incomplete};
        return {Delivery::complete, last_ns - std::min(first_ns, last_ns)};
    }

    // Constant after construction.
    const plan::Program& program_;
    std::uint32_t workers_;
    std::size_t depth_;
    // By publishing connection; by its latest messages; by those and worker; by worker and channel.
    MappedArray<Publisher> publishers_;
    MappedArray<Entry> entries_;
    MappedArray<Share> shares_;
    MappedArray<stats::Cell> joined_;
};

}  // namespace wsblast::session
