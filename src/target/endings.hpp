// How a connection of the server ends: the closing handshake (RFC 6455 7), and the ways around it.
//
// One worker thread.
#pragma once

#include <array>
#include <cstdint>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/timer_wheel.hpp"
#include "proto/close_code.hpp"
#include "proto/frame.hpp"
#include "session/wire.hpp"
#include "target/connection.hpp"
#include "target/counters.hpp"
#include "target/outflow.hpp"
#include "transport/transport.hpp"

namespace wsblast::target {

// One connection in one burst.
struct Visit {
    transport::ConnectionId cid;
    Connection& connection;
    TimeNs now_ns;

    [[nodiscard]] Outlet outlet() const { return {cid, connection.backlog}; }
};

[[nodiscard]] inline proto::FrameHeader frame_of(proto::Opcode opcode, ByteView payload) {
    return {.opcode = opcode, .payload_size = payload.size()};
}

template <class Transport>
class Endings {
  public:
    Endings(Transport& transport, Outflow<Transport>& outflow, TimerWheel& wheel, Counters& counters)
        : transport_(transport), outflow_(outflow), wheel_(wheel), counters_(counters) {}

    // Says our close frame, to begin the closing handshake or to answer the peer's.
    void begin_close(const Visit& visit, proto::CloseCode code) {
        visit.connection.phase = Phase::closing;
        wheel_.arm(visit.cid, visit.now_ns + limits::kCloseTimeoutNs);
        const std::array<std::uint8_t, 2> payload{static_cast<std::uint8_t>(code >> 8),
                                                  static_cast<std::uint8_t>(code)};
        const ByteView sent =
            ByteView(payload).first(code == proto::close_code::kNone ? 0 : payload.size());
        const proto::FrameHeader header = frame_of(proto::Opcode::close, sent);
        if (outflow_.send_frame(visit.outlet(), header, sent) == Sent::no) sever(visit);
    }

    // All is said: once it is sent TCP is closed, and what comes meanwhile is not read.
    void end(const Visit& visit, transport::CloseMode mode) {
        Connection& connection = visit.connection;
        if (connection.phase == Phase::ending) return;
        connection.phase = Phase::ending;
        connection.close_mode = mode;
        wheel_.arm(visit.cid, visit.now_ns + limits::kCloseTimeoutNs);
        close_when_sent(visit.cid, connection);
    }

    void close_when_sent(transport::ConnectionId cid, const Connection& connection) {
        if (connection.backlog.empty()) transport_.close(cid, connection.close_mode);
    }

    void sever(const Visit& visit) {
        visit.connection.phase = Phase::ending;
        visit.connection.close_mode = transport::CloseMode::abort;
        transport_.close(visit.cid, transport::CloseMode::abort);
    }

    // As sever(), and the client sees a reset.
    void reset(const Visit& visit) {
        visit.connection.phase = Phase::ending;
        visit.connection.close_mode = transport::CloseMode::reset;
        transport_.close(visit.cid, transport::CloseMode::reset);
    }

    // A client that does not read its answers is closed: the transport has no way to make it wait.
    void check(const Visit& visit, Sent sent) {
        if (sent == Sent::yes || visit.connection.phase != Phase::open) return;
        counters_[Count::slow_readers].add();
        begin_close(visit, proto::close_code::kPolicyViolation);
    }

  private:
    Transport& transport_;
    Outflow<Transport>& outflow_;
    TimerWheel& wheel_;
    Counters& counters_;
};

// What a service of one worker works with. Everything lives longer.
template <class Transport>
struct ServiceParts {
    session::Wire<proto::Role::server, Transport>& wire;
    Outflow<Transport>& outflow;
    Endings<Transport>& endings;
    TimerWheel& wheel;
    MappedArray<Connection>& connections;
    Counters& counters;
};

}  // namespace wsblast::target
