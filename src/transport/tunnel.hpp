// A transport through another one: what is between TCP and the protocol. A client's connection passes its
// proxy and shakes hands over TLS, as its route says, before it is open; from then on what is sent is
// encrypted and what comes is decrypted. A server's connection is open at once and shakes hands as bytes
// come.
//
// Besides the calls of transport.hpp a handler may have, before on_open:
//
//     on_connected(cid, now_ns)           TCP is established
//     on_proxied(cid, now_ns)             the proxy leads to the server
//     on_secured(cid, TlsFacts, now_ns)   the TLS handshake is done
//
// close_notify (RFC 8446 6.1) is sent before each FIN of ours, and answered. An idle connection keeps what
// its TlsSession does, and one row of a table; bytes that found no room live in a pool. One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "crypto/tls_context.hpp"
#include "crypto/tls_session.hpp"
#include "proto/proxy.hpp"
#include "transport/passage.hpp"
#include "transport/route.hpp"
#include "transport/sealed_sends.hpp"
#include "transport/transport.hpp"

namespace wsblast::transport {

// Satisfies Transport over `Inner`, which satisfies it as well. Both, and what they have in common, live as
// long as the tunnel.
template <class Inner>
class Tunnel {
  public:
    // There may be calls of the handler before on_open.
    static constexpr bool kHasStages = true;

    // `routes`: by TargetId; none for a server. `context`: null where no route has TLS.
    Tunnel(std::unique_ptr<Inner> inner, std::unique_ptr<crypto::TlsContext> context,
           std::span<const Route> routes)
        : inner_(std::move(inner)),
          context_(std::move(context)),
          routes_(routes),
          passages_(inner_->capacity()),
          plain_in_(limits::kTlsRecordBytes),
          plain_out_(limits::kSendBytesMax) {}

    ~Tunnel() {
        for (ConnectionId cid = 0; cid < cid_end_; ++cid) passages_[cid].session.end();
    }
    Tunnel(const Tunnel&) = delete;
    Tunnel& operator=(const Tunnel&) = delete;

    [[nodiscard]] bool ok() const { return passages_.ok() && plain_in_.ok() && plain_out_.ok(); }
    [[nodiscard]] std::uint32_t capacity() const { return inner_->capacity(); }
    [[nodiscard]] const TransportCounters& counters() const { return inner_->counters(); }
    [[nodiscard]] Inner& inner() { return *inner_; }

    [[nodiscard]] ConnectionId open(TargetId target) {
        const ConnectionId cid = inner_->open(target);
        if (cid != kNoConnection) begin(cid, State::connecting).target = target;
        return cid;
    }

    [[nodiscard]] ByteSpan reserve(ConnectionId cid, std::size_t size) {
        Passage& passage = passages_[cid];
        if (passage.passes_through()) return inner_->reserve(cid, size);
        if (!passage.ask_for_room()) return {};
        return plain_out_.span().first(size);
    }

    void commit(ConnectionId cid, std::size_t size) {
        if (size == 0) return;
        if (passages_[cid].passes_through()) return inner_->commit(cid, size);
        encrypt(cid, plain_out_.span().first(size));
    }

    [[nodiscard]] bool commit_ref(ConnectionId cid, ByteView bytes) {
        Passage& passage = passages_[cid];
        if (passage.passes_through()) return inner_->commit_ref(cid, bytes);
        if (!passage.ask_for_room()) return false;
        if (!bytes.empty()) encrypt(cid, bytes);
        return true;
    }

    void close(ConnectionId cid, CloseMode mode) {
        Passage& passage = passages_[cid];
        const bool at_once = mode == CloseMode::abort || mode == CloseMode::reset;
        if (passage.state == State::idle) return;
        if (passage.state == State::closing && !at_once) return;  // something may be unsent still
        if (at_once || !passage.session.valid() || !passage.is_open()) return close_inner(cid, mode);
        say_goodbye(cid);
        if (mode == CloseMode::graceful) {
            leave(cid, CloseEvent{});
        } else if (passage.state == State::open) {
            passage.state = State::half_closed;
            passage.after_sends = AfterSends::shutdown;
            close_when_sent(cid);
        }
    }

    void inspect(ConnectionId cid) { inner_->inspect(cid); }
    void pause(ConnectionId cid) {
        if constexpr (requires { inner_->pause(cid); }) inner_->pause(cid);
    }
    void resume(ConnectionId cid) {
        if constexpr (requires { inner_->resume(cid); }) inner_->resume(cid);
    }
    void stop_listening() { inner_->stop_listening(); }
    void wake() const { inner_->wake(); }
    [[nodiscard]] bool has_deferred_work() const { return inner_->has_deferred_work(); }

    template <class Handler>
    void poll(Handler& handler, const PollWait& wait) {
        Relay<Handler> relay{*this, handler};
        inner_->poll(relay, wait);
    }

  private:
    using State = PassageState;

    // The inner transport's handler.
    template <class Handler>
    struct Relay {
        Tunnel& tunnel;
        Handler& handler;

        void prefetch(ConnectionId cid) {
            __builtin_prefetch(&tunnel.passages_[cid]);
            if constexpr (requires { handler.prefetch(cid); }) handler.prefetch(cid);
        }
        void on_open(ConnectionId cid, TimeNs now_ns) { tunnel.on_open(cid, handler, now_ns); }
        void on_bytes(ConnectionId cid, ByteView bytes, const Arrival& at) {
            tunnel.on_bytes(cid, bytes, handler, at);
        }
        void on_room(ConnectionId cid) { tunnel.on_room(cid, handler); }
        void on_close(ConnectionId cid, CloseEvent event, TimeNs now_ns) {
            handler.on_close(cid, tunnel.finish(cid, event), now_ns);
        }
        void on_inspected(ConnectionId cid, const TcpInfo& info) {
            if constexpr (requires { handler.on_inspected(cid, info); }) handler.on_inspected(cid, info);
        }
        void on_burst_end(TimeNs now_ns) { handler.on_burst_end(now_ns); }
    };

    Passage& begin(ConnectionId cid, State state) {
        cid_end_ = std::max(cid_end_, cid + 1);
        Passage& passage = passages_[cid];
        passage = {};
        passage.state = state;
        return passage;
    }

    // --- towards open ----------------------------------------------------------------------------

    template <class Handler>
    void on_open(ConnectionId cid, Handler& handler, TimeNs now_ns) {
        Passage& passage = passages_[cid];
        if (passage.state == State::closing) return;
        if (passage.state == State::idle) {
            begin(cid, State::securing).session = crypto::TlsSession::accept(*context_);
            handler.on_open(cid, now_ns);
            if (!passage.session.valid()) leave(cid, {CloseCause::no_memory, 0});
            return;
        }
        if constexpr (requires { handler.on_connected(cid, now_ns); }) handler.on_connected(cid, now_ns);
        if (!routes_[passage.target].proxy) return secure(cid, handler, now_ns);
        passage.state = State::proxying;
        write_to_proxy(cid);
    }

    void write_to_proxy(ConnectionId cid) {
        Passage& passage = passages_[cid];
        const ByteSpan room = inner_->reserve(cid, proto::kProxyWriteMax);
        passage.words = room.empty() ? ProxyWords::due : ProxyWords::none;
        if (!room.empty()) inner_->commit(cid, passage.proxy.write(*routes_[passage.target].proxy, room));
    }

    template <class Handler>
    void read_from_proxy(ConnectionId cid, ByteView bytes, Handler& handler, const Arrival& at) {
        Passage& passage = passages_[cid];
        while (passage.state == State::proxying && !bytes.empty()) {
            const proto::ProxyStep step = passage.proxy.read(*routes_[passage.target].proxy, bytes);
            bytes = bytes.subspan(step.consumed);
            switch (step.status) {
                case proto::ProxyStatus::need_more: return;
                case proto::ProxyStatus::send: write_to_proxy(cid); break;
                case proto::ProxyStatus::failed: return leave(cid, end_of(step));
                case proto::ProxyStatus::done:
                    if constexpr (requires { handler.on_proxied(cid, at.now_ns); })
                        handler.on_proxied(cid, at.now_ns);
                    secure(cid, handler, at.now_ns);
                    break;
            }
        }
        if (!bytes.empty()) on_bytes(cid, bytes, handler, at);
    }

    // Nothing but TLS is between us and the server, if anything is.
    template <class Handler>
    void secure(ConnectionId cid, Handler& handler, TimeNs now_ns) {
        Passage& passage = passages_[cid];
        const Route& route = routes_[passage.target];
        if (!route.tls_name) {
            passage.state = State::open;
            return handler.on_open(cid, now_ns);
        }
        passage.state = State::securing;
        context_->feed({});
        passage.session = crypto::TlsSession::connect(*context_, passage.target, *route.tls_name);
        if (!passage.session.valid()) return leave(cid, {CloseCause::no_memory, 0});
        shake_hands(cid, handler, now_ns);
    }

    // True when the handshake is done, and the connection is open still.
    template <class Handler>
    bool shake_hands(ConnectionId cid, Handler& handler, TimeNs now_ns) {
        Passage& passage = passages_[cid];
        const crypto::TlsStatus status = passage.session.shake_hands();
        send_output(cid);
        if (passage.state != State::securing) return false;
        if (status == crypto::TlsStatus::failed) give_up(cid, end_of(passage.session.fault()));
        if (status != crypto::TlsStatus::done) return false;
        passage.state = State::open;
        if constexpr (requires { handler.on_secured(cid, crypto::TlsFacts{}, now_ns); })
            handler.on_secured(cid, passage.session.facts(), now_ns);
        if (context_->role() == crypto::TlsRole::client) {
            handler.on_open(cid, now_ns);
        } else {
            offer_room(cid, handler);
        }
        return passage.is_open();
    }

    // --- receiving -------------------------------------------------------------------------------

    template <class Handler>
    void on_bytes(ConnectionId cid, ByteView bytes, Handler& handler, const Arrival& at) {
        Passage& passage = passages_[cid];
        switch (passage.state) {
            case State::idle:
            case State::connecting:
            case State::closing: return;
            case State::proxying: return read_from_proxy(cid, bytes, handler, at);
            case State::securing:
                context_->feed(bytes);
                if (shake_hands(cid, handler, at.now_ns)) decrypt(cid, handler, at);
                return context_->feed({});
            case State::open:
            case State::half_closed:
                if (!passage.session.valid()) return handler.on_bytes(cid, bytes, at);
                context_->feed(bytes);
                decrypt(cid, handler, at);
                return context_->feed({});
        }
    }

    // Reads all records that are there. The handler may close the connection meanwhile.
    template <class Handler>
    void decrypt(ConnectionId cid, Handler& handler, const Arrival& at) {
        Passage& passage = passages_[cid];
        while (passage.is_open() && (!context_->all_read() || passage.session.has_more())) {
            const crypto::TlsRead read = passage.session.read(plain_in_.span());
            if (!context_->output().empty()) send_output(cid);
            if (!passage.is_open()) return;  // the answers to what it read found no room at all
            switch (read.status) {
                case crypto::TlsStatus::done:
                    handler.on_bytes(cid, plain_in_.span().first(read.size), at);
                    break;
                case crypto::TlsStatus::need_more: return;
                case crypto::TlsStatus::closed:
                    say_goodbye(cid);
                    return give_up(cid, {CloseCause::peer_closed, 0});
                case crypto::TlsStatus::failed: return give_up(cid, end_of(passage.session.fault()));
            }
        }
    }

    // --- sending ---------------------------------------------------------------------------------

    void encrypt(ConnectionId cid, ByteView bytes) {
        Passage& passage = passages_[cid];
        const crypto::TlsStatus status = passage.session.write(bytes);
        send_output(cid);
        if (status == crypto::TlsStatus::failed && passage.is_open())
            give_up(cid, end_of(passage.session.fault()));
    }

    // Sends what the session has written. Where there is no memory left, the connection and its session
    // end.
    void send_output(ConnectionId cid) {
        if (sends_.send(cid, passages_[cid].unsent, context_->output()) == SealedSends<Inner>::Kept::no) {
            passages_[cid].end = {CloseCause::no_memory, 0};
            close_inner(cid, CloseMode::abort);
        }
        context_->clear_output();
    }

    template <class Handler>
    void on_room(ConnectionId cid, Handler& handler) {
        Passage& passage = passages_[cid];
        if (passage.passes_through()) return handler.on_room(cid);
        if (passage.words == ProxyWords::due && passage.state == State::proxying)
            return write_to_proxy(cid);
        if (!sends_.pump(cid, passage.unsent)) return;
        close_when_sent(cid);
        offer_room(cid, handler);
    }

    template <class Handler>
    void offer_room(ConnectionId cid, Handler& handler) {
        Passage& passage = passages_[cid];
        if (passage.room_wanted == RoomWanted::no || !passage.ask_for_room()) return;
        passage.room_wanted = RoomWanted::no;
        handler.on_room(cid);
    }

    // --- ending ----------------------------------------------------------------------------------

    void say_goodbye(ConnectionId cid) {
        passages_[cid].session.close_notify();
        send_output(cid);
    }

    // The connection is over, whatever its owner had still to say: who does not even take our last word is
    // not waited for.
    void give_up(ConnectionId cid, CloseEvent why) {
        Passage& passage = passages_[cid];
        if (!passage.unsent.active() || passage.state == State::closing) return leave(cid, why);
        passage.end = why;
        close_inner(cid, CloseMode::abort);
    }

    // All is said: once it is sent, TCP is closed.
    void leave(ConnectionId cid, CloseEvent why) {
        Passage& passage = passages_[cid];
        if (passage.state == State::closing) return;
        passage.end = why;
        passage.state = State::closing;
        passage.after_sends = AfterSends::close;
        passage.session.end();
        close_when_sent(cid);
    }

    void close_when_sent(ConnectionId cid) {
        Passage& passage = passages_[cid];
        if (passage.unsent.active()) return;
        switch (std::exchange(passage.after_sends, AfterSends::nothing)) {
            case AfterSends::nothing: return;
            case AfterSends::shutdown: return inner_->close(cid, CloseMode::half);
            case AfterSends::close: return inner_->close(cid, CloseMode::graceful);
        }
    }

    // Without another word of TLS.
    void close_inner(ConnectionId cid, CloseMode mode) {
        Passage& passage = passages_[cid];
        if (mode == CloseMode::half && passage.passes_through()) {
            passage.state = State::half_closed;
        } else if (mode != CloseMode::half) {
            passage.state = State::closing;
            passage.after_sends = AfterSends::nothing;
            passage.session.end();
            sends_.drop(passage.unsent);
        }
        inner_->close(cid, mode);
    }

    // The inner connection is gone, and why. Returns why this one is.
    [[nodiscard]] CloseEvent finish(ConnectionId cid, const CloseEvent& inner) {
        Passage& passage = passages_[cid];
        CloseEvent end = passage.end.cause == CloseCause::local ? inner : passage.end;
        if (end.cause == CloseCause::peer_closed && passage.is_open() && passage.session.valid())
            end.error = kNoCloseNotify;
        passage.session.end();
        sends_.drop(passage.unsent);
        passage = {};
        return end;
    }

    // Constant after construction.
    std::unique_ptr<Inner> inner_;
    std::unique_ptr<crypto::TlsContext> context_;
    std::span<const Route> routes_;
    // Per connection.
    MappedArray<Passage> passages_;
    ConnectionId cid_end_ = 0;  // no id from here on was ever in use
    SealedSends<Inner> sends_{*inner_};
    // One record that was read, and one send that is being written.
    MappedArray<std::uint8_t> plain_in_;
    MappedArray<std::uint8_t> plain_out_;
};

}  // namespace wsblast::transport
