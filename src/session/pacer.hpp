// Sends the measured messages of a connection: each when it is due and a place is free.
//
// A message's due time belongs to the schedule (or, in the closed loop, to the answer that freed its
// place). That the transport has no room, or the worker comes late, never moves it: the difference is the
// send lag. A message whose turn has come and that finds no place or no room is blocked, and keeps its due
// time. One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.hpp"
#include "base/units.hpp"
#include "plan/program.hpp"
#include "session/answers.hpp"
#include "session/client_state.hpp"
#include "session/deflations.hpp"
#include "session/fan_out_board.hpp"
#include "session/run_control.hpp"
#include "session/timetable.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

enum class Pace : std::uint8_t {
    done,      // everything that was planned is sent, or given up because the time is over
    waiting,   // for a due time: see next_wake_ns()
    blocked,   // for a place: an event will tell
    roomless,  // for room: on_room will tell
};

// What messages leave through.
template <class Transport>
struct Outlet {
    Transport& transport;
    Deflations& deflations;
};

template <class Transport>
class Pacer {
  public:
    // `board`: where listeners look up what was sent; null without listeners.
    Pacer(const Outlet<Transport>& outlet, Answers& answers, const RunParts& run, FanOutBoard* board)
        : transport_(outlet.transport),
          deflations_(outlet.deflations),
          answers_(answers),
          program_(run.program),
          shard_(run.shard),
          warm_(run.warm),
          timetable_(run.program, run.control),
          board_(board) {}

    // The connection begins to send. `seat`: its place among all that were open at T0.
    void begin(ClientState& client, TimeNs now_ns, std::uint64_t seat) const {
        timetable_.begin(client, now_ns, seat);
    }

    // Sends a message that is none of the measured ones. False: no room now.
    [[nodiscard]] bool send_setup(transport::ConnectionId cid, const ClientState& client, TimeNs now_ns) {
        const plan::MessageInstance instance = instance_of(client, 0, now_ns);
        if (client.sender.takes_over)
            return write_deflated(cid, *program_.remembered_setup, instance).frames > 0;
        return write_one(cid, *program_.setup, instance) > 0;
    }

    // Sends what is due at `now_ns`, as far as there are places and room.
    [[nodiscard]] Pace send_due(transport::ConnectionId cid, ClientState& client, TimeNs now_ns) {
        // What was due before the end is sent, however late this tick is; what is blocked is not.
        const bool over = now_ns >= timetable_.end_ns(client);
        if (over && (timetable_.closed() || client.blocked == Blocked::yes))
            answers_.give_up_unsent(client, now_ns);
        for (;;) {
            if (client.sent >= client.planned) return Pace::done;
            const TimeNs due_ns = unpaced() ? now_ns : client.due_ns;
            if (due_ns > now_ns) {
                client.blocked = Blocked::no;
                return Pace::waiting;
            }
            if (client.planned == plan::kUnlimited) end_warm_up(client, due_ns);
            const std::uint32_t places = answers_.places(client);
            if (places == 0 || answers_.memory_is_used_up()) return block(client, now_ns, Pace::blocked);
            const std::uint32_t count = std::min(places, due_count(client, due_ns, now_ns));
            const std::uint32_t written = write(cid, client, count, now_ns);
            if (written == 0) return block(client, now_ns, Pace::roomless);
            if (board_ != nullptr) publish(client, due_ns, written);
            answers_.sent(client, due_ns, now_ns, written);
            advance(client, written);
            if (written < count && program_.message_of(client.sender).block_frames() == 0)
                return block(client, now_ns, Pace::roomless);
        }
    }

    // When the clock alone gives send_due() something to do again: a due time that has passed waits for an
    // event, not for a time.
    [[nodiscard]] TimeNs next_wake_ns(const ClientState& client, TimeNs now_ns) const {
        const TimeNs end_ns = std::max(timetable_.end_ns(client), now_ns);
        return client.due_ns > now_ns ? std::min(client.due_ns, end_ns) : end_ns;
    }

    // An interrupt at `now_ns`: what was due by then and is not sent is unsent; the rest was never due.
    void interrupt(ClientState& client, TimeNs now_ns) {
        client.planned = client.sent + timetable_.waiting(client, now_ns);
        answers_.give_up_unsent(client, now_ns);
    }

  private:
    // Nothing is awaited and nothing paces: a message is due when it can be sent.
    [[nodiscard]] bool unpaced() const {
        return timetable_.closed() && program_.matching == plan::Matching::none;
    }

    // A closed loop's warm-up ends with its first measured message: then its number is known.
    void end_warm_up(ClientState& client, TimeNs due_ns) const {
        const std::uint64_t messages = program_.schedule.messages;
        if (messages == plan::kUnlimited || due_ns < timetable_.measured_from_ns()) return;
        client.planned = client.sent + messages;
    }

    // What is due must wait, `waits` says for what. In the closed loop nothing is: its turn comes with its
    // place.
    [[nodiscard]] Pace block(ClientState& client, TimeNs now_ns, Pace waits) {
        if (!timetable_.closed()) client.blocked = Blocked::yes;
        if (now_ns < timetable_.end_ns(client)) return waits;
        answers_.give_up_unsent(client, now_ns);
        return Pace::done;
    }

    // `written` messages were sent: when is the next one due?
    void advance(ClientState& client, std::uint32_t written) const {
        switch (program_.schedule.pacing) {
            case plan::Pacing::closed:
                if (answers_.places(client) == 0) client.due_ns = kNever;
                break;
            case plan::Pacing::interval: client.due_ns += written * program_.schedule.interval_ns; break;
            case plan::Pacing::rate:
                if (client.sent < client.planned) client.due_ns = timetable_.next_due_ns(client);
                break;
        }
    }

    // How many messages are due together at `now_ns`; the first of them is.
    [[nodiscard]] std::uint32_t due_count(const ClientState& client, TimeNs due_ns, TimeNs now_ns) const {
        constexpr std::uint64_t kCountMax = 1u << 20;
        std::uint64_t count = 1;
        switch (program_.schedule.pacing) {
            case plan::Pacing::closed: count = kCountMax; break;
            case plan::Pacing::interval:
                count = (now_ns - due_ns) / program_.schedule.interval_ns + 1;
                break;
            case plan::Pacing::rate: break;
        }
        return static_cast<std::uint32_t>(std::min({count, client.planned - client.sent, kCountMax}));
    }

    [[nodiscard]] plan::MessageInstance instance_of(const ClientState& client, std::uint64_t number,
                                                    TimeNs now_ns) const {
        return {client.sender, {client.index, number, wall_clock_.unix_ms(now_ns)}};
    }

    // Hands over up to `count` of the connection's messages as one piece; returns for how many there was
    // room.
    [[nodiscard]] std::uint32_t write(transport::ConnectionId cid, const ClientState& client,
                                      std::uint32_t count, TimeNs now_ns) {
        const plan::OutgoingMessage& message = program_.message_of(client.sender);
        if (message.block_frames() > 0) {
            const std::uint32_t frames = std::min(count, message.block_frames());
            const ByteView block = message.block(frames);
            if (!transport_.commit_ref(cid, block)) return 0;
            count_bytes(client, block.size());
            if (client.sender.deflate_bits != 0) count_deflated(client, message, {}, frames);
            return frames;
        }
        if (client.sender.takes_over) [[unlikely]]
            return write_remembered(cid, client, count, now_ns);
        std::uint32_t written = 0;
        for (; written < count; ++written) {
            const plan::MessageInstance instance = instance_of(client, client.sent + written + 1, now_ns);
            const std::size_t size = write_one(cid, message, instance);
            if (size == 0) break;
            count_bytes(client, size);
            if (client.sender.deflate_bits != 0) count_deflated(client, message, instance, 1);
        }
        return written;
    }

    // The same for messages that refer to those before them.
    [[nodiscard]] [[gnu::noinline]] std::uint32_t write_remembered(transport::ConnectionId cid,
                                                                   const ClientState& client,
                                                                   std::uint32_t count, TimeNs now_ns) {
        std::uint32_t written = 0;
        for (; written < count; ++written) {
            const plan::MessageInstance instance = instance_of(client, client.sent + written + 1, now_ns);
            const DeflatedSize size = write_deflated(cid, *program_.remembered, instance);
            if (size.frames == 0) break;
            count_bytes(client, size.frames);
            stats::Counters& counters = counters_of(client);
            counters.deflated_from.add(size.from);
            counters.deflated_to.add(size.to);
        }
        return written;
    }

    // Of messages from the one that is due next on.
    void count_bytes(const ClientState& client, std::size_t size) {
        counters_of(client).bytes_sent.add(size);
    }
    [[nodiscard]] stats::Counters& counters_of(const ClientState& client) const {
        const bool warms = client.due_ns < timetable_.measured_from_ns();
        return (warms ? warm_ : shard_).counters;
    }

    void count_deflated(const ClientState& client, const plan::OutgoingMessage& message,
                        const plan::MessageInstance& instance, std::uint64_t count) {
        stats::Counters& counters = counters_of(client);
        const std::uint64_t size = message.payload_size(instance);
        counters.deflated_to.add(count * size);
        counters.deflated_from.add(count * (size + static_cast<std::uint64_t>(message.saved_bytes())));
    }

    // Its size; 0: no room.
    [[nodiscard]] std::size_t write_one(transport::ConnectionId cid, const plan::OutgoingMessage& message,
                                        const plan::MessageInstance& instance) {
        const std::size_t size = message.frame_size(instance);
        const ByteSpan room = transport_.reserve(cid, size);
        if (room.empty()) return 0;
        message.write(room.data(), instance);
        transport_.commit(cid, size);
        return size;
    }

    // Of a message: what was to be compressed, what it became, and that in frames; all 0: no room.
    struct DeflatedSize {
        std::size_t frames = 0;
        std::size_t from = 0;
        std::size_t to = 0;
    };
    // The deflater goes on with what it compresses: there is room for that before it sees any of it.
    [[nodiscard]] DeflatedSize write_deflated(transport::ConnectionId cid,
                                              const plan::OutgoingMessage& message,
                                              const plan::MessageInstance& instance) {
        const ByteSpan room = transport_.reserve(cid, message.deflated_size_max(instance));
        if (room.empty()) return {};
        const ByteView payload = message.write_payload(deflations_.scratch(), instance);
        const ByteView deflated = deflations_.compress(cid, payload);
        const std::size_t frames = message.write_deflated(room.data(), deflated);
        transport_.commit(cid, frames);
        return {frames, payload.size(), deflated.size()};
    }

    // Listeners of this run will look up when it was sent. What was due in the warm-up is not theirs.
    void publish(const ClientState& client, TimeNs first_due_ns, std::uint32_t count) {
        const TimeNs step_ns = count > 1 ? program_.schedule.step_ns() : 0;
        for (std::uint32_t i = 0; i < count; ++i) {
            const TimeNs due_ns = first_due_ns + i * step_ns;
            if (due_ns < timetable_.measured_from_ns()) continue;
            const auto forgotten = board_->note(client.index, client.sent + i + 1, due_ns);
            switch (forgotten.delivery) {
                case FanOutBoard::Delivery::none: break;
                case FanOutBoard::Delivery::complete: shard_.push_spread.record(forgotten.spread_ns); break;
                case FanOutBoard::Delivery::incomplete: shard_.counters.push_incomplete.add(); break;
            }
        }
    }

    Transport& transport_;
    Deflations& deflations_;
    Answers& answers_;
    const plan::Program& program_;
    stats::Shard& shard_;
    stats::Shard& warm_;
    Timetable timetable_;
    WallClock wall_clock_;
    FanOutBoard* board_;
};

}  // namespace wsblast::session
