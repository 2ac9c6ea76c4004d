// One io_uring: its queues, its table of direct descriptors and its provided receive buffers.
//
// The only folder that knows liburing. Functions that queue a request take a slot of the table and the
// UserData that its completion will carry; they submit what is queued first when there is no room. One
// thread.
//
// This is the seam below the transport, which takes the ring as a type parameter (tests play a scripted
// one).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <liburing.h>

#include "base/endpoint.hpp"
#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "ring/features.hpp"
#include "ring/stamps.hpp"
#include "ring/tcp_info.hpp"
#include "ring/user_data.hpp"

namespace wsblast::ring {

struct RingOptions {
    Features features;
    std::uint32_t table_size = 0;  // slots: connections that it can hold
    std::uint32_t receive_buffers = limits::kReceiveBuffers;
    std::uint32_t receive_buffer_bytes = limits::kReceiveBufferBytes;  // their headers included
    Stamps stamps = Stamps::none;
};

class Ring {
  public:
    // Sets up the ring, its table and its buffers. Errors as probe_features().
    [[nodiscard]] static Result<std::unique_ptr<Ring>> open(const RingOptions& options);
    ~Ring();
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    // --- requests --------------------------------------------------------------------------------

    // socket -> SO_REUSEADDR -> TCP_NODELAY (-> SO_TIMESTAMPING) -> bind(source) -> connect(destination),
    // linked: the first failure is the only completion of the attempt. A Unix socket takes neither the
    // options nor the bind. Returns 0, or -errno when it failed
    // at once (nothing is queued).
    [[nodiscard]] int connect(std::uint32_t slot, const Endpoint& source, const Endpoint& destination,
                              UserData data);
    // accept(2) of one connection into `slot`, which must be empty.
    void accept(int listen_descriptor, std::uint32_t slot, UserData data);
    // Multishot receive into provided buffers.
    void receive(std::uint32_t slot, UserData data);
    // Done when it has been submitted (its bytes are free again) unless a completion says otherwise.
    void send(std::uint32_t slot, ByteView bytes, UserData data);
    // Waits for room; its completion always comes, and the bytes must live until then.
    void send_rest(std::uint32_t slot, ByteView bytes, UserData data);
    // shutdown(2) for writing.
    void shutdown(std::uint32_t slot, UserData data);
    // Has TCP send RST; what is in flight on the slot ends, and a close is to follow.
    void reset(std::uint32_t slot);
    // Cancels the requests that are in flight on the slot, by their own data, then closes it. A cancelled
    // request still completes (-ECANCELED).
    void close(std::uint32_t slot, std::span<const UserData> in_flight, UserData data);
    // Asks for the slot's TcpInfo: see inspected(). False, and nothing is queued, where the kernel has no
    // such request.
    [[nodiscard]] bool inspect(std::uint32_t slot, UserData data);
    // Cancels one more, on a slot that is being closed.
    void cancel(UserData request);
    // Readability of an ordinary descriptor, once.
    void poll(int descriptor, UserData data);

    // --- entering the kernel ---------------------------------------------------------------------

    // Submits and takes what is ready, without waiting.
    void enter();
    // Submits and waits for `count` completions (>= 1), at most `timeout_ns` (kNever: as long as it takes).
    void enter_and_wait(std::uint32_t count, TimeNs timeout_ns);
    // Something is queued, or the kernel has work that only an enter() lets it do.
    [[nodiscard]] bool wants_enter() const;
    // Completions that did not fit into the queue; the next enter() brings them.
    [[nodiscard]] bool overflowed() const { return io_uring_cq_has_overflow(&ring_); }
    [[nodiscard]] bool has_completions() const { return io_uring_cq_ready(&ring_) > 0; }
    // Signals `eventfd_descriptor()` when completions come: only while waiting elsewhere.
    void signal_eventfd(Armed armed);
    [[nodiscard]] int eventfd_descriptor() const { return eventfd_; }

    // --- completions -----------------------------------------------------------------------------

    // The next completions, oldest first, taken off the queue; empty when there are none. Valid until the
    // next call.
    [[nodiscard]] std::span<const Completion> take_completions();
    // What a receive completion of a result above 0 brought: valid until the buffer is given back.
    [[nodiscard]] Received received(const Completion& completion) const;
    void give_back_buffer(std::int32_t buffer);
    // Shows the kernel all buffers that were given back.
    void publish_buffers();
    // What an inspect completion brought. To be called once for each: while its descriptor is open, the
    // connection is not closed, whatever else was done to it.
    [[nodiscard]] std::optional<TcpInfo> inspected(const Completion& completion) const;

    [[nodiscard]] std::uint64_t enters() const { return enters_; }

  private:
    explicit Ring(const RingOptions& options);
    [[nodiscard]] Result<void> set_up();
    [[nodiscard]] Result<void> set_up_buffers();
    [[nodiscard]] io_uring_sqe* next_request();
    void reserve_requests(std::uint32_t count);
    void close_installed();
    void prepare_socket(std::uint32_t slot, const Endpoint& source, UserData data);
    [[nodiscard]] int connect_by_descriptor(std::uint32_t slot, const Endpoint& source, int family);

    static constexpr std::size_t kBatch = 256;  // completions that are copied at a time

    // Constant after set_up().
    RingOptions options_;
    io_uring ring_{};
    bool open_ = false;
    int eventfd_ = -1;
    io_uring_buf_ring* buffer_ring_ = nullptr;
    msghdr stamped_message_{};  // what a receive with stamps looks like: room for one control message
    MappedArray<std::uint8_t> buffer_ring_memory_;
    MappedArray<std::uint8_t> buffers_;
    // Per tick.
    std::vector<Endpoint> sources_;  // of connects that are not submitted yet
    std::vector<Endpoint> destinations_;
    std::uint32_t buffers_given_ = 0;
    std::array<Completion, kBatch> batch_{};
    std::uint64_t enters_ = 0;
};

}  // namespace wsblast::ring
