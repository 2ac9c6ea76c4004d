// Rounds of messages over connections that stay open: who takes part in one, and its beginning and its end
// for the connections of a worker. There in a run of rounds only (plan::Program::round_action).
//
// One worker thread. The leader's part is in session/round_control.hpp.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/mapped_array.hpp"
#include "base/prng.hpp"
#include "base/units.hpp"
#include "session/client_parts.hpp"
#include "session/run_actions.hpp"
#include "session/run_control.hpp"
#include "session/users.hpp"

namespace wsblast::session {

template <class Transport>
class ClientRounds {
  public:
    ClientRounds(ClientParts<Transport>& parts, RunActions<Transport>& run, Users<Transport>& users,
                 const ClientsInput& input)
        : parts_(parts),
          run_(run),
          users_(users),
          control_(input.control.rounds),
          report_(input.report),
          chosen_(parts.table.size()) {}

    [[nodiscard]] bool ok() const { return chosen_.ok(); }

    // Whether all connections were looked at, which takes longer than a tick should.
    enum class Followed : std::uint8_t { nothing, all };

    // Once a tick: what the leader has asked for.
    Followed follow(TimeNs now_ns) {
        const std::uint32_t roll_call = control_.roll_call.load(std::memory_order_acquire);
        const std::uint32_t round = control_.round.load(std::memory_order_acquire);
        const std::uint32_t cut = control_.cut.load(std::memory_order_acquire);
        if (roll_call == roll_call_ && round == round_ && cut == cut_) return Followed::nothing;
        if (roll_call != roll_call_) call_roll(roll_call);
        if (round != round_) begin(round, now_ns);
        if (cut != cut_) end_sending(cut, now_ns);
        return Followed::all;
    }

  private:
    // One of every so many that rest is chosen, drawn for each round anew.
    void call_roll(std::uint32_t number) {
        roll_call_ = number;
        chosen_count_ = 0;
        std::uint64_t resting = 0;
        for_each_resting([&](ConnectionId) { ++resting; });
        const std::uint64_t every = std::max(1u, control_.every);
        const std::uint64_t which = std::uint64_t{number} << 32 | parts_.worker;
        Sample sample(draw(parts_.program.seed, Stream::round, which), (resting + every / 2) / every,
                      resting);
        for_each_resting([&](ConnectionId cid) {
            if (sample.take()) chosen_[chosen_count_++] = cid;
        });
        report_.rounds.chosen.set(chosen_count_);
        report_.rounds.roll_called.store(number, std::memory_order_release);
    }

    // Who has left since is missing: what it had to send is unsent.
    void begin(std::uint32_t number, TimeNs now_ns) {
        round_ = number;
        report_.first_due_ns.set(kNever);
        report_.last_due_ns.set(0);
        report_.last_settled_ns.set(0);
        run_.deal_seats();
        std::uint32_t playing = 0;
        for_each_chosen([&](ConnectionId cid, ClientState& client) {
            if (!parts_.rests(client)) return;
            ++playing;
            users_.goes_on_with(cid, now_ns);
            parts_.table.list(cid);
        });
        run_.give_up_empty_seats();
        report_.rounds.begin_playing(playing);
        report_.rounds.round_begun.store(number, std::memory_order_release);
    }

    void end_sending(std::uint32_t number, TimeNs now_ns) {
        cut_ = number;
        if (number != round_) return;
        for_each_chosen([&](ConnectionId cid, ClientState& client) {
            if (client.phase != Phase::open) return;
            run_.end_sending(client, now_ns);
            parts_.table.list(cid);
        });
    }

    template <class Visit>
    void for_each_resting(Visit&& visit) {
        parts_.table.for_each_active([&](ConnectionId cid, const ClientState& client) {
            if (parts_.rests(client)) visit(cid);
        });
    }

    template <class Visit>
    void for_each_chosen(Visit&& visit) {
        for (std::uint32_t i = 0; i < chosen_count_; ++i) visit(chosen_[i], parts_.table[chosen_[i]]);
    }

    ClientParts<Transport>& parts_;
    RunActions<Transport>& run_;
    Users<Transport>& users_;
    const RoundControl& control_;
    WorkerReport& report_;
    // What was acted on last.
    std::uint32_t roll_call_ = 0;
    std::uint32_t round_ = 0;
    std::uint32_t cut_ = 0;
    MappedArray<ConnectionId> chosen_;  // by the last roll call; an id may have another owner since
    std::uint32_t chosen_count_ = 0;
};

}  // namespace wsblast::session
