// The connections of virtual users: each user has at most one, and a connection that its user has left ends
// on its own.
//
// One worker thread.
#pragma once

#include <cctype>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "plan/scenario.hpp"
#include "session/client_parts.hpp"
#include "session/user_addresses.hpp"
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
        parts_.upgrade.begin(cid, Redirects::Move{.number_plus_one = plan.target + 1});
        ClientState& client = parts_.table.begin(cid);
        client.index = user.state.number;
        client.seat = user.id;
        client.began_ns = now_ns;
        client.deadline_ns = now_ns + parts_.step_of(client).duration_ns;
        parts_.table.wake_by(cid, client.deadline_ns);
        user.state.cid = cid;
        return true;
    }

    // What fills the holes of the request of a user that connects. Lives until the next call.
    [[nodiscard]] std::span<const std::string> request_values(UserRef user) {
        const plan::ConnectPlan& plan = users_.scenario.connects[users_.action_of(user.state).index];
        const std::size_t in_path = plan.function.empty() ? holes_of_path(plan.target) : 0;
        values_.resize(plan.holes.size());
        for (std::size_t i = 0; i < values_.size(); ++i) {
            values_[i].clear();
            users_.texts.append(user, plan.holes[i], values_[i]);
            i < in_path ? keep_in_path(values_[i]) : keep_sound(values_[i]);
        }
        if (plan.function.empty()) return values_;
        keep_in_path(values_.emplace_back(addresses_.path_of(user.id)));
        return values_;
    }

    // Whether something can be sent.
    [[nodiscard]] bool usable(const UserState& state) const {
        return state.link == Link::open && parts_.table[state.cid].phase == Phase::open;
    }

    enum class Sent : std::uint8_t { yes, no_room, too_long };
    [[nodiscard]] Sent send(UserRef user, const plan::SendPlan& plan) {
        const Sent sent = plan.constant
                              ? send_constant(user.state, *plan.constant)
                              : send_text(user.state, plan.opcode, users_.texts.write(user, plan.text));
        if (sent == Sent::yes) users_.shard.messages_sent.add();
        return sent;
    }
    // JavaScript's own: Artillery does not count them with those of the steps.
    [[nodiscard]] Sent send_scripted(const UserState& state, std::string_view text) {
        const Sent sent = send_text(state, proto::Opcode::text, text);
        if (sent == Sent::yes) users_.shard.messages_scripted.add();
        return sent;
    }
    // The user needs its connection no more: closing handshake.
    void leave(UserState& state, const plan::ClosePlan& plan, TimeNs now_ns) {
        if (state.link == Link::none) return;
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
    void abandon(UserState& state) { parts_.table[state.cid].seat = kNoUser; }

  private:
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
        if (text.size() + proto::kFrameHeaderMax > limits::kSendBytesMax) return Sent::too_long;
        if (!parts_.wire.send(state.cid, opcode, as_bytes(text))) return Sent::no_room;
        count_sent(text.size() +
                   proto::header_size({.mask_key = proto::MaskKey{}, .payload_size = text.size()}));
        return Sent::yes;
    }
    void count_sent(std::size_t bytes) {
        parts_.shard.counters.sent.add();
        parts_.shard.counters.bytes_sent.add(bytes);
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
    std::vector<std::string> values_;
};

}  // namespace wsblast::session
