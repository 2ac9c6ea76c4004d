// What servers say when they refuse an upgrade: the first words of the first refusal of each HTTP status,
// and where it redirects to. What we sent and is secret is hidden in them.
//
// A body that does not come with its head has limits::kBodyExcerptWaitNs: so long a connection that has
// failed, and is counted, stays in Phase::refused. One worker thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "proto/secrets.hpp"
#include "proto/sent_secrets.hpp"
#include "session/client_parts.hpp"
#include "stats/error_kind.hpp"

namespace wsblast::session {

template <class Transport>
class ClientRefusals {
  public:
    explicit ClientRefusals(ClientParts<Transport>& parts) : parts_(parts) {}

    // An attempt has failed: where, if a redirect had led there.
    void note_place(ConnectionId cid, stats::ErrorKind kind) {
        const auto number = static_cast<std::uint16_t>(kind);
        if (!parts_.upgrade.was_redirected(cid) || !parts_.shard.redirect_failures.wants(number)) return;
        parts_.shard.redirect_failures.keep(number, as_bytes(parts_.upgrade.place_of(cid)));
    }

    // The upgrade was refused. To be called while it is known what the connection had sent.
    void hear(ConnectionId cid, const ClientState& client, const proto::UpgradeCheck& check,
              stats::ErrorKind kind) {
        note_location(cid, client, check.location, kind);
        const bool many = refusals_.size() >= limits::kHandshakesMax;
        if (many || !parts_.shard.excerpts.wants(check.http_status)) return;
        Refusal refusal{check.http_status, check.body_size, std::string(check.location), {}, {}};
        refusal.secrets = parts_.upgrade.secrets_of(cid, client);
        if (take(refusal, check.body_excerpt) == Said::enough) return keep(refusal);
        refusals_.insert_or_assign(cid, std::move(refusal));
    }

    // That was counted. Ends the connection, now or when enough was said.
    void close(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (!refusals_.contains(cid)) return leave(cid, client);
        client.phase = Phase::refused;
        client.unwritten = Unwritten::nothing;
        client.deadline_ns = now_ns + limits::kBodyExcerptWaitNs;
        parts_.table.wake_by(cid, client.deadline_ns);
    }

    // In Phase::refused: more of the body came.
    void read(ConnectionId cid, ClientState& client, ByteView bytes) {
        if (take(refusals_.at(cid), as_text(bytes)) == Said::enough) end(cid, client);
    }
    void on_timer(ConnectionId cid, ClientState& client, TimeNs now_ns) {
        if (now_ns < client.deadline_ns) return parts_.table.wake_by(cid, client.deadline_ns);
        end(cid, client);
    }
    // The server has closed it.
    void gone(ConnectionId cid) {
        const auto refusal = refusals_.find(cid);
        if (refusal == refusals_.end()) return;
        keep(refusal->second);
        refusals_.erase(refusal);
    }

  private:
    enum class Said : std::uint8_t { enough, perhaps_more };

    struct Refusal {
        std::uint16_t status;
        std::optional<std::uint64_t> body_size;  // none: until the server closes
        std::string location;
        std::string words;
        std::optional<std::vector<std::string>> secrets;  // none: they are not known any more
    };

    // Where a redirect wants to lead may be why it failed.
    void note_location(ConnectionId cid, const ClientState& client, std::string_view location,
                       stats::ErrorKind kind) {
        const auto number = static_cast<std::uint16_t>(kind);
        const bool why =
            kind == stats::ErrorKind::redirect_refused || kind == stats::ErrorKind::redirect_loop;
        if (!why || !parts_.shard.redirect_failures.wants(number)) return;
        const std::string shown = shown_location(location, parts_.upgrade.secrets_of(cid, client));
        parts_.shard.redirect_failures.keep(number, as_bytes(shown));
    }

    [[nodiscard]] static Said take(Refusal& refusal, std::string_view bytes) {
        constexpr std::string_view kLastChunk = "0\r\n\r\n";  // RFC 9112 7.1
        const std::size_t room = limits::kBodyExcerptMax - refusal.words.size();
        refusal.words += bytes.substr(0, room);
        const bool all = refusal.body_size && refusal.words.size() >= *refusal.body_size;
        const bool full = refusal.words.size() == limits::kBodyExcerptMax;
        return all || full || bytes.ends_with(kLastChunk) ? Said::enough : Said::perhaps_more;
    }

    // Where it is not known what is secret, nothing is shown.
    void keep(const Refusal& refusal) {
        std::string shown;
        if (!refusal.location.empty())
            shown = "Location: " + shown_location(refusal.location, refusal.secrets);
        if (!shown.empty() && !refusal.words.empty()) shown += "; ";
        if (refusal.secrets) shown += proto::hide_sent(refusal.words, *refusal.secrets);
        parts_.shard.excerpts.keep(refusal.status, as_bytes(shown));
    }

    [[nodiscard]] static std::string shown_location(
        std::string_view location, const std::optional<std::vector<std::string>>& secrets) {
        return secrets ? proto::hide_sent(proto::shown_url(location), *secrets) : std::string();
    }

    void end(ConnectionId cid, ClientState& client) {
        gone(cid);
        leave(cid, client);
    }
    void leave(ConnectionId cid, ClientState& client) {
        parts_.closing.leave(cid, client, transport::CloseMode::abort);
    }

    ClientParts<Transport>& parts_;
    std::unordered_map<ConnectionId, Refusal> refusals_;  // those that are awaited
};

}  // namespace wsblast::session
