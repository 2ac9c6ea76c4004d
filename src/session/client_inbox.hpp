// What client connections receive: the answer to the upgrade, then frames, whose messages are answers, or
// pushed to a connection that listens.
//
// One worker thread.
#pragma once

#include <cstdint>
#include <utility>

#include "base/units.hpp"
#include "plan/program.hpp"
#include "session/client_parts.hpp"
#include "session/failures.hpp"
#include "session/listening.hpp"
#include "session/users.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

template <class Transport>
class ClientInbox {
  public:
    // `listening`: null where no connection does.
    ClientInbox(ClientParts<Transport>& parts, Users<Transport>& users, Listening* listening)
        : parts_(parts), users_(users), listening_(listening) {}

    // Reads frames of an open or closing connection.
    void read(ConnectionId cid, ClientState& client, ByteView bytes, const transport::Arrival& at) {
        Sink sink{*this, cid, client, at.now_ns};
        parts_.answers.begin_read(at);
        if (listening_ != nullptr) listening_->begin_read(at);
        const proto::ReadResult result = parts_.wire.read(cid, bytes, sink);
        if (parts_.wire.agreed(cid)) count_inflated();
        if (client.phase == Phase::open) {
            parts_.answers.received(result.consumed, at.now_ns);
            count_unread(sink);
            parts_.table.list(cid);
        }
        parts_.answers.end_read();
        if (listening_ != nullptr) listening_->end_read();
        if (result.status != proto::ReadStatus::violation) return;
        parts_.closing.break_off(cid, client, result.violation, at.now_ns);
    }

  private:
    // What the frame reader finds on one connection, in one burst.
    struct Sink {
        ClientInbox& inbox;
        ConnectionId cid;
        ClientState& client;
        TimeNs now_ns;
        std::uint64_t unread = 0;  // data messages that need not be looked at

        proto::Flow on_message(proto::Opcode, ByteView whole) { return inbox.on_message(*this, whole); }
        proto::Flow on_fragment(proto::Opcode, ByteView piece, proto::FragmentEnd end) {
            if (!inbox.looks_into(client))
                return end == proto::FragmentEnd::last ? inbox.on_message(*this, {}) : proto::Flow::go_on;
            const auto whole = inbox.parts_.wire.assemble(cid, piece, end);
            return whole ? inbox.on_message(*this, *whole) : proto::Flow::go_on;
        }
        proto::Flow on_ping(ByteView payload) {
            if (client.phase == Phase::open) inbox.parts_.wire.send_pong(cid, payload);
            return proto::Flow::go_on;
        }
        proto::Flow on_pong(ByteView payload) {
            Pings<Transport>& pings = inbox.parts_.pings;
            if (pings.active() && client.phase == Phase::open) pings.on_pong(cid, payload, now_ns);
            return proto::Flow::go_on;
        }
        void on_close(proto::CloseFrame close) {
            inbox.count_unread(*this);
            inbox.parts_.closing.on_frame(cid, client, close.code, now_ns);
        }
    };

    // Whether what a message says matters: otherwise its pieces need not be put together.
    [[nodiscard]] bool looks_into(const ClientState& client) const {
        if (client.phase != Phase::open) return false;
        if (parts_.program.lead == plan::Lead::users) return true;
        if (client.doing == plan::ActionKind::await_setup || hears(client)) return true;
        switch (parts_.program.matching) {
            case plan::Matching::none:
            case plan::Matching::fifo: return false;
            case plan::Matching::key:
            case plan::Matching::ymera_number:
            case plan::Matching::ymera_type: return true;
        }
        return true;
    }

    proto::Flow on_message(Sink& sink, ByteView whole) {
        ClientState& client = sink.client;
        if (client.phase != Phase::open) return proto::Flow::go_on;
        if (parts_.program.lead == plan::Lead::users) {
            users_.on_message(client, whole, sink.now_ns);
        } else if (client.doing == plan::ActionKind::await_setup) {
            read_setup_answer(sink.cid, client, whole, sink.now_ns);
        } else if (hears(client)) {
            hear(client, whole, sink.now_ns);
        } else {
            find_message(sink, whole);
        }
        return proto::Flow::go_on;
    }

    void count_inflated() {
        const InflatedBytes inflated = parts_.wire.take_inflated();
        parts_.shard.counters.inflated_from.add(inflated.from);
        parts_.shard.counters.inflated_to.add(inflated.to);
    }

    void find_message(Sink& sink, ByteView whole) {
        switch (parts_.program.matching) {
            case plan::Matching::none: return parts_.answers.unexpected(sink.now_ns);
            case plan::Matching::fifo: ++sink.unread; return;
            case plan::Matching::key:
            case plan::Matching::ymera_number:
            case plan::Matching::ymera_type:
                return parts_.answers.answer_by_content(sink.client, whole, sink.now_ns);
        }
    }

    // A listener, or one that sends and awaits nothing.
    [[nodiscard]] bool hears(const ClientState& client) const {
        if (listening_ == nullptr) return false;
        return client.index >= parts_.program.connections ||
               parts_.program.matching == plan::Matching::none;
    }

    // Those that send hear each other too, where they share a channel: that is neither an answer nor
    // unexpected.
    void hear(const ClientState& client, ByteView whole, TimeNs now_ns) {
        const auto stamp = parts_.program.stamps->read(whole);
        if (!stamp) return parts_.answers.unexpected(now_ns);
        if (client.index >= parts_.program.connections)
            listening_->on_message(client.index, *stamp, now_ns);
    }

    void count_unread(Sink& sink) {
        if (sink.unread == 0) return;
        parts_.answers.answer_oldest(sink.client, std::exchange(sink.unread, 0), sink.now_ns);
    }

    void read_setup_answer(ConnectionId cid, ClientState& client, ByteView payload, TimeNs now_ns) {
        if (parts_.answers.answers_setup(payload)) {
            parts_.shard.counters.setup_answered.add();
            users_.goes_on_with(cid, now_ns);
        } else if (parts_.answers.refuses_setup(payload)) {
            parts_.ledger.lost(client, stats::ErrorKind::setup_refused, now_ns);
            parts_.closing.begin(cid, client, proto::close_code::kNormal, now_ns);
        } else {
            parts_.shard.counters.unexpected.add();
        }
    }

    ClientParts<Transport>& parts_;
    Users<Transport>& users_;
    Listening* listening_;
};

}  // namespace wsblast::session
