// All connections of one worker of the server: each sends a request, is upgraded, has its messages answered
// and is closed; or it gets a page over plain HTTP.
//
// The way of one message: on_bytes() -> Wire::read() -> Sink -> Answering -> Outflow, which writes the
// answer into the transport's arena. The answers to one burst leave in one send.
// A member of a channel has Broadcast in the place of Answering.
//
// One worker thread. Satisfies transport::TransportHandler, and the worker's App.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/timer_wheel.hpp"
#include "proto/upgrade.hpp"
#include "session/wire.hpp"
#include "target/answering.hpp"
#include "target/board.hpp"
#include "target/broadcast.hpp"
#include "target/connection.hpp"
#include "target/endings.hpp"
#include "target/faulty_answers.hpp"
#include "target/outflow.hpp"
#include "target/pages.hpp"
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
          wire_(transport, transport.capacity(), kNoMasks, board.messages().size_max),
          outflow_(transport, counters_),
          connections_(transport.capacity()),
          wheel_(transport.capacity(), board.started_ns()),
          faulty_(board.faults(), counters_, worker, board.started_ns()),
          endings_(transport, outflow_, wheel_, counters_),
          answering_({wire_, outflow_, endings_, wheel_, connections_, counters_}, faulty_),
          broadcast_({wire_, outflow_, endings_, wheel_, connections_, counters_}, board, worker) {}

    [[nodiscard]] bool ok() {
        return wire_.ok() && connections_.ok() && wheel_.ok() && answering_.ok() && broadcast_.ok() &&
               faulty_.prepare(transport_.capacity());
    }

    // --- the worker's App ------------------------------------------------------------------------

    [[nodiscard]] transport::PollWait tick(TimeNs now_ns) {
        if (stage_ == Stage::serving && board_.stage() == Stage::stopping) begin_stop(now_ns);
        wheel_.expire(
            now_ns, [&](ConnectionId cid) { on_timer(cid, now_ns); }, limits::kTimersPerTick);
        if (faulty_.active()) answering_.expire(now_ns);
        const TimeNs mail_ns = broadcast_.collect(now_ns);
        const TimeNs seats_ns = waiting_.empty() ? kNever : seat_waiting(now_ns);
        if (stage_ == Stage::stopping && (present_ == 0 || now_ns >= stop_by_ns_)) stage_ = Stage::stopped;
        const TimeNs wake_ns =
            stage_ == Stage::stopped
                ? now_ns
                : std::min({wheel_.next_wake(), stop_by_ns_, faulty_.next_wake(now_ns), mail_ns, seats_ns});
        return {now_ns, wake_ns, bursts_awaited_ * last_burst_};
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
        if (stage_ != Stage::serving) return endings_.sever({cid, connection, now_ns});
        wheel_.arm(cid, now_ns + limits::kUpgradeTimeoutNs);
    }

    void on_bytes(ConnectionId cid, ByteView bytes, transport::Arrival at) {
        const TimeNs now_ns = at.now_ns;
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
        if (connection.phase == Phase::ending) endings_.close_when_sent(cid, connection);
    }

    void on_close(ConnectionId cid, transport::CloseEvent, TimeNs) {
        Connection& connection = connections_[cid];
        if (connection.phase == Phase::idle) return;
        if (connection.service != Service::none) counters_[Count::connections_open].subtract();
        counters_[Count::connections_present].subtract();
        if (connection.place == Place::taken) board_.give_place();
        if (connection.place == Place::awaited) std::erase(waiting_, cid);
        --present_;
        if (connection.service == Service::broadcast) broadcast_.leave(cid);
        faulty_.gone(cid);
        answering_.gone(cid);
        wheel_.cancel(cid);
        wire_.drop(cid);
        outflow_.drop(connection.backlog);
        connection.phase = Phase::idle;
    }

    void on_burst_end(TimeNs) {
        broadcast_.wake_peers();
        last_burst_ = burst_;
        burst_ = 0;
    }

  private:
    // A server does not mask (RFC 6455 5.1): its wire needs no seed.
    static constexpr std::uint64_t kNoMasks = 0;
    // What a burst brought is what the next one may bring: a wait may ask for half as much at once, as
    // the transport asks for one completion in four that are awaited. Not where a queue tells the arrival
    // of each message.
    [[nodiscard]] static std::uint32_t bursts_awaited(const plan::FaultPlan& plan) {
        return plan.service.any() ? 0 : 2;
    }

    // What the frame reader finds on one connection.
    struct Sink {
        Connections& connections;
        ConnectionId cid;
        Connection& connection;
        TimeNs now_ns;

        proto::Flow on_message(proto::Opcode opcode, ByteView payload) {
            if (connection.phase != Phase::open) return proto::Flow::go_on;
            if (connection.service == Service::broadcast) {
                connections.broadcast_.on_message(visit_of(*this), opcode, payload);
            } else {
                connections.answering_.on_message(visit_of(*this), opcode, payload);
            }
            return proto::Flow::go_on;
        }
        proto::Flow on_fragment(proto::Opcode opcode, ByteView piece, proto::FragmentEnd end) {
            if (connection.phase != Phase::open) return proto::Flow::go_on;
            if (connection.service == Service::broadcast) {
                connections.broadcast_.on_fragment(visit_of(*this), opcode, piece, end);
            } else {
                connections.answering_.on_fragment(visit_of(*this), opcode, piece, end);
            }
            return proto::Flow::go_on;
        }
        proto::Flow on_ping(ByteView payload) {
            if (connection.phase == Phase::open) connections.pong(visit_of(*this), payload);
            return proto::Flow::go_on;
        }
        proto::Flow on_pong(ByteView) { return proto::Flow::go_on; }
        void on_close(const proto::CloseFrame& close) {
            Endings<Transport>& endings = connections.endings_;
            if (connection.phase == Phase::open) endings.begin_close(visit_of(*this), close.code);
            endings.end(visit_of(*this), transport::CloseMode::graceful);
        }
    };

    // --- requests --------------------------------------------------------------------------------

    void read_request(ConnectionId cid, Connection& connection, ByteView bytes, TimeNs now_ns) {
        const ByteView head = wire_.gather_head(cid, bytes);
        if (connection.place == Place::awaited && !head.empty()) return;
        const plan::ServeMessageOptions& spoken = board_.messages();
        const proto::UpgradeRead request = proto::read_upgrade_request(
            head, {spoken.deflate ? &*spoken.deflate : nullptr, spoken.subprotocols});
        if (request.kind == proto::RequestKind::need_more) {
            // Bytes of which nothing may be kept cannot become a head.
            if (!head.empty() && wire_.keep_head(cid, head)) return;
            return show(cid, connection, oversized_page(), now_ns);
        }
        const Service service = service_of(request);
        if (service == Service::none) return show(cid, connection, answer_plainly(request, board_), now_ns);
        const Visit visit{cid, connection, now_ns};
        if (connection.place == Place::none && !admit(visit, head)) return;
        if (service == Service::broadcast && !broadcast_.join(cid, request.path)) {
            return show(cid, connection, no_channel_page(), now_ns);
        }
        std::array<std::uint8_t, proto::kUpgradeResponseMax> room;
        const ByteView response = ByteView(room).first(proto::write_upgrade_response(room, request));
        const ByteView frames = bytes.last(head.size() - request.head_size);
        wire_.drop(cid);
        wheel_.cancel(cid);
        if (request.deflate) agree(cid, request.deflate->terms);
        connection.phase = Phase::open;
        connection.service = service;
        counters_[Count::connections_open].add();
        if (outflow_.send(visit.outlet(), response) == Sent::no) return endings_.sever(visit);
        faulty_.opened(cid, now_ns);
        limit_lifetime(visit);
        if (!frames.empty()) read_frames(cid, connection, frames, now_ns);
    }

    // Messages may be compressed, both ways.
    void agree(ConnectionId cid, const proto::DeflateTerms& terms) {
        wire_.agree(cid,
                    {.window_bits = terms.client_window_bits, .alone = terms.client_no_context_takeover});
        answering_.agree(cid, terms);
        counters_[Count::connections_compressed].add();
    }

    // Gives an upgrade one of the places that all workers have together; false: it got none, or is refused.
    [[nodiscard]] bool admit(const Visit& visit, ByteView head) {
        if (const auto status = faulty_.faults().rejection_of(upgrades_++)) {
            counters_[Count::rejected].add();
            show(visit.cid, visit.connection, rejected_page(*status), visit.now_ns);
            return false;
        }
        if (waiting_.empty() && board_.take_place()) {
            visit.connection.place = Place::taken;
            return true;
        }
        counters_[Count::connections_over_limit].add();
        const ConnectionLimit& limit = board_.limit();
        switch (limit.at_limit) {
            case plan::AtLimit::refuse:
                show(visit.cid, visit.connection, overcrowded_page(limit.connections), visit.now_ns);
                break;
            case plan::AtLimit::reset: endings_.reset(visit); break;
            case plan::AtLimit::wait: keep_waiting(visit, head); break;
        }
        return false;
    }

    // As if the connection were still in the backlog: no time is set for it.
    void keep_waiting(const Visit& visit, ByteView head) {
        if (!wire_.keep_head(visit.cid, head)) return endings_.sever(visit);
        visit.connection.place = Place::awaited;
        wheel_.cancel(visit.cid);
        waiting_.push_back(visit.cid);
    }

    // Gives places that have become free to those that wait. When there may be more.
    TimeNs seat_waiting(TimeNs now_ns) {
        while (!waiting_.empty() && board_.take_place()) {
            const ConnectionId cid = waiting_.front();
            waiting_.erase(waiting_.begin());
            connections_[cid].place = Place::taken;
            // One that is ending gives its place back.
            if (connections_[cid].phase != Phase::upgrading) continue;
            const ByteView kept = wire_.gather_head(cid, {});
            const std::vector<std::uint8_t> request(kept.begin(), kept.end());
            wire_.drop(cid);
            read_request(cid, connections_[cid], request, now_ns);
        }
        return waiting_.empty() ? kNever : now_ns + limits::kPlacePollNs;
    }

    [[nodiscard]] static Service service_of(const proto::UpgradeRead& request) {
        if (request.kind != proto::RequestKind::upgrade) return Service::none;
        switch (route_of(request.path)) {
            case Route::ws: return Service::ymera;
            case Route::echo: return Service::echo;
            case Route::broadcast: return Service::broadcast;
            case Route::health:
            case Route::stats:
            case Route::unknown: break;
        }
        return Service::none;
    }

    void show(ConnectionId cid, Connection& connection, const Page& page, TimeNs now_ns) {
        constexpr std::uint16_t kFirstError = 400;
        if (page.status >= kFirstError) counters_[Count::connections_refused].add();
        const Visit visit{cid, connection, now_ns};
        if (outflow_.send(visit.outlet(), as_bytes(page.text)) == Sent::no) return endings_.sever(visit);
        // More of the request may be on its way, and closing over it would take the page from the client.
        endings_.end(visit, transport::CloseMode::half);
    }

    void pong(const Visit& visit, ByteView payload) {
        endings_.check(
            visit, outflow_.send_frame(visit.outlet(), frame_of(proto::Opcode::pong, payload), payload));
    }

    // --- messages --------------------------------------------------------------------------------

    void read_frames(ConnectionId cid, Connection& connection, ByteView bytes, TimeNs now_ns) {
        Sink sink{*this, cid, connection, now_ns};
        const proto::ReadResult result = wire_.read(cid, bytes, sink);
        counters_[Count::bytes_received].add(result.consumed);
        if (wire_.agreed(cid)) count_inflated();
        if (result.status != proto::ReadStatus::violation) return;
        counters_[Count::protocol_errors].add();
        const Visit visit = visit_of(sink);
        if (connection.phase == Phase::open)
            endings_.begin_close(visit, proto::close_code_for(result.violation));
        // The client may still be sending: see show().
        endings_.end(visit, transport::CloseMode::half);
    }

    void count_inflated() {
        const session::InflatedBytes inflated = wire_.take_inflated();
        counters_[Count::inflated_from].add(inflated.from);
        counters_[Count::inflated_to].add(inflated.to);
    }

    [[nodiscard]] static Visit visit_of(const Sink& sink) {
        return {sink.cid, sink.connection, sink.now_ns};
    }

    // --- time ------------------------------------------------------------------------------------

    void on_timer(ConnectionId cid, TimeNs now_ns) {
        Connection& connection = connections_[cid];
        const Visit visit{cid, connection, now_ns};
        switch (connection.phase) {
            case Phase::upgrading:
                counters_[Count::connections_timed_out].add();
                return endings_.sever(visit);
            case Phase::open: return close_in_time(visit);
            case Phase::closing:
            case Phase::ending: return endings_.sever(visit);
            case Phase::idle: return;
        }
    }

    void limit_lifetime(const Visit& visit) {
        const TimeNs lifetime_ns = faulty_.faults().plan().close_after_ns;
        if (lifetime_ns == 0) return;
        visit.connection.deadline = Deadline::lifetime;
        wheel_.arm(visit.cid, visit.now_ns + lifetime_ns);
    }

    void close_in_time(const Visit& visit) {
        switch (visit.connection.deadline) {
            case Deadline::none: return;
            case Deadline::farewell: return endings_.begin_close(visit, proto::close_code::kNormal);
            case Deadline::lifetime:
                counters_[Count::closed].add();
                return endings_.begin_close(visit, proto::close_code::kGoingAway);
        }
    }

    void begin_stop(TimeNs now_ns) {
        stage_ = Stage::stopping;
        stop_by_ns_ = now_ns + limits::kCloseTimeoutNs;
        transport_.stop_listening();
        for (ConnectionId cid = 0; cid < cid_end_; ++cid) {
            Connection& connection = connections_[cid];
            const Visit visit{cid, connection, now_ns};
            if (connection.phase == Phase::open) endings_.begin_close(visit, proto::close_code::kGoingAway);
            if (connection.phase == Phase::upgrading) endings_.sever(visit);
        }
    }

    // Constant after construction.
    Transport& transport_;
    Board& board_;
    Counters& counters_;
    // What a connection passes through.
    session::Wire<proto::Role::server, Transport> wire_;
    Outflow<Transport> outflow_;
    // Per connection.
    MappedArray<Connection> connections_;
    TimerWheel wheel_;
    // How they are answered and ended.
    FaultyAnswers faulty_;
    Endings<Transport> endings_;
    Answering<Transport> answering_;
    Broadcast<Transport> broadcast_;
    std::uint32_t bursts_awaited_ = bursts_awaited(faulty_.faults().plan());
    std::uint64_t upgrades_ = 0;
    std::vector<ConnectionId> waiting_;  // for a place; the oldest first
    std::uint32_t cid_end_ = 0;          // no id from here on was ever in use
    std::uint32_t present_ = 0;          // not idle
    // Per tick.
    Stage stage_ = Stage::serving;
    TimeNs stop_by_ns_ = kNever;
    std::uint32_t burst_ = 0;
    std::uint32_t last_burst_ = 0;
};

}  // namespace wsblast::target
