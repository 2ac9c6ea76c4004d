// Where each connection stands in the run's schedule, and what of it is due and not sent.
//
// One worker thread; it only reads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/units.hpp"
#include "plan/program.hpp"
#include "session/client_state.hpp"
#include "session/run_control.hpp"

namespace wsblast::session {

class Timetable {
  public:
    Timetable(const plan::Program& program, const RunControl& control)
        : program_(program), control_(control) {}

    [[nodiscard]] bool closed() const { return program_.schedule.pacing == plan::Pacing::closed; }

    // Puts a connection that is ready to send at the start of its schedule: now, or T0 where there is a
    // start gate. `seat`: its place among all that were open then.
    void begin(ClientState& client, TimeNs now_ns, std::uint64_t seat) const {
        client.blocked = Blocked::no;
        const TimeNs gate_ns = control_.gate_ns.load(std::memory_order_relaxed);
        client.began_ns = gate_ns == 0 ? now_ns : gate_ns;
        client.seat = static_cast<std::uint32_t>(seat);
        client.first = client.sent;
        const std::uint64_t planned = program_.schedule.planned(seat_of(client));
        client.planned = planned == plan::kUnlimited ? planned : client.sent + planned;
        client.due_ns = closed() ? now_ns : program_.schedule.first_due_ns(seat_of(client));
    }

    [[nodiscard]] plan::ScheduleSeat seat_of(const ClientState& client) const {
        if (program_.schedule.pacing == plan::Pacing::rate) {
            return {client.began_ns, client.seat, control_.seats.load(std::memory_order_relaxed)};
        }
        return {client.began_ns, client.index, program_.connections};
    }

    // When the connection stops sending.
    [[nodiscard]] TimeNs end_ns(const ClientState& client) const {
        return program_.schedule.end_ns(seat_of(client));
    }

    // When the message that follows the one just sent is due. Not in the closed loop.
    [[nodiscard]] TimeNs next_due_ns(const ClientState& client) const {
        return program_.schedule.next_due_ns(seat_of(client), place_of(client), client.due_ns);
    }

    // Planned messages that are due before `time_ns` and not sent. None in the closed loop, where answers
    // decide, and before the connection has begun.
    [[nodiscard]] std::uint64_t waiting(const ClientState& client, TimeNs time_ns) const {
        if (client.planned == client.sent || client.due_ns == 0 || closed()) return 0;
        return std::min(
            client.planned - client.sent,
            program_.schedule.count_due(seat_of(client), place_of(client), client.due_ns, time_ns));
    }

    // Messages due before this time belong to the warm-up.
    [[nodiscard]] TimeNs measured_from_ns() const {
        return control_.measured_from_ns.load(std::memory_order_relaxed);
    }

  private:
    // Of its next message in the connection's schedule.
    [[nodiscard]] static std::uint64_t place_of(const ClientState& client) {
        return client.sent - client.first;
    }

    const plan::Program& program_;
    const RunControl& control_;
};

}  // namespace wsblast::session
