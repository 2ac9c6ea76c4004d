// The connections of virtual users: each user has at most one, and a connection that its user has left ends
// on its own.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/prng.hpp"
#include "plan/scenario.hpp"
#include "session/client_parts.hpp"
#include "session/user_addresses.hpp"
#include "session/user_backlog.hpp"
#include "session/user_parts.hpp"

namespace wsblast::session {

// ClientState::seat of a connection whose user has left it.
inline constexpr std::uint32_t kNoUser = ~std::uint32_t{0};

template <class Transport>
class UserLinks {
  public:
    UserLinks(ClientParts<Transport>& parts, UserParts& users)
        : parts_(parts), users_(users), addresses_(users) {}

    // Of connects with a function.
    [[nodiscard]] UserAddresses& addresses() { return addresses_; }

    // Begins to connect. False: every connection id is in use.
    [[nodiscard]] bool connect(UserRef user, const plan::ConnectPlan& plan, TimeNs now_ns) {
        const ConnectionId cid = parts_.transport.open(plan.target);
        if (cid == transport::kNoConnection) return false;
        parts_.upgrade.begin(cid, {plan.target + 1, 0, attempt_of(user.state)});
        ClientState& client = parts_.table.begin(cid);
        client.index = user.state.number;
        client.seat = user.id;
        client.began_ns = now_ns;
        client.deadline_ns = now_ns + parts_.program.connect_timeout_ns;
        parts_.table.wake_by(cid, client.deadline_ns);
        user.state.cid = cid;
        return true;
    }

    // What fills the holes of the request of a user that connects. Lives until the next call.
    [[nodiscard]] std::span<const std::string> request_values(UserRef user) {
        const plan::ConnectPlan& plan = users_.scenario.connects[users_.action_of(user.state).index];
        if (!plan.function.empty()) return values_of_address(user.id);
        const std::size_t in_path = holes_of_path(plan.target);
        values_.resize(plan.holes.size());
        for (std::size_t i = 0; i < values_.size(); ++i) {
            values_[i].clear();
            users_.texts.append(user, plan.holes[i], values_[i]);
            i < in_path ? keep_in_path(values_[i]) : keep_sound(values_[i]);
        }
        return values_;
    }

    // Whether something can be sent.
    [[nodiscard]] bool usable(const UserState& state) const {
        return state.link == Link::open && parts_.table[state.cid].phase == Phase::open;
    }

    enum class Sent : std::uint8_t { yes, no_room, too_long };
    // Of a step: without room nothing is sent, and on_room follows.
    [[nodiscard]] Sent send(UserRef user, const plan::SendPlan& plan) {
        if (backlog_.waits(user.id)) return Sent::no_room;
        const bool as_made = plan.constant && !parts_.deflations.agreed(user.state.cid);
        const Sent sent = as_made ? send_constant(user.state, *plan.constant)
                                  : send_text(user.state, plan.opcode, users_.texts.write(user, plan.text));
        if (sent == Sent::yes) users_.shard.messages_sent.add();
        return sent;
    }
    // JavaScript's own: Artillery does not count them with those of the steps. Without room they wait,
    // unless too much does already; so does what a handler answers with.
    [[nodiscard]] js::SendOutcome send_scripted(UserRef user, std::string_view text) {
        if (!usable(user.state)) return js::SendOutcome::not_open;
        const BacklogMessage message{.payload = text};
        Sent sent = backlog_.waits(user.id) ? Sent::no_room : send_kept(user.state, message);
        if (sent == Sent::no_room) sent = keep(user.id, message);
        switch (sent) {
            case Sent::yes: return js::SendOutcome::sent;
            case Sent::too_long: return js::SendOutcome::too_long;
            case Sent::no_room: return js::SendOutcome::no_room;
        }
        return js::SendOutcome::no_room;
    }
    [[nodiscard]] Sent reply(UserRef user, const plan::SendPlan& plan) {
        const Sent sent = send(user, plan);
        if (sent != Sent::no_room) return sent;
        return keep(user.id, {users_.texts.write(user, plan.text), plan.opcode, Author::handler});
    }
    // Whether messages of its JavaScript or its handlers wait for room on its open connection.
    [[nodiscard]] bool backlogged(UserRef user) const {
        return backlog_.waits(user.id) && usable(user.state);
    }
    // There is room. False: not for all that waits; on_room follows.
    [[nodiscard]] bool send_backlog(UserRef user) {
        if (!backlogged(user)) return true;
        backlog_.send_all(user.id, [&](const BacklogMessage& message) {
            return send_kept(user.state, message) == Sent::yes;
        });
        return !backlog_.waits(user.id);
    }
    // The user needs its connection no more: closing handshake.
    void leave(UserRef user, const plan::ClosePlan& plan, TimeNs now_ns) {
        UserState& state = user.state;
        if (state.link == Link::none) return;
        backlog_.drop(user.id);
        ClientState& client = parts_.table[state.cid];
        if (state.link == Link::open) {
            client.seat = kNoUser;
            parts_.ledger.settled(client);
            const proto::CloseFrame close{.code = plan.code, .reason = plan.reason};
            if (client.phase == Phase::open) parts_.closing.begin(state.cid, client, close, now_ns);
        }
        state.link = Link::none;
    }
    // One that is not upgraded yet is given up without a word.
    void abandon(UserRef user) {
        parts_.table[user.state.cid].seat = kNoUser;
        backlog_.drop(user.id);
    }
    // The user has ended.
    void drop(UserId user) { addresses_.drop(user); }

  private:
    // Counted as what it is, once it is sent.
    [[nodiscard]] Sent send_kept(const UserState& state, const BacklogMessage& message) {
        const Sent sent = send_text(state, message.opcode, message.payload);
        if (sent != Sent::yes) return sent;
        switch (message.author) {
            case Author::handler: users_.shard.messages_sent.add(); break;
            case Author::script: users_.shard.messages_scripted.add(); break;
        }
        return sent;
    }
    // What will never have room is not kept.
    [[nodiscard]] Sent keep(UserId user, const BacklogMessage& message) {
        if (is_too_long(message.payload)) return Sent::too_long;
        return backlog_.keep(user, message) ? Sent::yes : Sent::no_room;
    }
    [[nodiscard]] static bool is_too_long(std::string_view payload) {
        return payload.size() + proto::kFrameHeaderMax > limits::kSendBytesMax;
    }
    [[nodiscard]] Sent send_constant(const UserState& state, const plan::OutgoingMessage& message) {
        const std::size_t size = message.frame_size({});
        const ByteSpan room = parts_.transport.reserve(state.cid, size);
        if (room.empty()) return Sent::no_room;
        message.write(room.data(), {});
        parts_.transport.commit(state.cid, size);
        count_sent(size);
        return Sent::yes;
    }
    [[nodiscard]] Sent send_text(const UserState& state, proto::Opcode opcode, std::string_view text) {
        if (is_too_long(text)) return Sent::too_long;
        if (parts_.deflations.agreed(state.cid)) return send_deflated(state, opcode, text);
        return send_plain(state, opcode, text);
    }
    [[nodiscard]] Sent send_plain(const UserState& state, proto::Opcode opcode, std::string_view text) {
        if (!parts_.wire.send(state.cid, opcode, as_bytes(text))) return Sent::no_room;
        count_sent(text.size() +
                   proto::header_size({.mask_key = proto::MaskKey{}, .payload_size = text.size()}));
        return Sent::yes;
    }
    // Room comes first: the deflater goes on with what it compresses. What grows beyond the room there can
    // be is sent as it is.
    [[nodiscard]] Sent send_deflated(const UserState& state, proto::Opcode opcode, std::string_view text) {
        const std::size_t size_max = proto::kFrameHeaderMax + deflate::Deflater::size_max(text.size());
        const ByteSpan room =
            parts_.transport.reserve(state.cid, std::min<std::size_t>(size_max, limits::kSendBytesMax));
        if (room.empty()) return Sent::no_room;
        const ByteView payload = parts_.deflations.compress(state.cid, as_bytes(text));
        if (proto::kFrameHeaderMax + payload.size() > room.size()) {
            parts_.deflations.forget(state.cid);
            return send_plain(state, opcode, text);
        }
        count_sent(parts_.wire.commit_compressed(state.cid, room, opcode, payload));
        parts_.shard.counters.deflated_from.add(text.size());
        parts_.shard.counters.deflated_to.add(payload.size());
        return Sent::yes;
    }
    void count_sent(std::size_t bytes) {
        parts_.shard.counters.sent.add();
        parts_.shard.counters.bytes_sent.add(bytes);
    }

    [[nodiscard]] std::span<const std::string> values_of_address(UserId user) {
        const UserAddresses::Address& address = addresses_.address_of(user);
        values_ = {address.path, address.lines};
        keep_in_path(values_[UserAddresses::kPathColumn]);
        return values_;
    }

    // Another one for each connection of a user.
    [[nodiscard]] static std::uint32_t attempt_of(const UserState& state) {
        std::uint64_t place = std::uint64_t{state.action} << 8 | state.lives;
        for (const std::uint32_t passes : state.passes) place = mix(place ^ passes);
        return static_cast<std::uint32_t>(place);
    }

    // Those of the URL come first.
    [[nodiscard]] std::size_t holes_of_path(std::uint32_t target) const {
        const std::string& url = users_.scenario.targets[target].url;
        std::size_t holes = 0;
        for (std::size_t at = url.find("{{"); at != std::string::npos; at = url.find("{{", at + 2)) ++holes;
        return holes;
    }

    // What no URL may have is written in percents (RFC 3986 2.1).
    static void keep_in_path(std::string& value) {
        constexpr std::string_view kDigits = "0123456789ABCDEF";
        constexpr std::string_view kOthers = "-._~:/?[]@!$&'()*+,;=%";
        std::string escaped;
        for (const char character : value) {
            const auto byte = static_cast<unsigned char>(character);
            const bool kept = std::isalnum(byte) != 0 || kOthers.find(character) != std::string_view::npos;
            if (kept) {
                escaped += character;
            } else {
                escaped += {'%', kDigits[byte >> 4], kDigits[byte & 0xf]};
            }
        }
        value = std::move(escaped);
    }

    // A variable does not end a line of the request, and begins no header.
    static void keep_sound(std::string& value) {
        for (char& character : value) {
            if (static_cast<unsigned char>(character) < 0x20 || character == 0x7f) character = ' ';
        }
    }

    ClientParts<Transport>& parts_;
    UserParts& users_;
    UserAddresses addresses_;
    UserBacklog backlog_;
    std::vector<std::string> values_;
};

}  // namespace wsblast::session
