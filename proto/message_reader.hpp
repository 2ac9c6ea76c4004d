// Bytes of the wire to messages, resumable at every byte (RFC 6455 5 to 8).
//
// A MessageReader is what a connection carries between two reads, and that is nearly always nothing: whole
// messages are handed out straight from the input, and idle() tells an owner that the reader may be dropped
// and made anew. It never writes to its input, never allocates, and belongs to one thread at a time.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "proto/close_code.hpp"
#include "proto/frame.hpp"
#include "proto/mask.hpp"
#include "proto/utf8.hpp"

namespace wsblast::proto {

// What a sink answers: stop ends consume() at once.
enum class Flow : std::uint8_t { go_on, stop };

// Whether a piece ends its message.
enum class FragmentEnd : std::uint8_t { more, last };

// Receives what the reader finds, in the order of the wire. Every view dies on return. No function of the
// reader may be called from within.
//   on_message   a whole message that lay in one piece in the input
//   on_fragment  a piece of a message that did not, be it the network or the peer that cut it. Only a last
//                piece may be empty.
//   on_close     the last call: all further input is ignored
//   on_compressed  a piece of a compressed message as it came (RFC 7692 6): not inflated, and of text not
//                checked. Only of a sink that has it may the options say that compression was negotiated.
// Text is valid UTF-8 as far as it was delivered; the opcode is text or binary, the same for all pieces.
template <class S>
concept MessageSink = requires(S sink, Opcode opcode, ByteView payload, FragmentEnd end, CloseFrame close) {
    { sink.on_message(opcode, payload) } -> std::same_as<Flow>;
    { sink.on_fragment(opcode, payload, end) } -> std::same_as<Flow>;
    { sink.on_ping(payload) } -> std::same_as<Flow>;
    { sink.on_pong(payload) } -> std::same_as<Flow>;
    {sink.on_close(close)};
};

template <class S>
concept CompressedSink = MessageSink<S> &&
    requires(S sink, Opcode opcode, ByteView piece, FragmentEnd end) {
    { sink.on_compressed(opcode, piece, end) } -> std::same_as<Flow>;
};

struct ReadOptions {
    // Of a compressed one, this is what it may inflate to, and deflated_size_max() what may come of it.
    std::uint64_t message_size_max = limits::kMessageBytesMax;
    // Role::server only, and not empty there: payloads are unmasked into it, longer ones come in pieces.
    ByteSpan scratch{};
    Compression compression = Compression::none;
};

// What a message of that size may have once it is deflated: fixed codes take 9 bits for a byte at worst
// (RFC 1951 3.2.6), stored blocks less (3.2.4); and what begins, ends and flushes it.
[[nodiscard]] constexpr std::uint64_t deflated_size_max(std::uint64_t size) {
    return size + size / 8 + 64;
}

enum class ReadStatus : std::uint8_t {
    need_more,  // all input is consumed
    stopped,    // by the sink: `consumed` tells where to go on
    closed,     // a close frame came, now or earlier; what follows it is ignored
    violation,  // the peer broke the protocol, now or earlier; nothing more is read
};

struct ReadResult {
    ReadStatus status = ReadStatus::need_more;
    Violation violation = Violation::none;
    std::size_t consumed = 0;
};

// Reads what the other role sends. Trivially copyable; every state but the default is made by consume().
// Invariant: in Phase::header carry_ holds the carry_size_ < 14 first bytes of a header, in Phase::control
// the payload so far, and otherwise nothing. message_opcode_ is continuation while no message is open.
template <Role kRole>
class MessageReader {
  public:
    // Nothing is carried: a fresh reader would go on just the same.
    [[nodiscard]] bool idle() const {
        return phase_ == Phase::header && carry_size_ == 0 && message_opcode_ == Opcode::continuation;
    }

    // Reads all of `in`, calling the sink, until one of the four things of ReadStatus happens.
    template <MessageSink Sink>
    ReadResult consume(ByteView in, Sink& sink, const ReadOptions& options = {}) {
        assert(kRole == Role::client || !options.scratch.empty());
        ByteView rest = in;
        Step step = Step::again;
        while (step == Step::again) step = advance(rest, sink, options);
        return {status_after(step), violation_, in.size() - rest.size()};
    }

  private:
    enum class Phase : std::uint8_t { header, payload, control, closed, failed };
    enum class Step : std::uint8_t { again, need_more, stopped };

    [[nodiscard]] static Step step_for(Flow flow) {
        return flow == Flow::go_on ? Step::again : Step::stopped;
    }

    [[nodiscard]] ReadStatus status_after(Step step) const {
        switch (phase_) {
            case Phase::header:
            case Phase::payload:
            case Phase::control: break;
            case Phase::closed: return ReadStatus::closed;
            case Phase::failed: return ReadStatus::violation;
        }
        return step == Step::stopped ? ReadStatus::stopped : ReadStatus::need_more;
    }

    Step fail(Violation violation) {
        phase_ = Phase::failed;
        violation_ = violation;
        return Step::stopped;
    }

    template <class Sink>
    Step advance(ByteView& rest, Sink& sink, const ReadOptions& options) {
        switch (phase_) {
            case Phase::header:
                if (idle() && take_plain_messages(rest, sink, options) == Flow::stop) return Step::stopped;
                return read_header(rest, options);
            case Phase::payload: return read_payload(rest, sink, options);
            case Phase::control: return read_control(rest, sink);
            case Phase::closed:
            case Phase::failed: rest = {}; return Step::stopped;
        }
        return Step::stopped;
    }

    // The hot path: unfragmented messages below 64 KiB that lie wholly in the input. Whatever is not plain,
    // and whatever is wrong, is left to the steps below, which say what it is. Touches no member.
    template <class Sink>
    static Flow take_plain_messages(ByteView& rest, Sink& sink, const ReadOptions& options) {
        constexpr std::size_t kKeySize = kRole == Role::server ? sizeof(MaskKey) : 0;
        constexpr std::uint8_t kMaskBitExpected = kRole == Role::server ? kMaskBit : 0;
        while (rest.size() >= 4) {
            const auto opcode = static_cast<Opcode>(rest[0] & ~kFinBit);
            if (rest[0] < kFinBit || (opcode != Opcode::text && opcode != Opcode::binary)) break;
            if ((rest[1] & kMaskBit) != kMaskBitExpected) break;
            std::size_t size = rest[1] & kLengthBits;
            std::size_t header = 2 + kKeySize;
            if (size >= kLength16) {
                const std::size_t size16 = static_cast<std::size_t>(rest[2]) << 8 | rest[3];
                if (size == kLength64 || size16 < kLength16) break;
                size = size16;
                header += 2;
            }
            if (rest.size() < header + size || size > options.message_size_max) break;
            ByteView payload = rest.subspan(header, size);
            if constexpr (kRole == Role::server) {
                if (size > options.scratch.size()) break;
                MaskKey key;
                std::copy_n(payload.data() - kKeySize, kKeySize, key.data());
                mask_copy(options.scratch, payload, key);
                payload = options.scratch.first(size);
            }
            if (opcode == Opcode::text && !is_valid_utf8(payload)) break;
            rest = rest.subspan(header + size);
            if (sink.on_message(opcode, payload) == Flow::stop) return Flow::stop;
        }
        return Flow::go_on;
    }

    Step read_header(ByteView& rest, const ReadOptions& options) {
        const std::size_t taken = std::min(kFrameHeaderMax - carry_size_, rest.size());
        std::copy_n(rest.data(), taken, carry_.data() + carry_size_);
        const HeaderDecode decoded =
            decode_frame_header(ByteView(carry_).first(carry_size_ + taken), kRole, options.compression);
        switch (decoded.status) {
            case HeaderStatus::need_more:
                carry_size_ = static_cast<std::uint8_t>(carry_size_ + taken);
                rest = rest.subspan(taken);
                return Step::need_more;
            case HeaderStatus::violation: return fail(decoded.violation);
            case HeaderStatus::header: break;
        }
        rest = rest.subspan(decoded.size - carry_size_);
        carry_size_ = 0;
        return begin_frame(decoded.header, options.message_size_max);
    }

    Step begin_frame(const FrameHeader& header, std::uint64_t message_size_max) {
        remaining_ = header.payload_size;
        key_ = header.mask_key.value_or(MaskKey{});
        key_offset_ = 0;
        if (is_control(header.opcode)) {
            control_opcode_ = header.opcode;
            phase_ = Phase::control;
            return Step::again;
        }
        const bool message_open = message_opcode_ != Opcode::continuation;
        const bool continuation = header.opcode == Opcode::continuation;
        if (continuation && !message_open) return fail(Violation::unexpected_continuation);
        if (!continuation && message_open) return fail(Violation::expected_continuation);
        // No overflow: a frame is below 2^63, and so is what was let through before it.
        message_size_ += header.payload_size;
        if (!continuation) compressed_ = header.rsv1;
        const std::uint64_t size_max = compressed_ ? deflated_size_max(message_size_max) : message_size_max;
        if (message_size_ > size_max) return fail(Violation::message_too_big);
        if (!continuation) message_opcode_ = header.opcode;
        frame_end_ = header.fin ? FragmentEnd::last : FragmentEnd::more;
        phase_ = Phase::payload;
        return Step::again;
    }

    template <class Sink>
    Step read_payload(ByteView& rest, Sink& sink, const ReadOptions& options) {
        if (remaining_ > 0 && rest.empty()) return Step::need_more;
        const bool untouched = remaining_ == message_size_;
        const Opcode opcode = message_opcode_;
        const ByteView piece = take_piece(rest, options.scratch);
        const FragmentEnd end = remaining_ == 0 ? frame_end_ : FragmentEnd::more;
        if constexpr (CompressedSink<Sink>) {
            if (compressed_) return pass_on(sink, piece, end);
        }
        if (opcode == Opcode::text && !feed_text(piece, end)) return fail(Violation::bad_utf8);
        if (remaining_ == 0) phase_ = Phase::header;
        if (end == FragmentEnd::last) {
            message_opcode_ = Opcode::continuation;
            message_size_ = 0;
            if (untouched) return step_for(sink.on_message(opcode, piece));
        }
        if (piece.empty() && end == FragmentEnd::more) return Step::again;
        return step_for(sink.on_fragment(opcode, piece, end));
    }

    template <class Sink>
    Step pass_on(Sink& sink, ByteView piece, FragmentEnd end) {
        const Opcode opcode = message_opcode_;
        if (remaining_ == 0) phase_ = Phase::header;
        if (end == FragmentEnd::last) {
            message_opcode_ = Opcode::continuation;
            message_size_ = 0;
        }
        if (piece.empty() && end == FragmentEnd::more) return Step::again;
        return step_for(sink.on_compressed(opcode, piece, end));
    }

    // What the input has of the frame's payload, unmasked.
    ByteView take_piece(ByteView& rest, ByteSpan scratch) {
        std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, rest.size()));
        if constexpr (kRole == Role::server) size = std::min(size, scratch.size());
        ByteView piece = rest.first(size);
        if constexpr (kRole == Role::server) {
            mask_copy(scratch, piece, key_, key_offset_);
            key_offset_ = static_cast<std::uint8_t>((key_offset_ + size) % key_.size());
            piece = scratch.first(size);
        }
        rest = rest.subspan(size);
        remaining_ -= size;
        return piece;
    }

    [[nodiscard]] bool feed_text(ByteView piece, FragmentEnd end) {
        return utf8_.feed(piece) && (end == FragmentEnd::more || utf8_.complete());
    }

    // Control payloads are few and short: all go through the carry, and are always delivered whole.
    template <class Sink>
    Step read_control(ByteView& rest, Sink& sink) {
        const std::size_t taken =
            static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, rest.size()));
        mask_copy(ByteSpan(carry_).subspan(carry_size_), rest.first(taken), key_, carry_size_);
        carry_size_ = static_cast<std::uint8_t>(carry_size_ + taken);
        remaining_ -= taken;
        rest = rest.subspan(taken);
        if (remaining_ > 0) return Step::need_more;

        const ByteView payload = ByteView(carry_).first(carry_size_);
        carry_size_ = 0;
        phase_ = Phase::header;
        if (control_opcode_ == Opcode::ping) return step_for(sink.on_ping(payload));
        if (control_opcode_ == Opcode::pong) return step_for(sink.on_pong(payload));
        return read_close(payload, sink);
    }

    template <class Sink>
    Step read_close(ByteView payload, Sink& sink) {
        CloseFrame close;
        if (const Violation v = parse_close_payload(payload, close); v != Violation::none) return fail(v);
        phase_ = Phase::closed;
        sink.on_close(close);
        return Step::stopped;
    }

    std::uint64_t remaining_ = 0;     // payload bytes of the current frame that are still to come
    std::uint64_t message_size_ = 0;  // of all frames so far of the open message, as their headers say
    Phase phase_ = Phase::header;
    Violation violation_ = Violation::none;
    Opcode message_opcode_ = Opcode::continuation;
    Opcode control_opcode_ = Opcode::ping;
    FragmentEnd frame_end_ = FragmentEnd::last;
    bool compressed_ = false;  // the open message
    Utf8Validator utf8_;
    MaskKey key_{};
    std::uint8_t key_offset_ = 0;
    std::uint8_t carry_size_ = 0;
    std::array<std::uint8_t, kControlPayloadMax> carry_{};
};

static_assert(std::is_trivially_copyable_v<MessageReader<Role::client>>);
static_assert(sizeof(MessageReader<Role::server>) <= 160, "it is kept in a chunk beside other rare state");

}  // namespace wsblast::proto
