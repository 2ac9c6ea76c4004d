// A handler that writes down what a transport calls, for the tests of transports over memory.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "transport/memory_transport.hpp"

namespace wsblast::transport {

// Events as "open 0", "bytes 0 abc", "room 0", "close 0 local" in their order.
class Recorder {
  public:
    void on_open(ConnectionId cid, TimeNs now_ns) {
        received_[cid].clear();
        note("open", cid, now_ns);
    }
    void on_bytes(ConnectionId cid, ByteView bytes, transport::Arrival at) {
        const TimeNs now_ns = at.now_ns;
        received_[cid].append(as_text(bytes));
        note("bytes", cid, now_ns, as_text(bytes));
    }
    void on_room(ConnectionId cid) { note("room", cid, last_ns_); }
    void on_close(ConnectionId cid, CloseEvent event, TimeNs now_ns) {
        note("close", cid, now_ns, cause_name(event.cause));
    }
    void on_burst_end(TimeNs now_ns) {
        last_ns_ = now_ns;
        ++bursts_;
    }

    // The events since the last call.
    std::vector<std::string> take() { return std::exchange(events_, {}); }
    // All bytes that an id's last connection has received.
    [[nodiscard]] const std::string& received(ConnectionId cid) { return received_[cid]; }
    [[nodiscard]] int bursts() const { return bursts_; }
    [[nodiscard]] TimeNs last_ns() const { return last_ns_; }

  private:
    static std::string_view cause_name(CloseCause cause) {
        switch (cause) {
            case CloseCause::local: return "local";
            case CloseCause::peer_closed: return "peer_closed";
            case CloseCause::reset: return "reset";
            case CloseCause::refused: return "refused";
            case CloseCause::no_such_socket: return "no_such_socket";
            case CloseCause::not_permitted: return "not_permitted";
            case CloseCause::unreachable:
            case CloseCause::timed_out:
            case CloseCause::no_source_port:
            case CloseCause::no_memory:
            case CloseCause::socket_error: return "unexpected";
            case CloseCause::proxy_refused:
            case CloseCause::proxy_login:
            case CloseCause::proxy_broken:
            case CloseCause::tls_untrusted:
            case CloseCause::tls_expired:
            case CloseCause::tls_wrong_name:
            case CloseCause::tls_alert:
            case CloseCause::tls_missing:
            case CloseCause::tls_broken: return to_text(cause);
        }
        return "unknown";
    }

    void note(std::string_view what, ConnectionId cid, TimeNs now_ns, std::string_view more = {}) {
        std::string event = std::string(what) + ' ' + std::to_string(cid);
        if (!more.empty()) event += ' ' + std::string(more);
        events_.push_back(std::move(event));
        last_ns_ = now_ns;
    }

    std::vector<std::string> events_;
    std::map<ConnectionId, std::string> received_;
    TimeNs last_ns_ = 0;
    int bursts_ = 0;
};

// Sends a text in one piece; false when there is no room.
template <class Transport>
bool send(Transport& transport, ConnectionId cid, std::string_view text) {
    const ByteSpan room = transport.reserve(cid, text.size());
    if (room.empty()) return false;
    std::copy(text.begin(), text.end(), room.begin());
    transport.commit(cid, text.size());
    return true;
}

// The bytes [begin, end) of a connection's own endless text, whose first letter names the connection.
inline std::string text_of(ConnectionId cid, std::size_t begin, std::size_t end) {
    std::string text;
    for (std::size_t i = begin; i < end; ++i) {
        const std::uint64_t random = mix(std::uint64_t{cid} << 32 | i);
        text += static_cast<char>(i == 0 ? 'A' + cid : 'a' + below(random, 26));
    }
    return text;
}

// A client and a server on one network, each with a recorder.
struct MemoryPair {
    explicit MemoryPair(const MemoryNetworkOptions& options = {}, std::uint32_t connections_max = 16)
        : network(options),
          client(network, Side::client, connections_max),
          server(network, Side::server, connections_max) {}

    void poll_client() { client.poll(client_events, {}); }
    void poll_server() { server.poll(server_events, {}); }
    void poll_both() {
        poll_server();
        poll_client();
    }
    // An open connection; both ends have been told, and what they were told is forgotten.
    ConnectionId connect() {
        const ConnectionId cid = client.open(0);
        poll_both();
        client_events.take();
        server_events.take();
        return cid;
    }

    MemoryNetwork network;
    MemoryTransport client;
    MemoryTransport server;
    Recorder client_events;
    Recorder server_events;
};

}  // namespace wsblast::transport
