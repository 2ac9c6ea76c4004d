// The way of an answer through the faults: queued for a server, held back, dropped, sent twice, or
// overtaken by the next one. Each is counted when it has really happened, so that the counters say what a
// client can have seen.
//
// One worker thread. Made also when there are no faults, and then never asked.
//
// What leaves goes through an `out`, which has
//     TimeNs now_ns()               of what is being done: the arrival of a message, or the tick
//     Sent send_frame(cid, frame)   no: nothing was sent, for want of room or because it is closing
//     void answered(cid)            an answer has left, with its second copy where it has one
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/chunk_pool.hpp"
#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "proto/frame.hpp"
#include "target/burner.hpp"
#include "target/counters.hpp"
#include "target/delay_queue.hpp"
#include "target/faults.hpp"
#include "target/outflow.hpp"
#include "target/service_queue.hpp"
#include "text/format.hpp"
#include "transport/transport.hpp"

namespace wsblast::target {

// What may become of an answer.
enum class Exposure : std::uint8_t {
    all,
    time,  // an acknowledgement: it may be held back, and is not chosen for anything else
};

// An answer of a connection: its frame will have `size` bytes.
struct Owed {
    transport::ConnectionId cid = 0;
    std::size_t size = 0;
    Exposure exposure = Exposure::all;
};

class FaultyAnswers {
  public:
    FaultyAnswers(const plan::FaultPlan& plan, Counters& counters, std::uint32_t worker, TimeNs started_ns)
        : faults_(plan, worker, started_ns),
          counters_(counters),
          active_(plan.touch_answers()),
          service_(plan.service, plan.seed, counters),
          burner_(plan.burn) {}

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
        seats_[cid] = {.generation = seats_[cid].generation + 1,
                       .answers = 0,
                       .latest_left = 0,
                       .pushes = 0,
                       .held = {}};
        if (push_step_ns() > 0) push_later(cid, now_ns + push_step_ns());
    }
    void gone(transport::ConnectionId cid) {
        if (!active_) return;
        Seat& seat = seats_[cid];
        ++seat.generation;
        abandon(std::exchange(seat.held, {}));
    }

    // An answer to what came at out.now_ns(): `write(out)` writes its frame.
    template <class Out, class Write>
    void answer(Out& out, const Owed& owed, Write&& write) {
        const TimeNs now_ns = out.now_ns();
        if (burner_.active()) heat(now_ns);
        // What is dropped has been worked on too.
        const TimeNs served_ns = service_.active() ? service_.depart(now_ns) : now_ns;
        const Fate fate = owed.exposure == Exposure::all ? faults_.fate_of(answers_) : Fate::sent;
        const TimeNs delay_ns = faults_.delay_of(answers_++);
        if (fate == Fate::dropped) return counters_[Count::dropped].add();
        const ByteSpan chunk = chunks_.take(owed.size);
        if (chunk.empty()) return counters_[Count::unanswered].add();
        write(chunk.data());
        Seat& seat = seats_[owed.cid];
        Later later{.due_ns = faults_.after_stall(served_ns + delay_ns), .cid = owed.cid};
        later.generation = seat.generation;
        later.fate = fate;
        later.number = ++seat.answers;
        later.chunk = chunk;
        later.size = static_cast<std::uint32_t>(owed.size);
        if (delay_ns > 0) counters_[Count::delayed].add();
        if (later.due_ns > served_ns + delay_ns) counters_[Count::stalled].add();
        // What is due already has not left before the next tick, and is not to be overtaken by chance.
        if (later.due_ns > now_ns || queue_.next_ns() <= now_ns) return queue_.push(later);
        leave(out, later);
    }

    // Does what is due, up to a number of things a tick.
    template <class Out>
    void expire(Out& out) {
        if (service_.active()) service_.advance(out.now_ns());
        for (std::uint32_t left = limits::kTimersPerTick; left > 0; --left) {
            if (queue_.next_ns() > out.now_ns()) return;
            const Later later = queue_.pop();
            if (seats_[later.cid].generation != later.generation) {
                abandon(later);
                continue;
            }
            switch (later.kind) {
                case LaterKind::answer:
                    if (service_.active()) service_.note_late(out.now_ns() - later.due_ns);
                    leave(out, later);
                    break;
                case LaterKind::give_up: give_up(out, later); break;
                case LaterKind::push: push(out, later); break;
            }
        }
    }

    // When expire() is to be called next. A wait ends late: shortly before the time it is
    // not worth to wait any more, so `now_ns` is told.
    [[nodiscard]] TimeNs next_wake(TimeNs now_ns) const {
        if (service_.active() && now_ns < service_.awake_until_ns()) return now_ns;
        const TimeNs next_ns = queue_.next_ns();
        if (next_ns == kNever) return kNever;
        return std::max(now_ns, next_ns - std::min(next_ns, limits::kWakeUpNs));
    }

  private:
    // Of one connection. Its answers are numbered from 1 in the order of the messages.
    struct Seat {
        std::uint32_t generation;
        std::uint64_t answers;      // so far
        std::uint64_t latest_left;  // the highest number of those that have left
        std::uint64_t pushes;
        Later held;  // with a chunk: an answer that waits to be overtaken
    };

    [[nodiscard]] TimeNs push_step_ns() const {
        const double rate = faults_.plan().pushes_per_s;
        return rate > 0 ? static_cast<TimeNs>(1e9 / rate) : 0;
    }
    void push_later(transport::ConnectionId cid, TimeNs due_ns) {
        Later later{.due_ns = faults_.after_stall(due_ns), .cid = cid};
        later.generation = seats_[cid].generation;
        later.kind = LaterKind::push;
        queue_.push(later);
    }

    template <class Out>
    void leave(Out& out, const Later& later) {
        Seat& seat = seats_[later.cid];
        if (later.fate == Fate::reordered && seat.held.chunk.empty())
            return hold(seat, later, out.now_ns());
        send(out, later);
        if (!seat.held.chunk.empty()) send(out, std::exchange(seat.held, {}));
    }

    // The next answer of the connection lets it go, or the time that a client should not wait longer.
    void hold(Seat& seat, const Later& later, TimeNs now_ns) {
        seat.held = later;
        Later end{.due_ns = faults_.after_stall(now_ns + limits::kReorderWaitNs), .cid = later.cid};
        end.generation = later.generation;
        end.kind = LaterKind::give_up;
        end.number = later.number;
        queue_.push(end);
    }

    template <class Out>
    void give_up(Out& out, const Later& later) {
        Seat& seat = seats_[later.cid];
        const bool waits = !seat.held.chunk.empty() && seat.held.number == later.number;
        if (waits) send(out, std::exchange(seat.held, {}));
    }

    // An answer leaves, once or twice. It is reordered when one to a later message has left before it
    // (RFC 4737 3.3), whatever the reason: that is what its client sees.
    template <class Out>
    void send(Out& out, const Later& later) {
        Seat& seat = seats_[later.cid];
        const ByteView frame = later.chunk.first(later.size);
        if (out.send_frame(later.cid, frame) == Sent::no) return abandon(later);
        if (later.number < seat.latest_left) counters_[Count::reordered].add();
        seat.latest_left = std::max(seat.latest_left, later.number);
        const bool twice = later.fate == Fate::duplicated;
        if (twice && out.send_frame(later.cid, frame) == Sent::yes) counters_[Count::duplicated].add();
        out.answered(later.cid);
        chunks_.give(later.chunk);
    }

    // An answer that will never leave; what is none has no chunk.
    void abandon(const Later& later) {
        if (later.chunk.empty()) return;
        counters_[Count::unanswered].add();
        chunks_.give(later.chunk);
    }

    template <class Out>
    void push(Out& out, const Later& later) {
        std::array<char, proto::kControlPayloadMax> text;
        const std::uint64_t number = ++seats_[later.cid].pushes;
        const char* const end = text::format_to(text.data(), R"({{"type":"push","seq":{}}})", number);
        const std::string_view message(text.data(), end);
        std::array<std::uint8_t, proto::kControlFrameMax> frame;
        const std::size_t size =
            proto::encode_frame(frame, proto::Opcode::text, as_bytes(message), std::nullopt);
        if (out.send_frame(later.cid, ByteView(frame).first(size)) == Sent::no) return;
        counters_[Count::pushed].add();
        push_later(later.cid, later.due_ns + push_step_ns());
    }

    void heat(TimeNs now_ns) {
        if (!burner_.overheats(now_ns)) return;
        burner_.burn();
        counters_[Count::burnt].add();
    }

    Faults faults_;
    Counters& counters_;
    bool active_;
    ServiceQueue service_;
    Burner burner_;
    std::uint64_t answers_ = 0;
    DelayQueue queue_;
    ChunkPool chunks_{limits::kDelayedBytesMax};
    MappedArray<Seat> seats_{0};
};

}  // namespace wsblast::target
