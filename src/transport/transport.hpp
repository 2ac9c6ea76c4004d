// The seam above: a Transport moves bytes for dense connection ids. Protocol, session and statistics know
// no descriptor, no ring and no socket; they are templates over a type that satisfies `Transport`.
//
// Threads: a transport belongs to one worker thread; only what says so may be called from another.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include "base/units.hpp"
#include "ring/tcp_info.hpp"

namespace wsblast::transport {

// Dense: 0 .. capacity() - 1. It comes back only after its on_close.
using ConnectionId = std::uint32_t;
inline constexpr ConnectionId kNoConnection = ~ConnectionId{0};

// Which of the configured destinations a connection goes to: an index.
using TargetId = std::uint32_t;

enum class CloseMode : std::uint8_t {
    graceful,  // what was committed is sent, then FIN, then the connection is gone
    half,      // what was committed is sent, then FIN; receiving goes on until the peer closes
    abort,     // gone at once; what was not sent is dropped
    reset,     // the same, and the peer is told by a reset (RFC 9293 3.10.5): no TIME_WAIT is left behind
};

// Why a connection ended, as the transport saw it.
enum class CloseCause : std::uint8_t {
    local,           // close() was called, and nothing else happened before
    peer_closed,     // FIN
    reset,           // RST, or a write to a connection that the peer had closed
    refused,         // before on_open: ECONNREFUSED
    no_such_socket,  // before on_open: ENOENT, of a Unix socket
    not_permitted,   // before on_open: EACCES or EPERM, of a Unix socket or of a firewall here
    unreachable,     // before on_open: no route, network down
    timed_out,       // the kernel gave up (ETIMEDOUT)
    no_source_port,  // before on_open: every (address, port) pair that was tried is taken
    no_memory,       // the kernel or the spill pool has none left
    socket_error,    // anything else: see `error`
    // Between TCP and the protocol: see transport/tunnel.hpp.
    proxy_refused,   // the proxy does not lead on: `error` is its HTTP status or SOCKS5 reply
    proxy_login,     // it wants another user or password, or a way to log in that we do not know
    proxy_broken,    // what it says is neither HTTP nor SOCKS5
    tls_untrusted,   // the certificate's chain: `error` is OpenSSL's X509_V_ERR_*
    tls_expired,     // the certificate's time
    tls_wrong_name,  // the certificate is of another host
    tls_alert,       // the peer gave up: `error` is its alert (RFC 8446 6)
    tls_missing,     // the peer does not speak TLS
    tls_broken,      // nothing in common, or a record that is none
};
[[nodiscard]] std::string_view to_text(CloseCause cause);

// `error` of a peer_closed whose TLS was not ended before (RFC 8446 6.1).
inline constexpr int kNoCloseNotify = 1;

struct CloseEvent {
    CloseCause cause = CloseCause::local;
    int error = 0;  // errno, or what the cause says
};

using ring::TcpInfo;

// When bytes came.
struct Arrival {
    TimeNs now_ns = 0;    // the clock, read once a burst
    TimeNs stamp_ns = 0;  // when the kernel received the last of them, on the same clock; 0: not known
};

// How long poll() may block, and what it knows about the load.
struct PollWait {
    TimeNs now_ns = 0;                   // the clock, read for this tick
    TimeNs until_ns = 0;                 // absolute; a time that has passed: do not block; kNever: for ever
    std::uint32_t awaiting_answers = 0;  // connections with something to come: allows waiting for a batch
};

// What a transport counts about itself. Written by its own thread, read after it has ended or roughly.
struct TransportCounters {
    TimeNs waited_ns = 0;          // inside calls that were allowed to block
    TimeNs batch_wait_ns_max = 0;  // the longest that a batch was waited for after its first completion
    std::uint64_t cq_overflows = 0;
    std::uint64_t buffers_exhausted = 0;  // ENOBUFS completions
    std::uint64_t short_sends = 0;
    std::uint64_t source_retries = 0;
    std::uint64_t enters = 0;
};

// What poll() calls, in bursts: events in the order they happened, then on_burst_end. `now_ns` is read once
// a burst. From within, the handler may call every function of the transport but poll(); none of them calls
// back. The span of on_bytes dies on return. A handler that calls inspect() has also
// on_inspected(cid, const TcpInfo&).
template <class H>
concept TransportHandler = requires(H handler, ConnectionId cid, ByteView bytes, TimeNs now_ns,
                                    CloseEvent event, Arrival at) {
    {handler.on_open(cid, now_ns)};
    {handler.on_bytes(cid, bytes, at)};
    {handler.on_room(cid)};
    {handler.on_close(cid, event, now_ns)};
    {handler.on_burst_end(now_ns)};
};

// open      begins a connection; kNoConnection when every id is in use. Ends in on_open or on_close.
// reserve   room for exactly `size` bytes (<= limits::kSendBytesMax) to be written and committed before the
//           next call of reserve or poll; empty when there is none now: on_room(cid) follows when there is.
// commit    hands over the first `size` of the reserved bytes. Pieces leave in the order of their commits.
// commit_ref  the same for bytes that never change and live as long as the transport; false: as reserve.
// close     see CloseMode. After all but half no on_bytes follows; exactly one on_close does.
// pause     nothing more is read of an open connection, so that its peer finds no room; what was read
// already
//           may still come. An end is noticed after resume only. Not there in every transport.
// resume    reading goes on.
// inspect   on_inspected(cid, info) follows in one of the next ticks. Not where the connection is not open
// or
//           is closed meanwhile, nor where the transport has nothing to say: it is for samples.
// wake      from any thread: poll() returns soon.
template <class T>
concept Transport = requires(T transport, const T constant, ConnectionId cid, TargetId target,
                             ByteView bytes) {
    { transport.open(target) } -> std::same_as<ConnectionId>;
    { transport.reserve(cid, std::size_t{}) } -> std::same_as<ByteSpan>;
    {transport.commit(cid, std::size_t{})};
    { transport.commit_ref(cid, bytes) } -> std::same_as<bool>;
    {transport.close(cid, CloseMode::graceful)};
    {transport.inspect(cid)};
    {transport.wake()};
    { constant.capacity() } -> std::same_as<std::uint32_t>;
    { constant.counters() } -> std::same_as<const TransportCounters&>;
};

}  // namespace wsblast::transport
