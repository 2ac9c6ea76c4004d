// The users of one worker: each begins when it is due, or with its connection, and executes the actions of
// its flow one after the other, until one has to wait.
//
// The way of one message of a scenario: take_turn() -> send() puts its frame into the transport's arena ->
// ClientInbox -> on_message() finds who awaits it and records its latency.
//
// One worker thread. What happens to connections is told by Clients.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "session/client_parts.hpp"
#include "session/failures.hpp"
#include "session/user_actions.hpp"

namespace wsblast::session {

template <class Transport>
class Users final : public RequestValues, private UserActions<Transport> {
    using Actions = UserActions<Transport>;
    using Actions::arrivals_;
    using Actions::counts_;
    using Actions::links_;
    using Actions::parts_;
    using Actions::run_;
    using Actions::users_;

  public:
    Users(ClientParts<Transport>& parts, RunActions<Transport>& run, const UsersInput& input, TimeNs now_ns)
        : Actions(parts, run, input, now_ns) {
        if (!led()) return;
        parts.upgrade.set_values(*this);
        note_arrivals();
    }

    using Actions::awaiting;
    using Actions::ready;
    [[nodiscard]] bool ok() const { return users_.ok(); }
    // Nobody is there, and nobody will come.
    [[nodiscard]] bool done() const { return arrivals_.done() && users_.table.active() == 0; }

    // --- the tick --------------------------------------------------------------------------------

    void tick(TimeNs now_ns) {
        this->set_now(now_ns);
        users_.table.expire(now_ns, [&](UserId id, UserState& state) { this->on_timer({id, state}); });
        if (users_.machine != nullptr && users_.machine->next_due_ns() <= now_ns)
            users_.machine->run_due(now_ns);
        if (arrivals_.hold_is_over(now_ns)) end_held();
        begin_due();
        users_.table.run_listed([&](UserId id, UserState& state) { this->take_turn({id, state}); });
    }

    [[nodiscard]] TimeNs next_wake_ns() const {
        if (users_.table.any_listed()) return 0;
        const TimeNs wake_ns =
            std::min({users_.table.next_wake(), arrivals_.next_due_ns(), arrivals_.hold_end_ns()});
        return users_.machine == nullptr ? wake_ns : std::min(wake_ns, users_.machine->next_due_ns());
    }

    // The run begins, and its arrivals with it.
    void start(TimeNs start_ns) { arrivals_.start(start_ns); }

    // The run has settled, or is interrupted: nobody begins, and who leads a connection is given up.
    void stop(TimeNs now_ns) {
        if (!led()) return;
        this->set_now(now_ns);
        arrivals_.stop();
        note_arrivals();
        users_.table.for_each_active([&](UserId id, UserState& state) {
            this->end({id, state}, UserEnd::given_up);
        });
    }

    // --- what happens to connections -------------------------------------------------------------

    // The connection is no more, and with it a user that lived with it.
    void end_with(ConnectionId cid) {
        if (!led() && users_.table[cid].phase != UserPhase::idle) users_.table.end(cid);
    }
    // What it waited for has happened.
    void goes_on_with(ConnectionId cid, TimeNs now_ns) {
        this->set_now(now_ns);
        this->goes_on_attached(cid);
    }
    // Something has happened: whether it was what it waited for is to be seen.
    void look(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (led()) return;
        this->set_now(now_ns);
        Actions::look(cid, client);
    }
    // An interrupt: an open connection closes when its turn comes.
    void stop_with(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        run_.stop(cid, client, now_ns);
        end_with(cid);
    }

    void connected(ConnectionId cid, const ClientState& client, TimeNs now_ns) {
        if (!led()) return goes_on_with(cid, now_ns);
        if (client.seat == kNoUser) return drop_orphan(cid, now_ns);
        this->set_now(now_ns);
        UserState& state = users_.table[client.seat];
        counts_.connected(client.began_ns, now_ns);
        state.link = Link::open;
        state.attempts = 0;
        state.refusals = 0;
        if (arrivals_.is_held(state.number))
            held_handshake_max_ns_ =
                std::max({held_handshake_max_ns_, now_ns - client.began_ns, TimeNs{1}});
        this->goes_on({client.seat, state}, now_ns);
    }
    void connect_failed(ClientState& client, stats::ErrorKind kind, TimeNs now_ns) {
        if (!leads(client)) return;
        this->set_now(now_ns);
        const UserId id = std::exchange(client.seat, kNoUser);
        const UserRef user{id, users_.table[id]};
        user.state.phase = UserPhase::ready;
        if (user.state.refusals < 0xff) ++user.state.refusals;
        if (kind != stats::ErrorKind::upgrade_status) return this->lose(user, user_error_name(kind));
        this->lose(user, std::string(user_error_name(kind)) + ": " + std::to_string(http_status_));
    }
    // Of the answer to an upgrade that fails next.
    void note_status(std::uint16_t http_status) { http_status_ = http_status; }
    // A redirect is followed: the user's connection has another id.
    void moved(ConnectionId cid, ClientState& client, UserId user) {
        if (!led()) return;
        client.seat = user;
        if (user != kNoUser) users_.table[user].cid = cid;
    }
    // The connection is gone; `client` is as it was before. One that was not upgraded has failed already.
    void disconnected(const ClientState& client, transport::CloseCause cause, TimeNs now_ns) {
        if (!leads(client)) return;
        this->set_now(now_ns);
        if (client.phase == Phase::connecting || client.phase == Phase::upgrading) return;
        const UserRef user{client.seat, users_.table[client.seat]};
        user.state.link = Link::ended;
        switch (client.phase) {
            case Phase::open: return this->lose(user, user_error_name(lost_connection(cause)));
            case Phase::closed: return this->closed_by_server(user);
            case Phase::connecting:
            case Phase::upgrading: return;
            case Phase::idle:
            case Phase::closing:
            case Phase::leaving:
            case Phase::refused:
            case Phase::redirected:
            case Phase::misbehaving: {
                return this->lose(user, user_error_name(client.close_code));
            }
        }
    }
    void on_room(const ClientState& client) {
        if (!leads(client)) return;
        UserState& state = users_.table[client.seat];
        if (!links_.send_backlog({client.seat, state})) return;
        if (state.phase == UserPhase::streaming) return this->stream_on({client.seat, state});
        if (state.phase != UserPhase::blocked) return;
        users_.table.arm(client.seat, kNever);
        state.phase = UserPhase::ready;
        users_.table.list(client.seat);
    }

    // A data message of an open connection. The bytes die on return.
    void on_message(const ClientState& client, ByteView message, TimeNs now_ns) {
        if (!leads(client)) return;
        this->set_now(now_ns);
        const UserRef user{client.seat, users_.table[client.seat]};
        this->read(user, message);
    }

    std::span<const std::string> values_of(const ClientState& client) override {
        if (client.seat == kNoUser) return {};
        return links_.request_values({client.seat, users_.table[client.seat]});
    }

  private:
    // Whether users lead their connections, or live as long as those.
    [[nodiscard]] bool led() const { return parts_.program.lead == plan::Lead::users; }
    [[nodiscard]] bool leads(const ClientState& client) const { return led() && client.seat != kNoUser; }

    // --- begin and end ---------------------------------------------------------------------------

    void begin_due() {
        for (std::uint32_t i = 0;
             i < limits::kUserStartsPerTick && arrivals_.next_due_ns() <= this->now_ns(); ++i) {
            const TimeNs due_ns = arrivals_.next_due_ns();
            const bool full = arrivals_.full();
            const std::uint64_t number = arrivals_.take();
            full ? counts_.skipped(this->now_ns()) : begin(number, due_ns);
        }
        note_arrivals();
    }

    void begin(std::uint64_t number, TimeNs due_ns) {
        const auto id = users_.table.take();
        if (!id) return refuse(number);
        UserState& state = users_.table[*id];
        state.number = static_cast<std::uint32_t>(number);
        state.flow = arrivals_.flow_of(number);
        state.cid = transport::kNoConnection;
        state.began_ns = due_ns;
        counts_.begun(state, due_ns, this->now_ns());
        this->begin_flow({*id, state}, due_ns);
    }
    // There is no place for it.
    void refuse(std::uint64_t number) {
        counts_.refused(arrivals_.flow_of(number), this->now_ns());
        if (arrivals_.is_held(number)) arrivals_.held_ended(UserEnd::failed, this->now_ns());
    }
    // Who was kept from a connection has not done what it was held for.
    void end_held() {
        users_.table.for_each_active([&](UserId id, UserState& state) {
            if (!arrivals_.is_held(state.number)) return;
            is_kept_out(state) ? this->fail({id, state}, user_error::kNotOpen)
                               : this->end({id, state}, UserEnd::completed);
        });
        held_handshake_max_ns_ = 0;
    }
    // Who is in its handshake was not, where others of the phase got through theirs in the same time.
    [[nodiscard]] bool is_kept_out(const UserState& state) const {
        if (state.refusals > 0) return true;
        if (state.phase != UserPhase::connecting) return false;
        return held_handshake_max_ns_ == 0 || this->now_ns() - parts_.table[state.cid].began_ns >
                                                  std::max(held_handshake_max_ns_, kHandshakeUsualNs);
    }

    void note_arrivals() { users_.shard.arrivals_left.set(arrivals_.left()); }

    // Its user has gone while it was being opened.
    void drop_orphan(ConnectionId cid, TimeNs now_ns) {
        ClientState& client = parts_.table[cid];
        parts_.ledger.settled(client);
        parts_.closing.begin(cid, client, proto::close_code::kNormal, now_ns);
    }

    // A handshake that is younger is as any other, however short those of its phase were.
    static constexpr TimeNs kHandshakeUsualNs = 1 * kSecond;

    std::uint16_t http_status_ = 0;
    TimeNs held_handshake_max_ns_ = 0;  // of the connections opened in this phase; 0: there are none
};

}  // namespace wsblast::session
