// A peer of the scripted ring that speaks TLS: a server whose plain text is the wire's numbered bytes,
// until its trouble comes.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "tests/sim/world.hpp"
#include "tests/support/tls_ends.hpp"

namespace wsblast::sim {

enum class Trouble : std::uint8_t {
    none,
    goodbye,       // close_notify, then FIN
    fin,           // FIN without a close_notify, after a whole record
    cut_by_fin,    // FIN in the middle of a record
    cut_by_reset,  // RST there
    spoilt_body,   // a bit of an encrypted record is another one
    spoilt_byte,   // a bit of the first flight is another one: of its headers, of what is plain in it
    alert,
    no_tls,
};

class TlsSpeaker final : public Speaker {
  public:
    static constexpr int kHandshakeFailure = 40;  // the alert of a handshake (RFC 8446 6.2)

    // Both live longer.
    TlsSpeaker(World& world, crypto::TlsContext& context, const Wire& wire)
        : world_(world),
          up_key_(wire.up_key),
          down_key_(wire.down_key),
          end_{context, crypto::TlsSession::accept(context)},
          moment_(world.number_below(6)) {
        constexpr Trouble kEarly[] = {Trouble::none,         Trouble::fin,         Trouble::cut_by_fin,
                                      Trouble::cut_by_reset, Trouble::spoilt_byte, Trouble::alert,
                                      Trouble::no_tls};
        constexpr Trouble kLater[] = {Trouble::none,         Trouble::goodbye,     Trouble::fin,
                                      Trouble::cut_by_fin,   Trouble::none,        Trouble::alert,
                                      Trouble::cut_by_reset, Trouble::spoilt_body, Trouble::none};
        trouble_ = moment_ == 0 ? kEarly[world.number_below(std::size(kEarly))]
                                : kLater[world.number_below(std::size(kLater))];
    }

    void hear(ByteView bytes) override {
        if (deaf_ || bytes.empty()) return;
        const bool shaking = end_.shaken == crypto::TlsStatus::need_more;
        const std::vector<std::uint8_t> answer = end_.hear(bytes);
        check_heard();
        if (shaking && moment_ == 0 && trouble_ != Trouble::none && !had_trouble_ && !answer.empty())
            return begin_trouble(answer);
        say(answer);
        if (end_.last_read == crypto::TlsStatus::closed && !leaving_) say_goodbye();
    }

    void step(Wire& wire) override {
        const bool all_delivered = wire.delivered == said().size();
        if (resets_ && all_delivered) wire.peer = PeerState::reset;
        if (resets_ || (leaving_ && !all_delivered)) return;
        if (leaving_) {
            if (world_.one_in(4)) wire.peer = PeerState::finished;
            return;
        }
        constexpr std::uint64_t kUnreadMax = 6'000;
        const bool may_talk = end_.shaken == crypto::TlsStatus::done && !had_trouble_ && !world_.calm();
        if (may_talk && said().size() - wire.delivered < kUnreadMax && world_.one_in(3)) talk();
    }

    [[nodiscard]] Trouble trouble() const { return had_trouble_ ? trouble_ : Trouble::none; }
    // Plain text in whole, unspoilt records.
    [[nodiscard]] std::uint64_t written() const { return written_; }
    [[nodiscard]] std::uint64_t heard() const { return heard_; }
    [[nodiscard]] bool heard_goodbye() const { return end_.last_read == crypto::TlsStatus::closed; }

  private:
    void check_heard() {
        const ByteView plain = as_bytes(end_.heard);
        world_.require(matches(plain, up_key_, heard_), "the peer decrypts every byte once, in order");
        heard_ += plain.size();
        end_.heard.clear();
    }

    // One record of plain text.
    void talk() {
        std::vector<std::uint8_t> plain(1 + world_.number_below(world_.pick({50, 400, 3'000})));
        fill(plain, down_key_, written_);
        world_.require(end_.session.write(plain) == crypto::TlsStatus::done, "the peer can write");
        const std::vector<std::uint8_t> record = end_.take_output();
        if (--moment_ == 0 && trouble_ != Trouble::none) {
            const bool whole = trouble_ == Trouble::goodbye || trouble_ == Trouble::fin;
            if (whole || trouble_ == Trouble::alert) written_ += plain.size();
            return begin_trouble(record);
        }
        moment_ = std::max(moment_, 1u);
        written_ += plain.size();
        say(record);
    }

    // With the bytes that would have been said.
    void begin_trouble(std::vector<std::uint8_t> bytes) {
        had_trouble_ = true;
        const auto size = static_cast<std::uint32_t>(bytes.size());
        switch (trouble_) {
            case Trouble::none: return;
            case Trouble::goodbye: say(bytes); return say_goodbye();
            case Trouble::fin: say(bytes); return leave();
            case Trouble::cut_by_fin:
                say(ByteView(bytes).first(1 + world_.number_below(size - 1)));
                return leave();
            case Trouble::cut_by_reset:
                say(ByteView(bytes).first(1 + world_.number_below(size - 1)));
                resets_ = true;
                return leave();
            case Trouble::spoilt_body: spoil(bytes, kHeaderBytes); return leave();
            case Trouble::spoilt_byte: return spoil(bytes, 0);
            case Trouble::alert: return alert(bytes);
            case Trouble::no_tls:
                say(as_bytes(std::string_view("HTTP/1.1 400 Bad Request\r\n\r\n")));
                return leave();
        }
    }

    void spoil(std::vector<std::uint8_t>& bytes, std::uint32_t from) {
        const auto size = static_cast<std::uint32_t>(bytes.size());
        bytes[from + world_.number_below(size - from)] ^=
            static_cast<std::uint8_t>(1u << world_.number_below(8));
        say(bytes);
    }

    // Of its own in the handshake; later what OpenSSL says to a record that is none.
    void alert(const std::vector<std::uint8_t>& bytes) {
        if (end_.shaken == crypto::TlsStatus::need_more) {
            say(std::vector<std::uint8_t>{0x15, 3, 3, 0, 2, 2, kHandshakeFailure});
        } else {
            constexpr std::size_t kLongerThanARecord = 20'000;
            say(bytes);
            say(end_.hear(std::vector<std::uint8_t>(kLongerThanARecord, 0x99)));
        }
        leave();
    }

    void say_goodbye() {
        end_.session.close_notify();
        say(end_.take_output());
        leaving_ = true;
    }
    void leave() {
        deaf_ = trouble_ != Trouble::fin && trouble_ != Trouble::spoilt_body;
        leaving_ = true;
    }

    static constexpr std::uint32_t kHeaderBytes = 5;  // of a record

    World& world_;
    std::uint64_t up_key_;
    std::uint64_t down_key_;
    test::TlsEnd end_;
    Trouble trouble_ = Trouble::none;
    std::uint32_t moment_;  // records until the trouble; 0: in the handshake
    bool had_trouble_ = false;
    bool deaf_ = false;
    bool leaving_ = false;
    bool resets_ = false;
    std::uint64_t written_ = 0;
    std::uint64_t heard_ = 0;
};

}  // namespace wsblast::sim
