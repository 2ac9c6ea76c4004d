// A peer of the scripted ring that speaks WebSocket after the upgrade: a server that sends compressed
// messages of known content, in fragments, with pings between, until its trouble comes.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "deflate/stream.hpp"
#include "proto/message_reader.hpp"
#include "session/inflations.hpp"
#include "tests/sim/world.hpp"
#include "tests/support/frames.hpp"

namespace wsblast::sim {

enum class Damage : std::uint8_t {
    none,
    no_block,     // a block of the type that there is none of (RFC 1951 3.2.3)
    flipped_bit,  // anywhere in a compressed message: it may well make another one
    bomb,         // it becomes more than a message may be
    not_agreed,   // compressed, though nothing was agreed on
    cut_by_fin,   // in the middle of a message
    cut_by_reset,
};
inline constexpr std::size_t kDamages = static_cast<std::size_t>(Damage::cut_by_reset) + 1;

inline constexpr std::uint64_t kMessageMax = 64 << 10;

// The bytes of one message: few different ones, so that something is saved.
inline std::uint8_t message_byte(std::uint64_t key, std::size_t message, std::size_t position) {
    return test::stream_byte(key + (std::uint64_t{message} << 32), position) & 0x03;
}

class FrameSpeaker final : public Speaker {
  public:
    // Both live longer.
    FrameSpeaker(World& world, const Wire& wire)
        : world_(world),
          key_(wire.down_key),
          terms_{.window_bits = static_cast<std::uint8_t>(world.one_in(6) ? 0 : world.pick({9, 12, 15})),
                 .alone = world.one_in(2)},
          deflater_(std::max<int>(terms_.window_bits, deflate::kWindowBitsMin), 1),
          moment_(1 + world.number_below(8)) {
        constexpr Damage kDamagesAgreed[] = {Damage::none, Damage::no_block,   Damage::flipped_bit,
                                             Damage::bomb, Damage::cut_by_fin, Damage::cut_by_reset};
        constexpr Damage kDamagesPlain[] = {Damage::none, Damage::not_agreed, Damage::cut_by_fin,
                                            Damage::cut_by_reset};
        damage_ = compresses() ? kDamagesAgreed[world.number_below(std::size(kDamagesAgreed))]
                               : kDamagesPlain[world.number_below(std::size(kDamagesPlain))];
    }

    // Pongs, and a close: whatever has become of the ring, they are frames.
    void hear(ByteView bytes) override {
        proto::ReadOptions options;
        options.scratch = scratch_;
        const proto::ReadResult result = reader_.consume(bytes, heard_, options);
        world_.require(result.status != proto::ReadStatus::violation, "the peer hears whole frames");
    }

    void step(Wire& wire) override {
        const bool all_delivered = wire.delivered == said().size();
        if (had_damage_ && damage_ == Damage::cut_by_reset && all_delivered) wire.peer = PeerState::reset;
        if (had_damage_ && damage_ == Damage::cut_by_fin && all_delivered) wire.peer = PeerState::finished;
        constexpr std::uint64_t kUnreadMax = 6'000;
        if (had_damage_ || world_.calm() || said().size() - wire.delivered > kUnreadMax) return;
        if (world_.one_in(3)) say_message();
    }

    [[nodiscard]] session::InflateTerms terms() const { return terms_; }
    [[nodiscard]] bool compresses() const { return terms_.window_bits != 0; }
    [[nodiscard]] Damage damage() const { return had_damage_ ? damage_ : Damage::none; }
    [[nodiscard]] std::uint64_t key() const { return key_; }
    // Of whole, undamaged messages.
    [[nodiscard]] const std::vector<std::size_t>& sizes() const { return sizes_; }

  private:
    struct Heard {
        proto::Flow on_message(proto::Opcode, ByteView) { return proto::Flow::go_on; }
        proto::Flow on_fragment(proto::Opcode, ByteView, proto::FragmentEnd) { return proto::Flow::go_on; }
        proto::Flow on_ping(ByteView) { return proto::Flow::go_on; }
        proto::Flow on_pong(ByteView) { return proto::Flow::go_on; }
        void on_close(const proto::CloseFrame&) {}
    };

    void say_message() {
        had_damage_ = --moment_ == 0 && damage_ != Damage::none;
        if (moment_ == 0) moment_ = 1;
        std::vector<std::uint8_t> plain(1 + world_.number_below(world_.pick({10, 200, 5'000})));
        for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = message_byte(key_, sizes_.size(), i);
        if (had_damage_ && damage_ == Damage::bomb) plain.assign(kMessageMax * world_.pick({2, 20}), 0);
        std::vector<std::uint8_t> payload = plain;
        if (compresses()) payload = deflated(plain);
        if (had_damage_ && damage_ == Damage::no_block) payload.front() |= 0x06;
        if (had_damage_ && damage_ == Damage::flipped_bit) {
            payload[world_.number_below(static_cast<std::uint32_t>(payload.size()))] ^=
                static_cast<std::uint8_t>(1u << world_.number_below(8));
        }
        const test::Bytes frames = in_frames(payload);
        if (!had_damage_) {
            sizes_.push_back(plain.size());
            return say(frames);
        }
        const bool cut = damage_ == Damage::cut_by_fin || damage_ == Damage::cut_by_reset;
        const auto size = static_cast<std::uint32_t>(frames.size());
        say(ByteView(frames).first(cut ? 1 + world_.number_below(size - 1) : size));
    }

    [[nodiscard]] std::vector<std::uint8_t> deflated(ByteView plain) {
        std::vector<std::uint8_t> out(deflate::Deflater::size_max(plain.size()));
        if (terms_.alone) deflater_.reset();
        out.resize(deflater_.deflate(plain, deflate::DeflateEnd::message, out).size);
        return out;
    }

    [[nodiscard]] test::Bytes in_frames(ByteView payload) {
        test::Bytes out;
        const bool rsv1 = compresses() || (had_damage_ && damage_ == Damage::not_agreed);
        for (bool first = true; first || !payload.empty(); first = false) {
            const bool whole = world_.one_in(2);
            const auto left = static_cast<std::uint32_t>(payload.size());
            const std::size_t size = whole ? left : world_.number_below(left + 1);
            const test::FrameSpec spec{
                .opcode = first ? proto::Opcode::binary : proto::Opcode::continuation,
                .payload = std::string(as_text(payload.first(size))),
                .fin = size == payload.size(),
                .rsv1 = first && rsv1};
            test::append_frame(out, spec, proto::Role::server);
            payload = payload.subspan(size);
            if (!payload.empty() && world_.one_in(8))
                test::append_frame(out, {proto::Opcode::ping, "?"}, proto::Role::server);
        }
        return out;
    }

    World& world_;
    std::uint64_t key_;
    session::InflateTerms terms_;
    deflate::Deflater deflater_;
    std::uint32_t moment_;  // messages until the damage
    Damage damage_ = Damage::none;
    bool had_damage_ = false;
    std::vector<std::size_t> sizes_;
    proto::MessageReader<proto::Role::server> reader_;
    Heard heard_;
    std::vector<std::uint8_t> scratch_ = std::vector<std::uint8_t>(1'000);
};

}  // namespace wsblast::sim
