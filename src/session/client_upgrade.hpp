// The opening handshake of a client connection: the request with a key of its own, and the check of the
// answer. Keys are a pure function of the run's seed and the connection's index, so none is remembered.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "base/prng.hpp"
#include "crypto/accept_key.hpp"
#include "proto/sent_secrets.hpp"
#include "proto/upgrade.hpp"
#include "session/client_state.hpp"
#include "session/client_targets.hpp"
#include "session/wire.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

// What fills the holes of a connection's request, where that is no row of a table.
class RequestValues {
  public:
    // Lives until the next call.
    [[nodiscard]] virtual std::span<const std::string> values_of(const ClientState& client) = 0;

  protected:
    ~RequestValues() = default;
};

template <class Transport>
class ClientUpgrade {
  public:
    using ClientWire = Wire<proto::Role::client, Transport>;

    struct Input {
        std::span<const ClientTarget> targets;  // by TargetId: connection i goes to target i mod size
        const RedirectRules* rules;             // null where redirects are not followed
        std::uint64_t seed;
    };
    ClientUpgrade(Transport& transport, ClientWire& wire, const Input& input)
        : transport_(transport),
          wire_(wire),
          targets_(input.targets),
          redirects_(input.rules, transport.capacity()),
          seed_(input.seed) {}

    [[nodiscard]] bool ok() const { return redirects_.ok(); }
    // Connections say by begin() which target is theirs, and what fills their requests.
    void set_values(RequestValues& values) {
        values_ = &values;
        redirects_.keep_moves();
    }

    [[nodiscard]] transport::TargetId target_of(std::uint32_t index) const {
        return static_cast<transport::TargetId>(index % targets_.size());
    }

    // --- redirects: see Clients::redirect() ------------------------------------------------------

    // Where the next attempt of the connection `index` goes.
    [[nodiscard]] transport::TargetId target_of(std::uint32_t index, const Redirects::Move& move) const {
        if (move.number_plus_one == 0) return target_of(index);
        if (move.number_plus_one <= targets_.size()) return move.number_plus_one - 1;
        return redirects_.there(move.number_plus_one - 1).target;
    }
    // What was said so far about the attempt on that id, and what holds for a new one.
    [[nodiscard]] Redirects::Move move_of(ConnectionId cid) const { return redirects_.move_of(cid); }
    void begin(ConnectionId cid, const Redirects::Move& move) { redirects_.set(cid, move); }

    // Whether an answer is a redirect that is to be followed.
    [[nodiscard]] bool redirects(const proto::UpgradeCheck& check) const {
        return redirects_.followed() && !check.location.empty();
    }
    // Notes where the next attempt goes; or the error.
    [[nodiscard]] std::optional<stats::ErrorKind> redirect(ConnectionId cid, std::uint32_t index,
                                                           std::string_view location) {
        const Redirects::Move move = redirects_.move_of(cid);
        const std::uint32_t number =
            move.number_plus_one == 0 ? target_of(index) : move.number_plus_one - 1;
        const Redirects::Step step = redirects_.follow(number, move.hops, location);
        if (!step.number) return step.error;
        redirects_.set(cid, {*step.number + 1, static_cast<std::uint8_t>(move.hops + 1), move.attempt + 1});
        return std::nullopt;
    }

    // Whether the attempt on that id was redirected.
    [[nodiscard]] bool was_redirected(ConnectionId cid) const {
        return redirects_.followed() && redirects_.move_of(cid).hops > 0;
    }
    // Where it is then: "HOST:PORT", or the path of a socket.
    [[nodiscard]] std::string place_of(ConnectionId cid) const {
        return redirects_.place_of(redirects_.move_of(cid).number_plus_one - 1);
    }

    // --- the handshake ---------------------------------------------------------------------------

    // Sends the request of the connection. False: no room now.
    [[nodiscard]] bool write_request(ConnectionId cid, const ClientState& client) {
        const std::uint32_t index = client.index;
        const ClientTarget& target = target_for(cid, index);
        const std::span<const std::string> values = values_for(target, client);
        const std::size_t size = target.request.size(values);
        const ByteSpan room = transport_.reserve(cid, size);
        if (room.empty()) return false;
        target.request.write(room.data(), key_of(cid, index), values);
        transport_.commit(cid, size);
        return true;
    }

    // What of the connection's request, and of the way there, is secret; none: it is not known any more.
    [[nodiscard]] std::optional<std::vector<std::string>> secrets_of(ConnectionId cid,
                                                                     const ClientState& client) {
        const ClientTarget& target = target_for(cid, client.index);
        const std::span<const std::string> values = values_for(target, client);
        if (values.empty() && target.request.has_holes()) return std::nullopt;
        std::vector<std::uint8_t> head(target.request.size(values));
        target.request.write(head.data(), key_of(cid, client.index), values);
        std::vector<std::string> secrets = proto::sent_secrets(as_text(head));
        secrets.insert(secrets.end(), target.secrets.begin(), target.secrets.end());
        return secrets;
    }

    // Reads on in the answer. `accepted`: the first frames are the last `bytes.size() - taken` of the
    // bytes.
    struct Answer {
        proto::UpgradeCheck check;
        std::size_t taken = 0;
    };
    [[nodiscard]] Answer read_answer(ConnectionId cid, std::uint32_t index, ByteView bytes) {
        const ByteView head = wire_.gather_head(cid, bytes);
        Answer answer;
        if (says_nothing_new(head, bytes)) return answer;
        const ClientTarget& target = target_for(cid, index);
        const proto::UpgradeOffer offered{.subprotocols = target.subprotocols,
                                          .deflate = target.deflate ? &*target.deflate : nullptr};
        answer.check = proto::check_upgrade_response(
            head, crypto::make_accept_key(crypto::as_text(key_of(cid, index))), offered);
        switch (answer.check.status) {
            case proto::UpgradeStatus::need_more:
                // Bytes of which nothing may be kept cannot become a head.
                if (head.empty() || !wire_.keep_head(cid, head)) reject_as_oversized(answer.check);
                break;
            case proto::UpgradeStatus::accepted:
                answer.taken = bytes.size() - (head.size() - answer.check.head_size);
                wire_.drop(cid);
                break;
            case proto::UpgradeStatus::rejected: break;
        }
        return answer;
    }

  private:
    [[nodiscard]] const ClientTarget& target_for(ConnectionId cid, std::uint32_t index) const {
        const Redirects::Move move = redirects_.move_of(cid);
        if (move.number_plus_one == 0) return targets_[target_of(index)];
        if (move.number_plus_one <= targets_.size()) return targets_[move.number_plus_one - 1];
        return redirects_.there(move.number_plus_one - 1).client;
    }

    [[nodiscard]] std::span<const std::string> values_for(const ClientTarget& target,
                                                          const ClientState& client) {
        if (values_ != nullptr) return values_->values_of(client);
        if (target.values) return target.values->row_of(client.index);
        return {};
    }

    // The head is read anew from its first byte: only once a line more of it is there, its first bytes
    // aside, or it is too long. Else one that comes in small pieces would be read as often as it has bytes.
    [[nodiscard]] static bool says_nothing_new(ByteView head, ByteView bytes) {
        constexpr std::size_t kFirstBytes = 16;  // of the status line: they tell what is no HTTP
        const std::size_t read_before = head.size() - bytes.size();
        return read_before >= kFirstBytes && head.size() <= limits::kHttpHeadMax &&
               std::ranges::find(bytes, std::uint8_t{'\n'}) == bytes.end();
    }

    static void reject_as_oversized(proto::UpgradeCheck& check) {
        check.status = proto::UpgradeStatus::rejected;
        check.failure = proto::UpgradeFailure::oversized_head;
    }

    // Another one for each attempt (RFC 6455 4.1), the same again with the same seed.
    [[nodiscard]] crypto::HandshakeKey key_of(ConnectionId cid, std::uint32_t index) const {
        const std::uint32_t attempt = redirects_.move_of(cid).attempt;
        std::uint64_t place = std::uint64_t{index} * 2;
        if (attempt != 0) place = mix(std::uint64_t{attempt} << 32 | index);
        return crypto::make_handshake_key(draw(seed_, Stream::handshake_key, place),
                                          draw(seed_, Stream::handshake_key, place + 1));
    }

    Transport& transport_;
    ClientWire& wire_;
    std::span<const ClientTarget> targets_;
    Redirects redirects_;
    std::uint64_t seed_;
    RequestValues* values_ = nullptr;
};

}  // namespace wsblast::session
