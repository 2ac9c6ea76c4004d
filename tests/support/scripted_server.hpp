// A WebSocket server over the memory transport that does what a test tells it: for the tests of clients.
//
// It upgrades, reads frames as a server must, and hands each message to a script; what it answers may be
// put off in virtual time. Without a script it echoes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "json/ymera.hpp"
#include "proto/upgrade.hpp"
#include "session/wire.hpp"
#include "tests/support/frames.hpp"
#include "transport/memory_transport.hpp"

namespace wsblast::test {

using transport::CloseMode;
using transport::ConnectionId;

class ScriptedServer {
  public:
    // What becomes of a request to upgrade.
    enum class Upgrade : std::uint8_t { accept, answer_text, silence };
    // What becomes of a client's close frame.
    enum class OnClose : std::uint8_t { answer_and_close, answer_and_linger, silence };

    struct Script {
        Upgrade upgrade = Upgrade::accept;
        std::string upgrade_text;  // with answer_text: the whole response
        OnClose on_close = OnClose::answer_and_close;
        std::function<void(ConnectionId)> on_refused = [](ConnectionId) {};  // with answer_text
        std::function<void(ConnectionId)> on_upgraded = [](ConnectionId) {};
        std::function<void(ConnectionId, const std::string&)> on_message;  // empty: echo
        std::function<void(ConnectionId, const std::string&)> on_ping;     // empty: silence
        std::optional<proto::DeflateParameters> deflate;  // accepted, with these; empty: declined
    };

    ScriptedServer(transport::MemoryTransport& transport, transport::MemoryNetwork& network)
        : transport_(transport), network_(network), wire_(transport, transport.capacity(), 1) {}

    Script script;

    // --- what it does, from within the script or from the test -----------------------------------

    void send(ConnectionId cid, const std::vector<FrameSpec>& specs) {
        send_bytes(cid, frames(specs, proto::Role::server));
    }
    void send_text(ConnectionId cid, std::string_view text) {
        send(cid, {{proto::Opcode::text, std::string(text)}});
    }
    void send_close(ConnectionId cid, std::uint16_t code) {
        const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
        send(cid, {{proto::Opcode::close, payload}});
    }
    void send_bytes(ConnectionId cid, const Bytes& bytes) {
        const auto peer = peers_.find(cid);
        if (peer == peers_.end()) return;
        peer->second.unsent.insert(peer->second.unsent.end(), bytes.begin(), bytes.end());
        pump(cid, peer->second);
    }
    // What a YMERA server answers to a subscription and to an agent_message.
    void answer_ymera(ConnectionId cid, const std::string& message) {
        const json::YmeraRequest request = reader_.read_request(as_bytes(message));
        if (request.type == json::RequestType::subscribe) {
            send_text(cid, R"({"type":"subscribed","channel":"agents"})");
        } else {
            send_text(cid, agent_response(request.timestamp));
        }
    }
    static std::string agent_response(std::string_view timestamp) {
        return R"({"type": "agent_response", "timestamp": )" + std::string(timestamp) + "}";
    }
    void close(ConnectionId cid, CloseMode mode) { transport_.close(cid, mode); }
    // Does it `delay_ns` from now, unless the connection is gone by then.
    void later(TimeNs delay_ns, ConnectionId cid, std::function<void()> action) {
        actions_.emplace(network_.now_ns() + delay_ns, Action{cid, peers_[cid].number, std::move(action)});
    }

    // Whether messages may be compressed on the connection.
    [[nodiscard]] bool agreed(ConnectionId cid) const { return wire_.agreed(cid); }

    // --- what it saw -----------------------------------------------------------------------------

    [[nodiscard]] const std::vector<std::string>& messages() const { return messages_; }
    [[nodiscard]] const std::vector<std::string>& pongs() const { return pongs_; }
    [[nodiscard]] const std::vector<std::uint16_t>& close_codes() const { return close_codes_; }
    [[nodiscard]] const std::vector<std::string>& close_reasons() const { return close_reasons_; }
    // Clients that broke the protocol.
    [[nodiscard]] std::uint64_t violations() const { return violations_; }
    // Of compressed messages, since the last call.
    [[nodiscard]] session::InflatedBytes take_inflated() { return wire_.take_inflated(); }
    [[nodiscard]] const std::string& last_request() const { return last_request_; }
    [[nodiscard]] std::uint32_t open() const { return static_cast<std::uint32_t>(peers_.size()); }
    [[nodiscard]] std::uint32_t open_peak() const { return open_peak_; }

    // --- time ------------------------------------------------------------------------------------

    [[nodiscard]] TimeNs next_action_ns() const {
        return actions_.empty() ? kNever : actions_.begin()->first;
    }
    void tick() {
        while (next_action_ns() <= network_.now_ns()) {
            const Action action = actions_.extract(actions_.begin()).mapped();
            const auto peer = peers_.find(action.cid);
            if (peer != peers_.end() && peer->second.number == action.number) action.run();
        }
    }

    // --- transport events ------------------------------------------------------------------------

    void on_open(ConnectionId cid, TimeNs) {
        peers_[cid] = Peer{};
        peers_[cid].number = ++accepted_;
        open_peak_ = std::max(open_peak_, open());
    }
    void on_bytes(ConnectionId cid, ByteView bytes, transport::Arrival) {
        Peer& peer = peers_[cid];
        if (peer.phase == Phase::upgrading) {
            read_request(cid, peer, bytes);
        } else if (peer.phase == Phase::open) {
            read_frames(cid, bytes);
        }
    }
    void on_room(ConnectionId cid) { pump(cid, peers_[cid]); }
    void on_close(ConnectionId cid, transport::CloseEvent, TimeNs) {
        wire_.drop(cid);
        peers_.erase(cid);
    }
    void on_burst_end(TimeNs) {}

  private:
    enum class Phase : std::uint8_t { upgrading, open, deaf };

    struct Peer {
        std::uint64_t number = 0;  // of all that were accepted
        Phase phase = Phase::upgrading;
        std::string request;
        Bytes unsent;
    };
    struct Action {
        ConnectionId cid;
        std::uint64_t number;
        std::function<void()> run;
    };
    struct Sink {
        ScriptedServer& server;
        ConnectionId cid;

        proto::Flow on_message(proto::Opcode opcode, ByteView payload) {
            server.on_message(cid, opcode, std::string(as_text(payload)));
            return proto::Flow::go_on;
        }
        proto::Flow on_fragment(proto::Opcode opcode, ByteView piece, proto::FragmentEnd end) {
            const auto whole = server.wire_.assemble(cid, piece, end);
            return whole ? on_message(opcode, *whole) : proto::Flow::go_on;
        }
        proto::Flow on_ping(ByteView payload) {
            if (server.script.on_ping) server.script.on_ping(cid, std::string(as_text(payload)));
            return proto::Flow::go_on;
        }
        proto::Flow on_pong(ByteView payload) {
            server.pongs_.emplace_back(as_text(payload));
            return proto::Flow::go_on;
        }
        void on_close(const proto::CloseFrame& close) {
            server.close_reasons_.emplace_back(close.reason);
            server.on_close_frame(cid, close.code);
        }
    };

    void read_request(ConnectionId cid, Peer& peer, ByteView bytes) {
        peer.request += as_text(bytes);
        const proto::UpgradeRead read = proto::read_upgrade_request(
            as_bytes(peer.request), {.deflate = script.deflate ? &*script.deflate : nullptr});
        if (read.kind == proto::RequestKind::need_more) return;
        last_request_ = peer.request;
        switch (script.upgrade) {
            case Upgrade::silence: peer.phase = Phase::deaf; return;
            case Upgrade::answer_text:
                peer.phase = Phase::deaf;
                send_bytes(cid, to_bytes(script.upgrade_text));
                return script.on_refused(cid);
            case Upgrade::accept: break;
        }
        Bytes response(proto::kUpgradeResponseMax);
        response.resize(proto::write_upgrade_response(response, read));
        if (read.deflate) agree(cid, read.deflate->terms);
        peer.phase = Phase::open;
        send_bytes(cid, response);
        script.on_upgraded(cid);
    }

    void agree(ConnectionId cid, const proto::DeflateTerms& terms) {
        wire_.agree(cid,
                    {.window_bits = terms.client_window_bits, .alone = terms.client_no_context_takeover});
    }

    void read_frames(ConnectionId cid, ByteView bytes) {
        Sink sink{*this, cid};
        const auto result = wire_.read(cid, bytes, sink);
        if (result.status != proto::ReadStatus::violation) return;
        ++violations_;
        transport_.close(cid, CloseMode::abort);
    }

    void on_message(ConnectionId cid, proto::Opcode opcode, const std::string& message) {
        messages_.push_back(message);
        if (script.on_message) return script.on_message(cid, message);
        send(cid, {{opcode, message}});
    }

    void on_close_frame(ConnectionId cid, std::uint16_t code) {
        close_codes_.push_back(code);
        if (script.on_close == OnClose::silence) return;
        send_close(cid, code == proto::close_code::kNone ? proto::close_code::kNormal : code);
        if (script.on_close == OnClose::answer_and_linger) return;
        peers_[cid].phase = Phase::deaf;
        if (peers_[cid].unsent.empty()) transport_.close(cid, CloseMode::graceful);
    }

    // Sends as much as there is room for.
    void pump(ConnectionId cid, Peer& peer) {
        if (peer.unsent.empty()) return;
        const ByteSpan room = transport_.reserve(cid, peer.unsent.size());
        if (room.empty()) return;
        std::copy(peer.unsent.begin(), peer.unsent.end(), room.begin());
        transport_.commit(cid, peer.unsent.size());
        peer.unsent.clear();
    }

    transport::MemoryTransport& transport_;
    transport::MemoryNetwork& network_;
    session::Wire<proto::Role::server, transport::MemoryTransport> wire_;
    std::map<ConnectionId, Peer> peers_;
    std::multimap<TimeNs, Action> actions_;
    std::uint64_t accepted_ = 0;
    std::uint32_t open_peak_ = 0;
    std::uint64_t violations_ = 0;
    std::vector<std::string> messages_;
    std::vector<std::string> pongs_;
    std::vector<std::uint16_t> close_codes_;
    std::vector<std::string> close_reasons_;
    std::string last_request_;
    json::YmeraReader reader_;
};

}  // namespace wsblast::test
