// The client connections of one worker by their ids: what each remembers, the list of those that go on when
// the tick comes to send, and one timer for each.
//
// One worker thread; nothing is allocated after construction.
#pragma once

#include <cstdint>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/timer_wheel.hpp"
#include "session/client_state.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

using transport::ConnectionId;

// Invariant: active_ entries are not idle; an id stands in listed_ exactly when its state says so.
class ClientTable {
  public:
    // `start_ns`: the earliest time that will ever be passed in.
    ClientTable(std::uint32_t connections_max, TimeNs start_ns)
        : clients_(connections_max), listed_(connections_max), wheel_(connections_max, start_ns) {}

    [[nodiscard]] bool ok() const { return clients_.ok() && listed_.ok() && wheel_.ok(); }

    [[nodiscard]] ClientState& operator[](ConnectionId cid) { return clients_[cid]; }
    [[nodiscard]] const ClientState& operator[](ConnectionId cid) const { return clients_[cid]; }
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(clients_.size()); }
    // How many are not idle.
    [[nodiscard]] std::uint32_t active() const { return active_; }

    void prefetch(ConnectionId cid) const {
        const auto* state = reinterpret_cast<const char*>(&clients_[cid]);
        __builtin_prefetch(state);
        __builtin_prefetch(state + sizeof(ClientState) / 2);
    }

    // The state of an id that was idle, in its first phase.
    [[nodiscard]] ClientState& begin(ConnectionId cid) {
        ++active_;
        clients_[cid].phase = Phase::connecting;
        return clients_[cid];
    }

    // The connection is gone: its state is that of an idle id.
    void end(ConnectionId cid) {
        --active_;
        wheel_.cancel(cid);
        const Listed listed = clients_[cid].listed;
        clients_[cid] = ClientState{};
        clients_[cid].listed = listed;
    }

    // Calls visit(cid, state) for all that are not idle.
    template <class Visit>
    void for_each_active(Visit&& visit) {
        for (ConnectionId cid = 0; cid < clients_.size(); ++cid) {
            if (clients_[cid].phase != Phase::idle) visit(cid, clients_[cid]);
        }
    }

    // --- who goes on -----------------------------------------------------------------------------

    void list(ConnectionId cid) {
        ClientState& client = clients_[cid];
        if (client.listed == Listed::yes) return;
        client.listed = Listed::yes;
        listed_[listed_count_++] = cid;
    }

    void list_all() {
        for_each_active([this](ConnectionId cid, const ClientState&) { list(cid); });
    }

    [[nodiscard]] bool any_listed() const { return listed_count_ > 0; }

    // Calls go_on(cid, state) for all that are listed, and empties the list. `go_on` lists nobody.
    template <class GoOn>
    void run_listed(GoOn&& go_on) {
        for (std::uint32_t i = 0; i < listed_count_; ++i) {
            ClientState& client = clients_[listed_[i]];
            client.listed = Listed::no;
            go_on(listed_[i], client);
        }
        listed_count_ = 0;
    }

    // --- time ------------------------------------------------------------------------------------

    // The timer fires at `time_ns` or earlier: who hears it looks again. kNever: it need not fire.
    void wake_by(ConnectionId cid, TimeNs time_ns) {
        ClientState& client = clients_[cid];
        if (time_ns == kNever || (client.timer_ns != 0 && client.timer_ns <= time_ns)) return;
        client.timer_ns = time_ns;
        wheel_.arm(cid, time_ns);
    }

    // Calls fire(cid, state) for those whose timer is up, at most limits::kTimersPerTick of them.
    template <class Fire>
    void expire(TimeNs now_ns, Fire&& fire) {
        const auto expired = [&](ConnectionId cid) {
            clients_[cid].timer_ns = 0;
            fire(cid, clients_[cid]);
        };
        wheel_.expire(now_ns, expired, limits::kTimersPerTick);
    }

    // When to call expire() next.
    [[nodiscard]] TimeNs next_wake() const { return wheel_.next_wake(); }

  private:
    MappedArray<ClientState> clients_;
    MappedArray<ConnectionId> listed_;
    TimerWheel wheel_;
    std::uint32_t listed_count_ = 0;
    std::uint32_t active_ = 0;
};

}  // namespace wsblast::session
