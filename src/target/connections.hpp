// All connections of one worker of the server: each sends a request, is upgraded, has its messages answered
// and is closed; or it gets a page over plain HTTP.
//
// The way of one message: on_bytes() -> Wire::read() -> Sink -> echo() or answer() -> Outflow, which writes
// the answer into the transport's arena. The answers to one burst leave in one send.
//
// One worker thread. Satisfies transport::TransportHandler, and the worker's App.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/timer_wheel.hpp"
#include "json/ymera.hpp"
#include "proto/upgrade.hpp"
#include "session/wire.hpp"
#include "target/board.hpp"
#include "target/connection.hpp"
#include "target/outflow.hpp"
#include "target/pages.hpp"
#include "target/ymera_reply.hpp"
#include "transport/transport.hpp"

namespace wsblast::target {

using transport::ConnectionId;

template <class Transport>
class Connections {
  public:
    // Transport and board live longer. `worker`: whose row of the board is written.
    Connections(Transport& transport, Board& board, std::uint32_t worker)
        : transport_(transport),
          board_(board),
          counters_(board.of(worker)),
          wire_(transport, transport.capacity(), kNoMasks),
          outflow_(transport, counters_),
          connections_(transport.capacity()),
          wheel_(transport.capacity(), board.started_ns()) {}

    [[nodiscard]] bool ok() const { return wire_.ok() && connections_.ok() && wheel_.ok(); }

    // --- the worker's App ------------------------------------------------------------------------

    [[nodiscard]] transport::PollWait tick(TimeNs now_ns) {
        if (stage_ == Stage::serving && board_.stage() == Stage::stopping) begin_stop(now_ns);
        wheel_.expire(
            now_ns, [&](ConnectionId cid) { on_timer(cid, now_ns); }, limits::kTimersPerTick);
        if (stage_ == Stage::stopping && (present_ == 0 || now_ns >= stop_by_ns_)) stage_ = Stage::stopped;
        const TimeNs wake_ns =
            stage_ == Stage::stopped ? now_ns : std::min(wheel_.next_wake(), stop_by_ns_);
        return {now_ns, wake_ns, kBurstsAwaited * last_burst_};
    }

    [[nodiscard]] bool finished() const { return stage_ == Stage::stopped; }

    // --- transport events ------------------------------------------------------------------------

    void prefetch(ConnectionId cid) const { __builtin_prefetch(&connections_[cid]); }

    void on_open(ConnectionId cid, TimeNs now_ns) {
        Connection& connection = connections_[cid];
        connection = Connection{};
        connection.phase = Phase::upgrading;
        cid_end_ = std::max(cid_end_, cid + 1);
        ++present_;
        counters_[Count::connections_accepted].add();
        counters_[Count::connections_present].add();
        if (stage_ != Stage::serving) return sever(cid, connection);
        wheel_.arm(cid, now_ns + limits::kUpgradeTimeoutNs);
        if (!board_.take_place()) return show(cid, connection, overcrowded_page(), now_ns);
        connection.place = Place::taken;
    }

    void on_bytes(ConnectionId cid, ByteView bytes, TimeNs now_ns) {
        ++burst_;
        Connection& connection = connections_[cid];
        switch (connection.phase) {
            case Phase::upgrading: return read_request(cid, connection, bytes, now_ns);
            case Phase::open:
            case Phase::closing: return read_frames(cid, connection, bytes, now_ns);
            case Phase::idle:
            case Phase::ending: return;
        }
    }

    void on_room(ConnectionId cid) {
        Connection& connection = connections_[cid];
        outflow_.pump({cid, connection.backlog});
        if (connection.phase == Phase::ending) close_when_sent(cid, connection);
    }

    void on_close(ConnectionId cid, transport::CloseEvent, TimeNs) {
        Connection& connection = connections_[cid];
        if (connection.phase == Phase::idle) return;
        if (connection.service != Service::none) counters_[Count::connections_open].subtract();
        counters_[Count::connections_present].subtract();
        if (connection.place == Place::taken) board_.give_place();
        --present_;
        wheel_.cancel(cid);
        wire_.drop(cid);
        outflow_.drop(connection.backlog);
        connection.phase = Phase::idle;
    }

    void on_burst_end(TimeNs) {
        last_burst_ = burst_;
        burst_ = 0;
    }

  private:
    // A server does not mask (RFC 6455 5.1): its wire needs no seed.
    static constexpr std::uint64_t kNoMasks = 0;
    // What a burst brought is what the next one may bring: a wait may ask for half as much at once, as
    // the transport asks for one completion in four that are awaited.
    static constexpr std::uint32_t kBurstsAwaited = 2;

    // What the frame reader finds on one connection.
    struct Sink {
        Connections& connections;
        ConnectionId cid;
        Connection& connection;
        TimeNs now_ns;

        proto::Flow on_message(proto::Opcode opcode, ByteView payload) {
            if (connection.phase == Phase::open) connections.on_message(*this, opcode, payload);
            return proto::Flow::go_on;
        }
        proto::Flow on_fragment(proto::Opcode opcode, ByteView piece, proto::FragmentEnd end) {
            if (connection.phase == Phase::open) connections.on_fragment(*this, opcode, piece, end);
            return proto::Flow::go_on;
        }
        proto::Flow on_ping(ByteView payload) {
            if (connection.phase == Phase::open)
                connections.send(*this, frame_of(proto::Opcode::pong, payload), payload);
            return proto::Flow::go_on;
        }
        proto::Flow on_pong(ByteView) { return proto::Flow::go_on; }
        void on_close(const proto::CloseFrame& close) {
            if (connection.phase == Phase::open) connections.begin_close(*this, close.code);
            connections.end(*this, transport::CloseMode::graceful);
        }
    };

    [[nodiscard]] static proto::FrameHeader frame_of(proto::Opcode opcode, ByteView payload) {
        return {.opcode = opcode, .payload_size = payload.size()};
    }

    // --- requests --------------------------------------------------------------------------------

    void read_request(ConnectionId cid, Connection& connection, ByteView bytes, TimeNs now_ns) {
        const ByteView head = wire_.gather_head(cid, bytes);
        const proto::UpgradeRead request = proto::read_upgrade_request(head);
        if (request.kind == proto::RequestKind::need_more) {
            // Bytes of which nothing may be kept cannot become a head.
            if (!head.empty() && wire_.keep_head(cid, head)) return;
            return show(cid, connection, oversized_page(), now_ns);
        }
        const Service service = service_of(request);
        if (service == Service::none) return show(cid, connection, answer_plainly(request, board_), now_ns);
        std::array<std::uint8_t, proto::kUpgradeResponseSize> response;
        proto::write_upgrade_response(response, request.key);
        const ByteView frames = bytes.last(head.size() - request.head_size);
        wire_.drop(cid);
        wheel_.cancel(cid);
        connection.phase = Phase::open;
        connection.service = service;
        counters_[Count::connections_open].add();
        if (outflow_.send({cid, connection.backlog}, response) == Sent::no) return sever(cid, connection);
        if (!frames.empty()) read_frames(cid, connection, frames, now_ns);
    }

    [[nodiscard]] static Service service_of(const proto::UpgradeRead& request) {
        if (request.kind != proto::RequestKind::upgrade) return Service::none;
        switch (route_of(request.path)) {
            case Route::ws: return Service::ymera;
            case Route::echo: return Service::echo;
            case Route::health:
            case Route::stats:
            case Route::unknown: break;
        }
        return Service::none;
    }

    void show(ConnectionId cid, Connection& connection, const Page& page, TimeNs now_ns) {
        constexpr std::uint16_t kFirstError = 400;
        if (page.status >= kFirstError) counters_[Count::connections_refused].add();
        Sink sink{*this, cid, connection, now_ns};
        if (outflow_.send(outlet(sink), as_bytes(page.text)) == Sent::no) return sever(cid, connection);
        // More of the request may be on its way, and closing over it would take the page from the client.
        end(sink, transport::CloseMode::half);
    }

    // --- messages --------------------------------------------------------------------------------

    void read_frames(ConnectionId cid, Connection& connection, ByteView bytes, TimeNs now_ns) {
        Sink sink{*this, cid, connection, now_ns};
        const proto::ReadResult result = wire_.read(cid, bytes, sink);
        counters_[Count::bytes_received].add(result.consumed);
        if (result.status != proto::ReadStatus::violation) return;
        counters_[Count::protocol_errors].add();
        if (connection.phase == Phase::open) begin_close(sink, proto::close_code_for(result.violation));
        // The client may still be sending: see show().
        end(sink, transport::CloseMode::half);
    }

    void on_message(Sink& sink, proto::Opcode opcode, ByteView payload) {
        if (sink.connection.service == Service::echo) {
            echoed(sink);
            send(sink, frame_of(opcode, payload), payload);
        } else {
            answer(sink, opcode, payload);
        }
    }

    void on_fragment(Sink& sink, proto::Opcode opcode, ByteView piece, proto::FragmentEnd end) {
        if (sink.connection.service == Service::echo) return echo_fragment(sink, opcode, piece, end);
        if (const auto whole = wire_.assemble(sink.cid, piece, end)) answer(sink, opcode, *whole);
    }

    void answer(Sink& sink, proto::Opcode opcode, ByteView message) {
        const json::YmeraRequest request =
            opcode == proto::Opcode::text ? reader_.read_request(message) : json::YmeraRequest{};
        counters_[Count::messages_received].add();
        counters_[count_of(request.type)].add();
        const std::string_view text = as_text(message);
        const proto::FrameHeader header{.opcode = proto::Opcode::text,
                                        .payload_size = reply_size(request, text)};
        counters_[Count::messages_sent].add();
        check(sink, outflow_.send_frame(outlet(sink), header,
                                        [&](std::uint8_t* out) { write_reply(out, request, text); }));
        if (request.type == json::RequestType::disconnect && sink.connection.phase == Phase::open) {
            wheel_.arm(sink.cid, sink.now_ns + limits::kDisconnectGraceNs);
        }
    }

    [[nodiscard]] static Count count_of(json::RequestType type) {
        switch (type) {
            case json::RequestType::ping: return Count::ping;
            case json::RequestType::subscribe: return Count::subscribe;
            case json::RequestType::unsubscribe: return Count::unsubscribe;
            case json::RequestType::agent_message: return Count::agent_message;
            case json::RequestType::disconnect: return Count::disconnect;
            case json::RequestType::unknown: return Count::unknown;
            case json::RequestType::invalid: break;
        }
        return Count::invalid;
    }

    void echoed(const Sink&) {
        counters_[Count::messages_received].add();
        counters_[Count::echo].add();
        counters_[Count::messages_sent].add();
    }

    // A message in pieces goes back whole, unless it is too large to be kept.
    void echo_fragment(Sink& sink, proto::Opcode opcode, ByteView piece, proto::FragmentEnd end) {
        Connection& connection = sink.connection;
        if (end == proto::FragmentEnd::last) echoed(sink);
        if (connection.echo_of == EchoOf::gathered && gathers(connection, piece)) {
            connection.gathered += static_cast<std::uint32_t>(piece.size());
            const auto whole = wire_.assemble(sink.cid, piece, end);
            if (!whole) return;
            const bool complete = whole->size() == std::exchange(connection.gathered, 0);
            if (!complete) return begin_close(sink, proto::close_code::kTooBig);  // no memory to keep it in
            return send(sink, frame_of(opcode, *whole), *whole);
        }
        proto::FrameHeader header{.opcode = proto::Opcode::continuation,
                                  .fin = end == proto::FragmentEnd::last};
        if (connection.echo_of == EchoOf::gathered) {
            send_gathered(sink, opcode);
            connection.echo_of = EchoOf::pieces;
        }
        header.payload_size = piece.size();
        send(sink, header, piece);
        if (end == proto::FragmentEnd::last) connection.echo_of = EchoOf::gathered;
    }

    [[nodiscard]] static bool gathers(const Connection& connection, ByteView piece) {
        return connection.gathered + piece.size() <= limits::kAssembledBytesMax;
    }

    // What was gathered becomes the first fragment.
    void send_gathered(Sink& sink, proto::Opcode opcode) {
        const auto first = wire_.assemble(sink.cid, {}, proto::FragmentEnd::last);
        proto::FrameHeader header = frame_of(opcode, *first);
        header.fin = false;
        sink.connection.gathered = 0;
        send(sink, header, *first);
    }

    [[nodiscard]] static Outlet outlet(Sink& sink) { return {sink.cid, sink.connection.backlog}; }

    void send(Sink& sink, const proto::FrameHeader& header, ByteView payload) {
        if (sink.connection.phase != Phase::open) return;
        check(sink, outflow_.send_frame(outlet(sink), header, payload));
    }

    // A client that does not read its answers is closed: the transport has no way to make it wait.
    void check(Sink& sink, Sent sent) {
        if (sent == Sent::yes || sink.connection.phase != Phase::open) return;
        counters_[Count::slow_readers].add();
        begin_close(sink, proto::close_code::kPolicyViolation);
    }

    // --- closing ---------------------------------------------------------------------------------

    // Says our close frame, to begin the closing handshake or to answer the peer's.
    void begin_close(Sink& sink, proto::CloseCode code) {
        Connection& connection = sink.connection;
        connection.phase = Phase::closing;
        wheel_.arm(sink.cid, sink.now_ns + limits::kCloseTimeoutNs);
        const std::array<std::uint8_t, 2> payload{static_cast<std::uint8_t>(code >> 8),
                                                  static_cast<std::uint8_t>(code)};
        const ByteView sent =
            ByteView(payload).first(code == proto::close_code::kNone ? 0 : payload.size());
        const proto::FrameHeader header = frame_of(proto::Opcode::close, sent);
        if (outflow_.send_frame(outlet(sink), header, sent) == Sent::no) sever(sink.cid, connection);
    }

    // All is said: once it is sent TCP is closed, and what comes meanwhile is not read.
    void end(Sink& sink, transport::CloseMode mode) {
        Connection& connection = sink.connection;
        if (connection.phase == Phase::ending) return;
        connection.phase = Phase::ending;
        connection.close_mode = mode;
        wheel_.arm(sink.cid, sink.now_ns + limits::kCloseTimeoutNs);
        close_when_sent(sink.cid, connection);
    }

    void close_when_sent(ConnectionId cid, Connection& connection) {
        if (connection.backlog.empty()) transport_.close(cid, connection.close_mode);
    }

    void sever(ConnectionId cid, Connection& connection) {
        connection.phase = Phase::ending;
        connection.close_mode = transport::CloseMode::abort;
        transport_.close(cid, transport::CloseMode::abort);
    }

    void on_timer(ConnectionId cid, TimeNs now_ns) {
        Connection& connection = connections_[cid];
        Sink sink{*this, cid, connection, now_ns};
        switch (connection.phase) {
            case Phase::upgrading:
                counters_[Count::connections_timed_out].add();
                return sever(cid, connection);
            case Phase::open: return begin_close(sink, proto::close_code::kNormal);
            case Phase::closing:
            case Phase::ending: return sever(cid, connection);
            case Phase::idle: return;
        }
    }

    void begin_stop(TimeNs now_ns) {
        stage_ = Stage::stopping;
        stop_by_ns_ = now_ns + limits::kCloseTimeoutNs;
        transport_.stop_listening();
        for (ConnectionId cid = 0; cid < cid_end_; ++cid) {
            Connection& connection = connections_[cid];
            Sink sink{*this, cid, connection, now_ns};
            if (connection.phase == Phase::open) begin_close(sink, proto::close_code::kGoingAway);
            if (connection.phase == Phase::upgrading) sever(cid, connection);
        }
    }

    // Constant after construction.
    Transport& transport_;
    Board& board_;
    Counters& counters_;
    // What a connection passes through.
    session::Wire<proto::Role::server, Transport> wire_;
    Outflow<Transport> outflow_;
    json::YmeraReader reader_;
    // Per connection.
    MappedArray<Connection> connections_;
    TimerWheel wheel_;
    std::uint32_t cid_end_ = 0;  // no id from here on was ever in use
    std::uint32_t present_ = 0;  // not idle
    // Per tick.
    Stage stage_ = Stage::serving;
    TimeNs stop_by_ns_ = kNever;
    std::uint32_t burst_ = 0;
    std::uint32_t last_burst_ = 0;
};

}  // namespace wsblast::target
