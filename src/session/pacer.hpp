// Sends the measured messages of a connection: each when it is due and a place is free.
//
// A message's due time belongs to the schedule (or, in the closed loop, to the answer that freed its
// place). That the transport has no room, or the worker comes late, never moves it: the difference is the
// send lag. One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/units.hpp"
#include "plan/program.hpp"
#include "session/answers.hpp"
#include "session/client_state.hpp"
#include "session/run_control.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

enum class Pace : std::uint8_t {
    done,     // everything that was planned is sent, or given up because the time is over
    waiting,  // for a due time: see next_due_ns()
    blocked,  // for a place or for room: an event will tell
};

template <class Transport>
class Pacer {
  public:
    Pacer(Transport& transport, Answers& answers, const RunParts& run)
        : transport_(transport),
          answers_(answers),
          program_(run.program),
          control_(run.control),
          shard_(run.shard) {}

    // The connection begins to send: its schedule starts at `now_ns`, or at T0 where there is a start gate.
    void begin(ClientState& client, TimeNs now_ns, std::uint32_t worker) {
        client.began_ns = now_ns;
        if (program_.schedule.pacing == plan::Pacing::rate) {
            client.began_ns = control_.gate_ns.load(std::memory_order_relaxed);
            client.seat += static_cast<std::uint32_t>(control_.first_seat[worker]);
        }
        client.planned = program_.schedule.planned(seat_of(client));
        client.place_free_ns = now_ns;
    }

    // Sends what is due at `now_ns`, as far as there are places and room.
    [[nodiscard]] Pace send_due(transport::ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (now_ns >= program_.schedule.end_ns(seat_of(client))) stop_sending(client);
        for (;;) {
            if (client.sent >= client.planned) return Pace::done;
            const std::uint32_t places = answers_.places(client);
            if (places == 0 || answers_.memory_is_used_up()) return Pace::blocked;
            const TimeNs due_ns = unpaced() ? now_ns : next_due_ns(client);
            if (due_ns > now_ns) return Pace::waiting;
            const std::uint32_t count = std::min(places, due_count(client, due_ns, now_ns));
            const std::uint32_t written = write(cid, client, count);
            if (written == 0) return Pace::blocked;
            answers_.sent(client, due_ns, now_ns, written);
            if (answers_.places(client) == 0) client.place_free_ns = 0;
            if (written < count && program_.message.block_frames() == 0) return Pace::blocked;
        }
    }

    // When the connection's next message is due.
    [[nodiscard]] TimeNs next_due_ns(const ClientState& client) const {
        if (program_.schedule.pacing == plan::Pacing::closed) return client.place_free_ns;
        return program_.schedule.due_ns(seat_of(client), client.sent);
    }

    // When the clock alone gives send_due() something to do again: a due time that has passed waits for an
    // event, not for a time.
    [[nodiscard]] TimeNs next_wake_ns(const ClientState& client, TimeNs now_ns) const {
        const TimeNs end_ns = std::max(program_.schedule.end_ns(seat_of(client)), now_ns);
        const TimeNs due_ns = next_due_ns(client);
        return due_ns > now_ns ? std::min(due_ns, end_ns) : end_ns;
    }

    // An interrupt at `now_ns`: what was due by then and is not sent is unsent; the rest was never due.
    void interrupt(ClientState& client, TimeNs now_ns) {
        if (program_.schedule.pacing != plan::Pacing::closed) {
            const std::uint64_t due =
                std::min(client.planned, program_.schedule.due_before(seat_of(client), now_ns));
            if (due > client.sent) shard_.counters.unsent.add(due - client.sent);
        }
        client.planned = client.sent;
    }

  private:
    [[nodiscard]] plan::ScheduleSeat seat_of(const ClientState& client) const {
        if (program_.schedule.pacing == plan::Pacing::rate) {
            return {client.began_ns, client.seat, control_.seats.load(std::memory_order_relaxed)};
        }
        return {client.began_ns, client.index, program_.connections};
    }

    // Nothing is awaited and nothing paces: a message is due when it can be sent.
    [[nodiscard]] bool unpaced() const {
        return program_.schedule.pacing == plan::Pacing::closed &&
               program_.matching == plan::Matching::none;
    }

    void stop_sending(ClientState& client) {
        if (client.planned != plan::kUnlimited) shard_.counters.unsent.add(client.planned - client.sent);
        client.planned = client.sent;
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

    // Hands over up to `count` messages as one piece; returns how many there was room for.
    [[nodiscard]] std::uint32_t write(transport::ConnectionId cid, const ClientState& client,
                                      std::uint32_t count) {
        const plan::OutgoingMessage& message = program_.message;
        if (message.block_frames() > 0) {
            const std::uint32_t frames = std::min(count, message.block_frames());
            const ByteView block = message.block(frames);
            if (!transport_.commit_ref(cid, block)) return 0;
            shard_.counters.bytes_sent.add(block.size());
            return frames;
        }
        std::uint32_t written = 0;
        std::size_t bytes = 0;
        for (; written < count; ++written) {
            const std::uint64_t number = client.sent + written + 1;
            const std::size_t size = message.frame_size(client.sender, number);
            const ByteSpan room = transport_.reserve(cid, size);
            if (room.empty()) break;
            message.write(room.data(), client.sender, number);
            transport_.commit(cid, size);
            bytes += size;
        }
        shard_.counters.bytes_sent.add(bytes);
        return written;
    }

    Transport& transport_;
    Answers& answers_;
    const plan::Program& program_;
    const RunControl& control_;
    stats::Shard& shard_;
};

}  // namespace wsblast::session
