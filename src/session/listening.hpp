// What the listening connections of a worker receive: each message of each publisher counted once, its
// one-way latency recorded, second copies and wrong order told apart.
//
// One worker thread; nothing is allocated.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/mapped_array.hpp"
#include "base/units.hpp"
#include "plan/program.hpp"
#include "session/fan_out_board.hpp"
#include "session/run_control.hpp"
#include "stats/shard.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

// Which numbers of a sequence have come: the highest, and those shortly before it. All zeros is none.
class SequenceWindow {
  public:
    enum class Arrival : std::uint8_t { in_order, out_of_order, duplicate };

    // Message `number`, from 1, has come. One that lies further back than kDepth is taken for a first copy.
    [[nodiscard]] Arrival note(std::uint64_t number) {
        if (number > highest_) {
            const std::uint64_t step = number - highest_;
            seen_ = step < kDepth ? seen_ << step : 0;
            seen_ |= 1;
            highest_ = number;
            return Arrival::in_order;
        }
        const std::uint64_t back = highest_ - number;
        if (back >= kDepth) return Arrival::out_of_order;
        const std::uint64_t bit = std::uint64_t{1} << back;
        if ((seen_ & bit) != 0) return Arrival::duplicate;
        seen_ |= bit;
        return Arrival::out_of_order;
    }

  private:
    static constexpr std::uint64_t kDepth = 64;

    std::uint64_t highest_;
    std::uint64_t seen_;  // bit i: highest_ - i
};

class Listening {
  public:
    // Of one of the board's workers.
    Listening(FanOutBoard& board, const RunParts& run, std::uint32_t worker)
        : board_(board),
          program_(run.program),
          shard_(run.shard),
          worker_(worker),
          pairs_((run.program.listeners / board.workers() + 1) * run.program.connections) {}

    // False when there was no address space left.
    [[nodiscard]] bool ok() const { return pairs_.ok(); }

    // Before and after all messages that one receive brought. A kernel stamp is taken for the last of them
    // only; the others keep the time of user space.
    void begin_read(const transport::Arrival& at) { at_ = at; }
    void end_read() {
        if (last_.number != 0) {
            shard_.receive_delay.record(at_.now_ns - at_.stamp_ns);
            arrived(std::exchange(last_, {}), at_.stamp_ns);
        }
        at_ = {};
    }

    // A stamped message came at `now_ns` to the listener of that index of the run.
    void on_message(std::uint64_t index, const plan::Stamp& stamp, TimeNs now_ns) {
        stats::Counters& counters = shard_.counters;
        const FanOutBoard::Found found = board_.find(stamp.connection, stamp.number);
        if (found.known == FanOutBoard::Known::warm_up) return;
        const bool same_channel = program_.channel_of(index) == program_.channel_of(stamp.connection);
        if (found.known == FanOutBoard::Known::never || !same_channel) return counters.unexpected.add();
        switch (window_of(index, stamp.connection).note(stamp.number)) {
            case SequenceWindow::Arrival::duplicate: return counters.push_duplicates.add();
            case SequenceWindow::Arrival::out_of_order: counters.push_out_of_order.add(); break;
            case SequenceWindow::Arrival::in_order: break;
        }
        counters.pushes.add();
        if (found.known == FanOutBoard::Known::forgotten) return counters.push_untimed.add();
        const Delivered delivered{stamp.connection, stamp.number, found.due_ns};
        if (at_.stamp_ns == 0) return arrived(delivered, now_ns);
        const Delivered earlier = std::exchange(last_, delivered);
        if (earlier.number == 0) return;
        counters.stamps_shared.add();
        arrived(earlier, now_ns);
    }

  private:
    // A first copy of a message that is known; number 0: none.
    struct Delivered {
        std::uint32_t publisher = 0;
        std::uint64_t number = 0;
        TimeNs due_ns = 0;
    };

    void arrived(const Delivered& delivered, TimeNs at_ns) {
        shard_.push_latency.record(std::max(at_ns, delivered.due_ns) - delivered.due_ns);
        board_.deliver(worker_, delivered.publisher, delivered.number, at_ns);
    }

    // Listeners are dealt out to the workers in turn.
    [[nodiscard]] SequenceWindow& window_of(std::uint64_t index, std::uint64_t publisher) {
        const std::uint64_t row = (index - program_.connections) / board_.workers();
        return pairs_[row * program_.connections + publisher];
    }

    FanOutBoard& board_;
    const plan::Program& program_;
    stats::Shard& shard_;
    std::uint32_t worker_;
    // Of the receive that is being read.
    transport::Arrival at_;
    Delivered last_;                     // its latest message so far
    MappedArray<SequenceWindow> pairs_;  // by listener and publisher; touched where a message came
};

}  // namespace wsblast::session
