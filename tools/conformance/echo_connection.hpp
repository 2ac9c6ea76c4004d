// One connection of the conformance client: the upgrade, an echo of every message through the engine's own
// wire, and the closing handshake. Messages of any size go back whole: what is to be sent waits in one
// queue of bytes, which leaves as there is room.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/prng.hpp"
#include "base/units.hpp"
#include "crypto/accept_key.hpp"
#include "deflate/stream.hpp"
#include "proto/close_code.hpp"
#include "proto/upgrade.hpp"
#include "session/wire.hpp"
#include "transport/transport.hpp"

namespace wsblast::conformance {

using transport::ConnectionId;

enum class Phase : std::uint8_t {
    upgrading,
    open,
    closing,  // our close frame is said; what is queued is sent
    broken,   // the same after a violation: then TCP is closed
    failed,   // it was not upgraded
};

template <class Transport>
class EchoConnection {
  public:
    using ClientWire = session::Wire<proto::Role::client, Transport>;

    EchoConnection(Transport& transport, ClientWire& wire, proto::UpgradeRequest request,
                   const proto::DeflateParameters& offer)
        : transport_(transport),
          wire_(wire),
          request_(std::move(request)),
          offer_(offer),
          masks_(random_seed()),
          key_(crypto::make_handshake_key(masks_.next(), masks_.next())) {}

    [[nodiscard]] Phase phase() const { return phase_; }
    // The first text message, which /getCaseCount sends.
    [[nodiscard]] const std::string& first_text() const { return first_text_; }

    void begin(ConnectionId cid) {
        cid_ = cid;
        queue_.resize(request_.size());
        request_.write(queue_.data(), key_);
        pump();
    }

    void on_bytes(ByteView bytes) {
        switch (phase_) {
            case Phase::upgrading: return read_upgrade(bytes);
            case Phase::open: return read_frames(bytes);
            case Phase::closing:
            case Phase::broken:
            case Phase::failed: return;
        }
    }

    // Sends as much of the queue as there is room for.
    void pump() {
        while (sent_ < queue_.size()) {
            const std::size_t size = std::min<std::size_t>(queue_.size() - sent_, limits::kSendBytesMax);
            const ByteSpan room = transport_.reserve(cid_, size);
            if (room.empty()) return;
            std::memcpy(room.data(), queue_.data() + sent_, size);
            transport_.commit(cid_, size);
            sent_ += size;
        }
        queue_.clear();
        sent_ = 0;
        if (phase_ == Phase::broken) transport_.close(cid_, transport::CloseMode::graceful);
    }

  private:
    // What the frame reader finds.
    struct Sink {
        EchoConnection& connection;

        proto::Flow on_message(proto::Opcode opcode, ByteView payload) {
            connection.echo(opcode, payload);
            return proto::Flow::go_on;
        }
        proto::Flow on_fragment(proto::Opcode opcode, ByteView piece, proto::FragmentEnd end) {
            std::vector<std::uint8_t>& message = connection.message_;
            message.insert(message.end(), piece.begin(), piece.end());
            if (end == proto::FragmentEnd::last) connection.echo(opcode, std::exchange(message, {}));
            return proto::Flow::go_on;
        }
        proto::Flow on_ping(ByteView payload) {
            connection.put({.opcode = proto::Opcode::pong}, payload);
            return proto::Flow::go_on;
        }
        proto::Flow on_pong(ByteView) { return proto::Flow::go_on; }
        void on_close(const proto::CloseFrame& close) { connection.say_close(close.code, Phase::closing); }
    };

    void read_upgrade(ByteView bytes) {
        head_.insert(head_.end(), bytes.begin(), bytes.end());
        const auto check = proto::check_upgrade_response(
            head_, crypto::make_accept_key(crypto::as_text(key_)), {.deflate = &offer_});
        if (check.status == proto::UpgradeStatus::need_more) return;
        if (check.status == proto::UpgradeStatus::rejected) {
            phase_ = Phase::failed;
            return transport_.close(cid_, transport::CloseMode::abort);
        }
        phase_ = Phase::open;
        if (check.deflate) agree(*check.deflate);
        read_frames(ByteView(head_).subspan(check.head_size));
    }

    void agree(const proto::DeflateTerms& terms) {
        wire_.agree(cid_,
                    {.window_bits = terms.server_window_bits, .alone = terms.server_no_context_takeover});
        deflater_.emplace(terms.client_window_bits, kLevel);
        alone_ = terms.client_no_context_takeover;
    }

    void read_frames(ByteView bytes) {
        Sink sink{*this};
        const proto::ReadResult result = wire_.read(cid_, bytes, sink);
        if (result.status == proto::ReadStatus::violation)
            say_close(proto::close_code_for(result.violation), Phase::broken);
        pump();
    }

    void echo(proto::Opcode opcode, ByteView payload) {
        if (first_text_.empty() && opcode == proto::Opcode::text) first_text_ = as_text(payload);
        if (!deflater_) return put({.opcode = opcode}, payload);
        std::vector<std::uint8_t> compressed(deflate::Deflater::size_max(payload.size()));
        const auto made = deflater_->deflate(payload, deflate::DeflateEnd::message, compressed);
        if (alone_) deflater_->reset();
        put({.opcode = opcode, .rsv1 = true}, ByteView(compressed).first(made.size));
    }

    void say_close(proto::CloseCode code, Phase phase) {
        phase_ = phase;
        std::array<std::uint8_t, proto::kControlFrameMax> frame;
        append(ByteView(frame).first(proto::encode_close_frame(frame, {.code = code}, next_mask())));
    }

    void put(proto::FrameHeader header, ByteView payload) {
        header.mask_key = next_mask();
        header.payload_size = payload.size();
        std::array<std::uint8_t, proto::kFrameHeaderMax> head;
        append(ByteView(head).first(proto::encode_frame_header(head, header)));
        append(payload);
        proto::mask_in_place(ByteSpan(queue_).last(payload.size()), *header.mask_key);
    }

    void append(ByteView bytes) { queue_.insert(queue_.end(), bytes.begin(), bytes.end()); }

    [[nodiscard]] proto::MaskKey next_mask() {
        const std::uint64_t random = masks_.next();
        proto::MaskKey key{};
        std::memcpy(key.data(), &random, key.size());
        return key;
    }

    static constexpr int kLevel = 6;  // zlib's own

    Transport& transport_;
    ClientWire& wire_;
    proto::UpgradeRequest request_;
    proto::DeflateParameters offer_;
    Prng masks_;
    crypto::HandshakeKey key_;
    ConnectionId cid_ = transport::kNoConnection;
    Phase phase_ = Phase::upgrading;
    std::vector<std::uint8_t> head_;
    std::vector<std::uint8_t> message_;  // in fragments, so far
    std::vector<std::uint8_t> queue_;    // not sent from `sent_` on
    std::size_t sent_ = 0;
    std::optional<deflate::Deflater> deflater_;
    bool alone_ = false;
    std::string first_text_;
};

}  // namespace wsblast::conformance
