// Messages and their answers: the YMERA protocol and the echo. Every answer leaves through deliver(), where
// the faults that were asked for are decided.
//
// One worker thread.
#pragma once

#include <cstdint>
#include <utility>

#include "base/limits.hpp"
#include "json/ymera.hpp"
#include "proto/frame.hpp"
#include "target/connection.hpp"
#include "target/counters.hpp"
#include "target/deflations.hpp"
#include "target/endings.hpp"
#include "target/faulty_answers.hpp"
#include "target/outflow.hpp"
#include "target/ymera_reply.hpp"
#include "transport/transport.hpp"

namespace wsblast::target {

template <class Transport>
class Answering {
  public:
    Answering(const ServiceParts<Transport>& parts, FaultyAnswers& faulty)
        : parts_(parts),
          faulty_(faulty),
          deflations_(static_cast<std::uint32_t>(parts.connections.size())) {}

    [[nodiscard]] bool ok() const { return deflations_.ok(); }

    // What is answered on the connection is compressed from now on, until it is gone.
    void agree(transport::ConnectionId cid, const proto::DeflateTerms& terms) {
        deflations_.agree(cid, terms);
    }
    void gone(transport::ConnectionId cid) { deflations_.drop(cid); }

    void on_message(const Visit& visit, proto::Opcode opcode, ByteView payload) {
        if (visit.connection.service == Service::echo) {
            count_echo();
            deliver(visit, frame_of(opcode, payload), payload);
        } else {
            answer(visit, opcode, payload);
        }
    }

    void on_fragment(const Visit& visit, proto::Opcode opcode, ByteView piece, proto::FragmentEnd end) {
        if (visit.connection.service == Service::echo) return echo_fragment(visit, opcode, piece, end);
        if (const auto whole = parts_.wire.assemble(visit.cid, piece, end)) answer(visit, opcode, *whole);
    }

    // Sends what was held back and is due now.
    void expire(TimeNs now_ns) {
        now_ns_ = now_ns;
        faulty_.expire(*this);
    }

    // --- what FaultyAnswers sends through --------------------------------------------------------

    [[nodiscard]] TimeNs now_ns() const { return now_ns_; }

    [[nodiscard]] Sent send_frame(transport::ConnectionId cid, ByteView frame) {
        const Visit visit{cid, parts_.connections[cid], now_ns_};
        if (visit.connection.phase != Phase::open) return Sent::no;
        const Sent sent = parts_.outflow.send(visit.outlet(), frame);
        if (sent == Sent::yes) parts_.counters[Count::bytes_sent].add(frame.size());
        note(visit, sent);
        return sent;
    }

    void answered(transport::ConnectionId cid) {
        const Visit visit{cid, parts_.connections[cid], now_ns_};
        const auto& limit = faulty_.faults().plan().close_after_answers;
        if (!limit || visit.connection.phase != Phase::open) return;
        if (++visit.connection.answers < *limit) return;
        parts_.counters[Count::closed].add();
        parts_.endings.begin_close(visit, proto::close_code::kGoingAway);
    }

  private:
    // The frame of an answer, `write(out)` its payload: at once, or as the faults will.
    template <class Write>
    void deliver_by(const Visit& visit, const proto::FrameHeader& header, Exposure exposure,
                    Write&& write) {
        if (visit.connection.phase != Phase::open) return;
        if (deflations_.agreed(visit.cid)) [[unlikely]] {
            const ByteSpan plain = deflations_.plain(static_cast<std::size_t>(header.payload_size));
            if (!plain.empty()) {
                write(plain.data());
                return deliver_compressed(visit, header, exposure, plain);
            }
        }
        deliver_as_is(visit, header, exposure, write);
    }

    [[gnu::noinline]] void deliver_compressed(const Visit& visit, proto::FrameHeader header,
                                              Exposure exposure, ByteView plain) {
        const ByteView payload = compress(visit, plain, deflate::DeflateEnd::message);
        if (payload.empty()) return parts_.endings.sever(visit);  // no memory
        header.rsv1 = true;
        header.payload_size = payload.size();
        deliver_as_is(visit, header, exposure, [&](std::uint8_t* out) { std::ranges::copy(payload, out); });
    }

    [[nodiscard]] ByteView compress(const Visit& visit, ByteView plain, deflate::DeflateEnd end) {
        const ByteView payload = deflations_.compress(visit.cid, plain, end);
        parts_.counters[Count::deflated_from].add(plain.size());
        parts_.counters[Count::deflated_to].add(payload.size());
        return payload;
    }

    template <class Write>
    void deliver_as_is(const Visit& visit, const proto::FrameHeader& header, Exposure exposure,
                       Write&& write) {
        if (!faulty_.active()) return note(visit, parts_.outflow.send_frame(visit.outlet(), header, write));
        now_ns_ = visit.now_ns;
        const std::size_t head_size = proto::header_size(header);
        const std::size_t size = head_size + static_cast<std::size_t>(header.payload_size);
        faulty_.answer(*this, {visit.cid, size, exposure}, [&](std::uint8_t* out) {
            write(out + proto::encode_frame_header(ByteSpan(out, head_size), header));
        });
    }

    void deliver(const Visit& visit, const proto::FrameHeader& header, ByteView payload) {
        deliver_by(visit, header, Exposure::all,
                   [&](std::uint8_t* out) { std::ranges::copy(payload, out); });
    }

    // A message was handed over, or found no room.
    void note(const Visit& visit, Sent sent) {
        if (sent == Sent::yes) return parts_.counters[Count::messages_sent].add();
        parts_.endings.check(visit, sent);
    }

    void answer(const Visit& visit, proto::Opcode opcode, ByteView message) {
        const json::YmeraRequest request =
            opcode == proto::Opcode::text ? reader_.read_request(message) : json::YmeraRequest{};
        parts_.counters[Count::messages_received].add();
        parts_.counters[count_of(request.type)].add();
        const std::string_view text = as_text(message);
        const proto::FrameHeader header{.opcode = proto::Opcode::text,
                                        .payload_size = reply_size(request, text)};
        deliver_by(visit, header, exposure_of(request.type),
                   [&](std::uint8_t* out) { write_reply(out, request, text); });
        if (request.type == json::RequestType::disconnect) await_close(visit);
    }

    // It may be closed before that, by --close-after.
    void await_close(const Visit& visit) {
        const TimeNs end_ns = visit.now_ns + limits::kDisconnectGraceNs;
        if (visit.connection.phase != Phase::open || parts_.wheel.deadline(visit.cid) <= end_ns) return;
        visit.connection.deadline = Deadline::farewell;
        parts_.wheel.arm(visit.cid, end_ns);
    }

    // What acknowledges the setup of a run is none of the messages that are measured.
    [[nodiscard]] static Exposure exposure_of(json::RequestType type) {
        switch (type) {
            case json::RequestType::subscribe:
            case json::RequestType::unsubscribe:
            case json::RequestType::disconnect: return Exposure::time;
            case json::RequestType::ping:
            case json::RequestType::agent_message:
            case json::RequestType::unknown:
            case json::RequestType::invalid: break;
        }
        return Exposure::all;
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

    void count_echo() {
        parts_.counters[Count::messages_received].add();
        parts_.counters[Count::echo].add();
    }

    // A message in pieces goes back whole, unless it is too large to be kept.
    void echo_fragment(const Visit& visit, proto::Opcode opcode, ByteView piece, proto::FragmentEnd end) {
        Connection& connection = visit.connection;
        if (end == proto::FragmentEnd::last) count_echo();
        if (connection.echo_of == EchoOf::gathered && gathers(connection, piece)) {
            connection.gathered += static_cast<std::uint32_t>(piece.size());
            const auto whole = parts_.wire.assemble(visit.cid, piece, end);
            if (!whole) return;
            const bool complete = whole->size() == std::exchange(connection.gathered, 0);
            // No memory to keep it in.
            if (!complete) return parts_.endings.begin_close(visit, proto::close_code::kTooBig);
            return deliver(visit, frame_of(opcode, *whole), *whole);
        }
        proto::FrameHeader header{.opcode = proto::Opcode::continuation,
                                  .fin = end == proto::FragmentEnd::last};
        if (connection.echo_of == EchoOf::gathered) {
            send_gathered(visit, opcode);
            connection.echo_of = EchoOf::pieces;
        }
        header.payload_size = piece.size();
        send_piece(visit, header, piece);
        if (end == proto::FragmentEnd::last) connection.echo_of = EchoOf::gathered;
    }

    [[nodiscard]] static bool gathers(const Connection& connection, ByteView piece) {
        return connection.gathered + piece.size() <= limits::kAssembledBytesMax;
    }

    // What was gathered becomes the first fragment.
    void send_gathered(const Visit& visit, proto::Opcode opcode) {
        const auto first = parts_.wire.assemble(visit.cid, {}, proto::FragmentEnd::last);
        proto::FrameHeader header = frame_of(opcode, *first);
        header.fin = false;
        visit.connection.gathered = 0;
        send_piece(visit, header, *first);
    }

    // Of a message that is too large to be kept: no fault touches it, since its pieces belong together.
    void send_piece(const Visit& visit, proto::FrameHeader header, ByteView piece) {
        if (visit.connection.phase != Phase::open) return;
        if (deflations_.agreed(visit.cid)) {
            piece = compress(visit, piece,
                             header.fin ? deflate::DeflateEnd::message : deflate::DeflateEnd::part);
            if (piece.empty()) return parts_.endings.sever(visit);  // no memory
            header.rsv1 = header.opcode != proto::Opcode::continuation;
            header.payload_size = piece.size();
        }
        const Sent sent = parts_.outflow.send_frame(visit.outlet(), header, piece);
        if (header.fin) return note(visit, sent);
        parts_.endings.check(visit, sent);
    }

    ServiceParts<Transport> parts_;
    FaultyAnswers& faulty_;
    Deflations deflations_;
    json::YmeraReader reader_;
    TimeNs now_ns_ = 0;
};

}  // namespace wsblast::target
