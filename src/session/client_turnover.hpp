// Connections that leave while the others go on, and come back: dropped in storms, churned, or replaced
// between two rounds. There in a run of rounds only.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "base/limits.hpp"
#include "base/prng.hpp"
#include "base/units.hpp"
#include "plan/program.hpp"
#include "session/client_parts.hpp"
#include "session/returns.hpp"
#include "session/run_control.hpp"

namespace wsblast::session {

template <class Transport>
class ClientTurnover {
  public:
    ClientTurnover(ClientParts<Transport>& parts, const ClientsInput& input)
        : parts_(parts),
          control_(input.control.rounds),
          report_(input.report.rounds),
          returns_(input.ramp, input.program.seed, input.now_ns, report_) {}

    [[nodiscard]] bool ok() const { return returns_.ok(); }
    [[nodiscard]] Returns& returns() { return returns_; }
    // The connection that is to be opened again now. Nobody comes back before a storm is over: it would be
    // dropped again.
    [[nodiscard]] std::optional<std::uint32_t> take_return(TimeNs now_ns) {
        return cursor_ < parts_.table.size() ? std::nullopt : returns_.take(now_ns);
    }
    [[nodiscard]] const Returns& returns() const { return returns_; }

    // Once a tick: goes on with what the leader has asked for.
    void follow(TimeNs now_ns) {
        const std::uint32_t number = control_.storm_number.load(std::memory_order_acquire);
        if (number != storm_) begin_storm(number);
        if (cursor_ < parts_.table.size()) drop_some(now_ns);
        churn(now_ns);
    }

    // When follow() has something to do next; a leader who asks for more wakes the worker.
    [[nodiscard]] TimeNs next_due_ns() const { return cursor_ < parts_.table.size() ? 0 : churn_ns_; }

    // An open connection that no further round may use: another one takes its place.
    void replace(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        report_.replaced.add();
        take_down(cid, client, Leave::replaced, now_ns);
    }

    // The run ends: what is gone stays so, and nobody else leaves.
    void stop() {
        returns_.stop();
        if (cursor_ < parts_.table.size()) end_storm();
        churn_ns_ = kNever;
        stopped_ = true;
    }

  private:
    void take_down(ConnectionId cid, ClientState& client, Leave why, TimeNs now_ns) {
        returns_.expect(client.index, why);
        parts_.ledger.given_up(client, now_ns);
        parts_.ledger.left();
        parts_.closing.leave(cid, client, transport::CloseMode::reset);
    }

    // --- storms ----------------------------------------------------------------------------------

    void begin_storm(std::uint32_t number) {
        storm_ = number;
        const plan::Storm& storm = control_.storm;
        const std::uint64_t open = parts_.shard.counters.open.get();
        const auto wanted =
            static_cast<std::uint64_t>(std::llround(storm.share * static_cast<double>(open)));
        const std::uint64_t which = std::uint64_t{number} << 32 | parts_.worker;
        sample_ = Sample(draw(parts_.program.seed, Stream::storm, which), wanted, open);
        returns_.set_policy(storm.policy);
        parts_.report.handshakes_peak.set(parts_.report.handshakes.get());
        cursor_ = 0;
        if (stopped_) end_storm();
    }

    // A reset takes its time: what is due meanwhile goes between.
    void drop_some(TimeNs now_ns) {
        ClientTable& table = parts_.table;
        const ConnectionId end = std::min(table.size() - cursor_, limits::kLooksPerTick) + cursor_;
        std::uint32_t drops = 0;
        for (; cursor_ < end && drops < limits::kDropsPerTick; ++cursor_) {
            if (table[cursor_].phase != Phase::open || !sample_.take()) continue;
            ++drops;
            report_.dropped.add();
            take_down(cursor_, table[cursor_], Leave::storm, now_ns);
        }
        if (cursor_ == table.size()) end_storm();
    }

    void end_storm() {
        cursor_ = parts_.table.size();
        report_.storms_done.store(storm_, std::memory_order_release);
    }

    // --- churn -----------------------------------------------------------------------------------

    // Closes the connections whose turn it is, evenly in time. Where nobody can be closed the turn passes.
    void churn(TimeNs now_ns) {
        const double share_per_s = control_.churn_per_s.load(std::memory_order_relaxed);
        const double per_s = share_per_s * static_cast<double>(parts_.shard.counters.open.get());
        if (per_s <= 0 || stopped_) {
            churn_ns_ = kNever;
            return;
        }
        const auto gap_ns = static_cast<TimeNs>(std::clamp(1e9 / per_s, 1.0, 1e9 * 3600));
        if (churn_ns_ == kNever) churn_ns_ = now_ns + gap_ns;
        for (std::uint32_t i = 0; i < limits::kOpensPerTick && churn_ns_ <= now_ns; ++i) {
            if (!close_next(now_ns)) {
                churn_ns_ = now_ns + gap_ns;
                return;
            }
            churn_ns_ += gap_ns;
        }
    }

    // The next one that is at rest, all of them in turn. False: none was found here, or too many are
    // closing.
    bool close_next(TimeNs now_ns) {
        if (!parts_.closing.has_room()) return false;
        ClientTable& table = parts_.table;
        for (std::uint32_t looks = std::min(table.size(), limits::kLooksPerTick); looks > 0; --looks) {
            const ConnectionId cid = turn_;
            if (++turn_ == table.size()) turn_ = 0;
            ClientState& client = table[cid];
            if (!parts_.rests(client)) continue;
            report_.churned.add();
            returns_.expect(client.index, Leave::churn);
            parts_.ledger.given_up(client, now_ns);
            parts_.closing.begin(cid, client, proto::close_code::kNormal, now_ns);
            return true;
        }
        return false;
    }

    ClientParts<Transport>& parts_;
    const RoundControl& control_;
    RoundReport& report_;
    Returns returns_;
    // The storm that goes on: how far it has come.
    std::uint32_t storm_ = 0;
    ConnectionId cursor_ = transport::kNoConnection;  // the table's end and beyond: there is none
    Sample sample_{0, 0, 0};
    // Churn.
    TimeNs churn_ns_ = kNever;
    ConnectionId turn_ = 0;
    bool stopped_ = false;
};

}  // namespace wsblast::session
