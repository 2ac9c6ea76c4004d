// The way of an answer through the faults: held back, dropped, sent twice, or overtaken by the next one.
// Each is counted when it has really happened, so that the counters say what a client can have seen.
//
// One worker thread. Made also when there are no faults, and then never asked.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/chunk_pool.hpp"
#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "proto/frame.hpp"
#include "target/counters.hpp"
#include "target/delay_queue.hpp"
#include "target/faults.hpp"
#include "text/format.hpp"
#include "transport/transport.hpp"

namespace wsblast::target {

class FaultyAnswers {
  public:
    FaultyAnswers(const plan::FaultPlan& plan, Counters& counters, std::uint32_t worker, TimeNs started_ns)
        : faults_(plan, worker, started_ns), counters_(counters), active_(plan.touch_answers()) {}

    // False: answers go their way without this class.
    [[nodiscard]] bool active() const { return active_; }
    [[nodiscard]] const Faults& faults() const { return faults_; }

    // Makes room for the state of so many connections. False: no address space.
    [[nodiscard]] bool prepare(std::uint32_t connections) {
        if (!active_) return true;
        seats_ = MappedArray<Seat>(connections);
        return seats_.ok();
    }

    void opened(transport::ConnectionId cid, TimeNs now_ns) {
        if (!active_) return;
        ++seats_[cid].generation;
        if (push_step_ns() > 0) push_later(cid, now_ns + push_step_ns());
    }
    void gone(transport::ConnectionId cid) {
        if (!active_) return;
        Seat& seat = seats_[cid];
        ++seat.generation;
        chunks_.give(seat.held);
        seat.held = {};
    }

    // An answer to what came at `now_ns`: `write(out)` writes its frame of `size` bytes. What leaves now or
    // later goes through out.send_frame(cid, bytes).
    template <class Out, class Write>
    void answer(Out& out, transport::ConnectionId cid, std::size_t size, Write&& write) {
        const std::uint64_t number = answers_++;
        const Fate fate = faults_.fate_of(number);
        if (fate == Fate::dropped) return counters_[Count::dropped].add();
        const ByteSpan chunk = chunks_.take(size);
        if (chunk.empty()) return counters_[Count::unanswered].add();
        write(chunk.data());
        const TimeNs now_ns = out.arrival_ns();
        const TimeNs delayed_ns = now_ns + faults_.delay_of(number);
        const TimeNs leave_ns = faults_.after_stall(delayed_ns);
        if (delayed_ns > now_ns) counters_[Count::delayed].add();
        if (leave_ns > delayed_ns) counters_[Count::stalled].add();
        Later later{.due_ns = leave_ns, .cid = cid, .generation = seats_[cid].generation, .fate = fate};
        later.chunk = chunk;
        later.size = static_cast<std::uint32_t>(size);
        if (leave_ns > now_ns) return queue_.push(later);
        leave(out, later, now_ns);
    }

    // Does what is due.
    template <class Out>
    void expire(Out& out, TimeNs now_ns) {
        while (queue_.next_ns() <= now_ns) {
            const Later later = queue_.pop();
            if (seats_[later.cid].generation != later.generation) {
                chunks_.give(later.chunk);
                continue;
            }
            switch (later.kind) {
                case LaterKind::answer: leave(out, later, now_ns); break;
                case LaterKind::give_up: give_up(out, later); break;
                case LaterKind::push: push(out, later); break;
            }
        }
    }

    // When expire() is to be called next. A wait ends some 20 to 50 us late: shortly before the time it is
    // not worth to wait any more, so `now_ns` is told.
    [[nodiscard]] TimeNs next_wake(TimeNs now_ns) const {
        const TimeNs next_ns = queue_.next_ns();
        if (next_ns == kNever) return kNever;
        return std::max(now_ns, next_ns - std::min(next_ns, limits::kWakeUpNs));
    }

  private:
    // Of one connection.
    struct Seat {
        std::uint32_t generation;
        std::uint32_t holds;  // how many answers were held so far
        std::uint32_t held_size;
        std::uint32_t pushes;
        ByteSpan held;  // a frame that waits to be overtaken
    };

    [[nodiscard]] TimeNs push_step_ns() const {
        const double rate = faults_.plan().pushes_per_s;
        return rate > 0 ? static_cast<TimeNs>(1e9 / rate) : 0;
    }
    void push_later(transport::ConnectionId cid, TimeNs due_ns) {
        Later later{.due_ns = due_ns, .cid = cid, .generation = seats_[cid].generation};
        later.kind = LaterKind::push;
        queue_.push(later);
    }

    template <class Out>
    void leave(Out& out, const Later& later, TimeNs now_ns) {
        Seat& seat = seats_[later.cid];
        if (later.fate == Fate::reordered && seat.held.empty()) return hold(seat, later, now_ns);
        const ByteView frame = later.chunk.first(later.size);
        out.send_frame(later.cid, frame);
        if (later.fate == Fate::duplicated) {
            counters_[Count::duplicated].add();
            out.send_frame(later.cid, frame);
        }
        chunks_.give(later.chunk);
        if (seat.held.empty()) return;
        counters_[Count::reordered].add();
        release(out, later.cid, seat);
    }

    // The next answer of the connection lets it go, or the time that a client should not wait longer.
    void hold(Seat& seat, const Later& later, TimeNs now_ns) {
        seat.held = later.chunk;
        seat.held_size = later.size;
        Later end{.due_ns = now_ns + limits::kReorderWaitNs, .cid = later.cid};
        end.generation = later.generation;
        end.kind = LaterKind::give_up;
        end.hold = ++seat.holds;
        queue_.push(end);
    }

    template <class Out>
    void release(Out& out, transport::ConnectionId cid, Seat& seat) {
        out.send_frame(cid, seat.held.first(seat.held_size));
        chunks_.give(std::exchange(seat.held, {}));
    }

    template <class Out>
    void give_up(Out& out, const Later& later) {
        Seat& seat = seats_[later.cid];
        if (!seat.held.empty() && seat.holds == later.hold) release(out, later.cid, seat);
    }

    template <class Out>
    void push(Out& out, const Later& later) {
        Seat& seat = seats_[later.cid];
        const std::string text = text::format(R"({{"type":"push","seq":{}}})", ++seat.pushes);
        std::array<std::uint8_t, proto::kControlFrameMax> frame;
        const std::size_t size =
            proto::encode_frame(frame, proto::Opcode::text, as_bytes(text), std::nullopt);
        counters_[Count::pushed].add();
        out.send_frame(later.cid, ByteView(frame).first(size));
        if (seat.generation == later.generation) push_later(later.cid, later.due_ns + push_step_ns());
    }

    Faults faults_;
    Counters& counters_;
    bool active_;
    std::uint64_t answers_ = 0;
    DelayQueue queue_;
    ChunkPool chunks_{limits::kDelayedBytesMax};
    MappedArray<Seat> seats_{0};
};

}  // namespace wsblast::target
