#include "ring/ring.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>

#include <linux/tcp.h>  // as in tcp_info.cpp: the C library has its own of the same names
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ring/abi.hpp"

namespace wsblast::ring {

namespace {

constexpr int kEnabled = 1;
constexpr abi::SocketOption kReuseAddress{SOL_SOCKET, SO_REUSEADDR};
constexpr abi::SocketOption kNoDelay{IPPROTO_TCP, TCP_NODELAY};
constexpr abi::SocketOption kStamping{SOL_SOCKET, SO_TIMESTAMPING};
constexpr std::uint16_t kBufferGroup = 0;
constexpr std::uint32_t kChainLength = 6;
constexpr std::uint8_t kLinkQuietly = IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;

__kernel_timespec to_timespec(TimeNs time_ns) {
    return {static_cast<std::int64_t>(time_ns / kSecond), static_cast<std::int64_t>(time_ns % kSecond)};
}

// A member of a chain; see abi::prepare_set_option.
void prepare_linked_option(io_uring_sqe* sqe, std::uint32_t slot, abi::SocketOption option,
                           const int* value) {
    abi::prepare_set_option(sqe, slot, option, value);
    sqe->flags |= kLinkQuietly | IOSQE_FIXED_FILE;
}

int set_option(int descriptor, abi::SocketOption option, const int& value) {
    return setsockopt(descriptor, option.level, option.name, &value, sizeof value);
}

// A receive with stamps counts its header as well: what is left is as without, 0 at the end of the stream.
void leave_headers_out(std::span<Completion> batch) {
    for (Completion& completion : batch) {
        if (completion.user_data.op == Op::receive && completion.result >= 0)
            completion.result -= static_cast<std::int32_t>(kStampHeaderBytes);
    }
}

// Completes only when it finds nothing (-ENOENT), and nobody waits for that.
void prepare_cancel(io_uring_sqe* sqe, UserData request) {
    io_uring_prep_cancel64(sqe, request.pack(), 0);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
    sqe->user_data = UserData{}.pack();
}

}  // namespace

Ring::Ring(const RingOptions& options) : options_(options) {
    sources_.reserve(limits::kSqEntries);
    destinations_.reserve(limits::kSqEntries);
    stamped_message_.msg_controllen = kStampControlBytes;
}

Ring::~Ring() {
    if (open_) {
        close_installed();
        io_uring_queue_exit(&ring_);
    }
    if (eventfd_ >= 0) ::close(eventfd_);
}

Result<std::unique_ptr<Ring>> Ring::open(const RingOptions& options) {
    std::unique_ptr<Ring> ring(new Ring(options));
    if (const auto done = ring->set_up(); !done) return done.error();
    if (const auto done = ring->set_up_buffers(); !done) return done.error();
    return ring;
}

Result<void> Ring::set_up() {
    io_uring_params params{};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG |
                   IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE;
    params.cq_entries = limits::kCqEntries;
    if (const int error = io_uring_queue_init_params(limits::kSqEntries, &ring_, &params); error < 0) {
        return explain_setup_failure(-error);
    }
    open_ = true;
    // A thread has 16 places for that (IO_RINGFD_REG_MAX): its further rings are entered by descriptor,
    // which costs a look-up more.
    const int registered = io_uring_register_ring_fd(&ring_);
    if (registered < 0 && registered != -EBUSY) return explain_setup_failure(-registered);
    if (const int error = io_uring_register_files_sparse(&ring_, options_.table_size); error < 0) {
        return explain_setup_failure(-error);
    }
    eventfd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (eventfd_ < 0) return explain_setup_failure(errno);
    if (const int error = io_uring_register_eventfd(&ring_, eventfd_); error < 0) {
        return explain_setup_failure(-error);
    }
    signal_eventfd(Armed::no);
    return {};
}

Result<void> Ring::set_up_buffers() {
    const std::uint32_t count = options_.receive_buffers;
    buffer_ring_memory_ = MappedArray<std::uint8_t>(count * sizeof(io_uring_buf));
    buffers_ = MappedArray<std::uint8_t>(std::size_t{count} * options_.receive_buffer_bytes);
    if (!buffer_ring_memory_.ok() || !buffers_.ok()) return explain_setup_failure(ENOMEM);
    buffer_ring_ = reinterpret_cast<io_uring_buf_ring*>(buffer_ring_memory_.data());
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uint64_t>(buffer_ring_);
    registration.ring_entries = count;
    registration.bgid = kBufferGroup;
    if (const int error = io_uring_register_buf_ring(&ring_, &registration, 0); error < 0) {
        return explain_setup_failure(-error);
    }
    io_uring_buf_ring_init(buffer_ring_);
    for (std::uint32_t buffer = 0; buffer < count; ++buffer)
        give_back_buffer(static_cast<std::int32_t>(buffer));
    publish_buffers();
    return {};
}

io_uring_sqe* Ring::next_request() {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    while (sqe == nullptr) {
        enter();
        sqe = io_uring_get_sqe(&ring_);
    }
    return sqe;
}

// A chain must not be cut in two by a full queue.
void Ring::reserve_requests(std::uint32_t count) {
    while (io_uring_sq_space_left(&ring_) < count) enter();
}

int Ring::connect(std::uint32_t slot, const Endpoint& source, const Endpoint& destination, UserData data) {
    reserve_requests(kChainLength);
    if (options_.features.connect_path == ConnectPath::descriptor) {
        if (const int error = connect_by_descriptor(slot, source, destination.family()); error < 0)
            return error;
    }
    // The addresses are read when the requests are submitted: until then they live here. There are never
    // more than requests, so they do not move.
    const Endpoint& to = destinations_.emplace_back(destination);
    if (options_.features.connect_path == ConnectPath::chain) {
        io_uring_sqe* sqe = next_request();
        io_uring_prep_socket_direct(sqe, to.family(), SOCK_STREAM, 0, slot, 0);
        sqe->flags |= kLinkQuietly;
        sqe->user_data = data.pack();
        if (!to.is_unix()) prepare_socket(slot, source, data);
    }
    io_uring_sqe* sqe = next_request();
    io_uring_prep_connect(sqe, static_cast<int>(slot), to.address(), to.length);
    sqe->flags |= IOSQE_FIXED_FILE;
    sqe->user_data = data.pack();
    return 0;
}

// The part of the chain that only TCP has.
void Ring::prepare_socket(std::uint32_t slot, const Endpoint& source, UserData data) {
    const Endpoint& from = sources_.emplace_back(source);
    const auto set = [&](abi::SocketOption option, const int* value) {
        io_uring_sqe* sqe = next_request();
        prepare_linked_option(sqe, slot, option, value);
        sqe->user_data = data.pack();
    };
    set(kReuseAddress, &kEnabled);
    set(kNoDelay, &kEnabled);
    if (options_.stamps == Stamps::kernel) set(kStamping, &kStampFlags);
    io_uring_sqe* sqe = next_request();
    abi::prepare_bind(sqe, slot, from.address(), from.length);
    sqe->flags |= kLinkQuietly | IOSQE_FIXED_FILE;
    sqe->user_data = data.pack();
}

int Ring::connect_by_descriptor(std::uint32_t slot, const Endpoint& source, int family) {
    const int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int error = 0;
    const bool stamps = options_.stamps == Stamps::kernel;
    if (family == AF_UNIX) {
        // neither options nor a bind
    } else if (set_option(descriptor, kReuseAddress, kEnabled) < 0 ||
               set_option(descriptor, kNoDelay, kEnabled) < 0 ||
               (stamps && set_option(descriptor, kStamping, kStampFlags) < 0) ||
               bind(descriptor, source.address(), source.length) < 0) {
        error = -errno;
    }
    int moved = descriptor;
    if (error == 0) error = std::min(0, io_uring_register_files_update(&ring_, slot, &moved, 1));
    ::close(descriptor);
    return error;
}

void Ring::accept(int listen_descriptor, std::uint32_t slot, UserData data) {
    io_uring_sqe* sqe = next_request();
    io_uring_prep_accept_direct(sqe, listen_descriptor, nullptr, nullptr, 0, slot);
    sqe->user_data = data.pack();
}

void Ring::receive(std::uint32_t slot, UserData data) {
    io_uring_sqe* sqe = next_request();
    if (options_.stamps == Stamps::none) {
        io_uring_prep_recv_multishot(sqe, static_cast<int>(slot), nullptr, 0, 0);
    } else {
        io_uring_prep_recvmsg_multishot(sqe, static_cast<int>(slot), &stamped_message_, 0);
    }
    sqe->flags |= IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    sqe->buf_group = kBufferGroup;
    sqe->user_data = data.pack();
}

// Without MSG_WAITALL a short send would be silent; without MSG_DONTWAIT it would be overtaken by the next.
void Ring::send(std::uint32_t slot, ByteView bytes, UserData data) {
    io_uring_sqe* sqe = next_request();
    io_uring_prep_send(sqe, static_cast<int>(slot), bytes.data(), bytes.size(),
                       MSG_WAITALL | MSG_DONTWAIT | MSG_NOSIGNAL);
    sqe->flags |= IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
    sqe->user_data = data.pack();
}

void Ring::send_rest(std::uint32_t slot, ByteView bytes, UserData data) {
    io_uring_sqe* sqe = next_request();
    io_uring_prep_send(sqe, static_cast<int>(slot), bytes.data(), bytes.size(), MSG_WAITALL | MSG_NOSIGNAL);
    sqe->flags |= IOSQE_FIXED_FILE;
    sqe->user_data = data.pack();
}

void Ring::shutdown(std::uint32_t slot, UserData data) {
    io_uring_sqe* sqe = next_request();
    io_uring_prep_shutdown(sqe, static_cast<int>(slot), SHUT_WR);
    sqe->flags |= IOSQE_FIXED_FILE;
    sqe->user_data = data.pack();
}

// A close alone, under an armed receive, would send no FIN. Cancelling by the slot would find every request
// on it, but by a walk over all requests of the ring: 420 us each at 19,000 connections; by its own data
// one is found at once. The hard link goes on when there was nothing to cancel any more.
// A connect to no address dissolves the connection (connect(2)), and TCP does that by RST (tcp_disconnect).
void Ring::reset(std::uint32_t slot) {
    static constexpr sockaddr kNowhere{.sa_family = AF_UNSPEC, .sa_data = {}};
    io_uring_sqe* sqe = next_request();
    io_uring_prep_connect(sqe, static_cast<int>(slot), &kNowhere, sizeof kNowhere);
    sqe->flags |= IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
    sqe->user_data = UserData{}.pack();
}

void Ring::close(std::uint32_t slot, std::span<const UserData> in_flight, UserData data) {
    reserve_requests(static_cast<std::uint32_t>(in_flight.size()) + 1);
    for (const UserData request : in_flight) {
        io_uring_sqe* sqe = next_request();
        prepare_cancel(sqe, request);
        sqe->flags |= IOSQE_IO_HARDLINK;
    }
    io_uring_sqe* sqe = next_request();
    io_uring_prep_close_direct(sqe, slot);
    sqe->user_data = data.pack();
}

bool Ring::inspect(std::uint32_t slot, UserData data) {
    if (options_.features.inspection == Inspection::none) return false;
    io_uring_sqe* sqe = next_request();
    abi::prepare_install(sqe, slot);
    sqe->flags |= IOSQE_FIXED_FILE;
    sqe->user_data = data.pack();
    return true;
}

void Ring::cancel(UserData request) {
    prepare_cancel(next_request(), request);
}

void Ring::poll(int descriptor, UserData data) {
    io_uring_sqe* sqe = next_request();
    io_uring_prep_poll_add(sqe, descriptor, POLLIN);
    sqe->user_data = data.pack();
}

void Ring::enter() {
    ++enters_;
    io_uring_submit_and_get_events(&ring_);
    sources_.clear();
    destinations_.clear();
}

void Ring::enter_and_wait(std::uint32_t count, TimeNs timeout_ns) {
    ++enters_;
    if (timeout_ns == kNever) {
        io_uring_submit_and_wait(&ring_, count);
    } else {
        __kernel_timespec timeout = to_timespec(timeout_ns);
        io_uring_cqe* first = nullptr;
        io_uring_submit_and_wait_timeout(&ring_, &first, count, &timeout, nullptr);
    }
    sources_.clear();
    destinations_.clear();
}

bool Ring::wants_enter() const {
    const unsigned flags = __atomic_load_n(ring_.sq.kflags, __ATOMIC_RELAXED);
    return io_uring_sq_ready(&ring_) > 0 || (flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
}

// The fence: who arms it looks at wants_enter() next, and must see what came before the kernel saw it
// armed.
void Ring::signal_eventfd(Armed armed) {
    io_uring_cq_eventfd_toggle(&ring_, armed == Armed::yes);
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

std::span<const Completion> Ring::take_completions() {
    std::size_t count = 0;
    unsigned head = 0;
    io_uring_cqe* cqe = nullptr;
    io_uring_for_each_cqe(&ring_, head, cqe) {
        Completion& completion = batch_[count++];
        completion.user_data = UserData::unpack(cqe->user_data);
        completion.result = cqe->res;
        completion.armed = (cqe->flags & IORING_CQE_F_MORE) != 0 ? Armed::yes : Armed::no;
        const bool has_buffer = (cqe->flags & IORING_CQE_F_BUFFER) != 0;
        completion.buffer =
            has_buffer ? static_cast<std::int32_t>(cqe->flags >> IORING_CQE_BUFFER_SHIFT) : kNoBuffer;
        if (count == kBatch) break;
    }
    io_uring_cq_advance(&ring_, static_cast<unsigned>(count));
    const std::span<Completion> batch = std::span(batch_).first(count);
    if (options_.stamps == Stamps::kernel) leave_headers_out(batch);
    return batch;
}

Received Ring::received(const Completion& completion) const {
    const std::size_t offset = static_cast<std::size_t>(completion.buffer) * options_.receive_buffer_bytes;
    const std::uint8_t* memory = buffers_.data() + offset;
    const auto size = static_cast<std::size_t>(completion.result);
    if (options_.stamps == Stamps::none) return {{memory, size}};
    return {{memory + kStampHeaderBytes, size}, read_stamp(memory)};
}

std::optional<TcpInfo> Ring::inspected(const Completion& completion) const {
    if (completion.result < 0) return std::nullopt;
    const auto info = read_tcp_info(completion.result);
    ::close(completion.result);
    return info;
}

// Descriptors that nobody has asked for would keep their connections open.
void Ring::close_installed() {
    for (auto batch = take_completions(); !batch.empty(); batch = take_completions()) {
        for (const Completion& completion : batch) {
            if (completion.user_data.op == Op::inspect) (void)inspected(completion);
        }
    }
}

void Ring::give_back_buffer(std::int32_t buffer) {
    std::uint8_t* memory =
        buffers_.data() + static_cast<std::size_t>(buffer) * options_.receive_buffer_bytes;
    io_uring_buf_ring_add(
        buffer_ring_, memory, options_.receive_buffer_bytes, static_cast<std::uint16_t>(buffer),
        io_uring_buf_ring_mask(options_.receive_buffers), static_cast<int>(buffers_given_++));
}

void Ring::publish_buffers() {
    io_uring_buf_ring_advance(buffer_ring_, static_cast<int>(buffers_given_));
    buffers_given_ = 0;
}

}  // namespace wsblast::ring
