// The opening handshake of a client connection: the request with a key of its own, and the check of the
// answer. Keys are a pure function of the run's seed and the connection's index, so none is remembered.
//
// One worker thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "crypto/accept_key.hpp"
#include "proto/upgrade.hpp"
#include "session/wire.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

// One URL, as a connection needs it. Lives as long as the run.
struct ClientTarget {
    proto::UpgradeRequest request;
    std::vector<std::string> subprotocols;
    std::optional<proto::DeflateParameters> deflate{};  // what the request offers of it
};

template <class Transport>
class ClientUpgrade {
  public:
    using ClientWire = Wire<proto::Role::client, Transport>;

    // `targets` by TargetId: connection i goes to target i mod size.
    ClientUpgrade(Transport& transport, ClientWire& wire, std::span<const ClientTarget> targets,
                  std::uint64_t seed)
        : transport_(transport), wire_(wire), targets_(targets), seed_(seed) {}

    [[nodiscard]] transport::TargetId target_of(std::uint32_t index) const {
        return static_cast<transport::TargetId>(index % targets_.size());
    }

    // Sends the request of the connection `index`. False: no room now.
    [[nodiscard]] bool write_request(ConnectionId cid, std::uint32_t index) {
        const proto::UpgradeRequest& request = targets_[target_of(index)].request;
        const ByteSpan room = transport_.reserve(cid, request.size());
        if (room.empty()) return false;
        request.write(room.data(), key_of(index));
        transport_.commit(cid, request.size());
        return true;
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
        const ClientTarget& target = targets_[target_of(index)];
        const proto::UpgradeOffer offered{.subprotocols = target.subprotocols,
                                          .deflate = target.deflate ? &*target.deflate : nullptr};
        answer.check = proto::check_upgrade_response(
            head, crypto::make_accept_key(crypto::as_text(key_of(index))), offered);
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
    static void reject_as_oversized(proto::UpgradeCheck& check) {
        check.status = proto::UpgradeStatus::rejected;
        check.failure = proto::UpgradeFailure::oversized_head;
    }

    [[nodiscard]] crypto::HandshakeKey key_of(std::uint32_t index) const {
        return crypto::make_handshake_key(draw(seed_, Stream::handshake_key, std::uint64_t{index} * 2),
                                          draw(seed_, Stream::handshake_key, std::uint64_t{index} * 2 + 1));
    }

    Transport& transport_;
    ClientWire& wire_;
    std::span<const ClientTarget> targets_;
    std::uint64_t seed_;
};

}  // namespace wsblast::session
