#include "ring/survey.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>

#include <liburing.h>
#include <sys/resource.h>

#include "base/limits.hpp"
#include "ring/abi.hpp"
#include "ring/features.hpp"

namespace wsblast::ring {

namespace {

struct UsedOperation {
    std::uint8_t code;
    UsedFeature feature;
};

// The requests of ring.cpp, in the order of a connection's life.
constexpr std::array<UsedOperation, 12> kOperations{{
    {IORING_OP_SOCKET, {"IORING_OP_SOCKET", "5.19", ""}},
    {abi::kOpBind,
     {"IORING_OP_BIND", "6.11", "each connection takes five system calls more to open, and a descriptor"}},
    {IORING_OP_CONNECT, {"IORING_OP_CONNECT", "5.5", ""}},
    {IORING_OP_ACCEPT, {"IORING_OP_ACCEPT", "5.5", ""}},
    {IORING_OP_RECV, {"IORING_OP_RECV", "5.6, multishot 6.0", ""}},
    {IORING_OP_RECVMSG, {"IORING_OP_RECVMSG", "5.3, multishot 6.0", "no --timestamps kernel"}},
    {IORING_OP_SEND, {"IORING_OP_SEND", "5.6", ""}},
    {abi::kOpInstall, {"IORING_OP_FIXED_FD_INSTALL", "6.8", "no figures of TCP in the result"}},
    {IORING_OP_SHUTDOWN, {"IORING_OP_SHUTDOWN", "5.11", ""}},
    {IORING_OP_ASYNC_CANCEL, {"IORING_OP_ASYNC_CANCEL", "5.5", ""}},
    {IORING_OP_CLOSE, {"IORING_OP_CLOSE", "5.6", ""}},
    {IORING_OP_POLL_ADD, {"IORING_OP_POLL_ADD", "5.1", ""}},
}};

// One thread's ring, whose task work is deferred: Linux 6.1. 0 or a negative errno.
int open_small_ring(io_uring& ring) {
    io_uring_params params{};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    return io_uring_queue_init_params(8, &ring, &params);
}

bool is_overridden(std::string_view override_text, std::string_view name) {
    if (name == "IORING_OP_BIND") return override_text.find("without=bind") != std::string_view::npos;
    if (name == "IORING_OP_FIXED_FD_INSTALL")
        return override_text.find("without=inspect") != std::string_view::npos;
    return false;
}

// A ring that needs memory and may lock none: made again with a soft limit of 0, which is put back.
RingMemory find_ring_memory() {
    rlimit before{};
    if (getrlimit(RLIMIT_MEMLOCK, &before) != 0) return RingMemory::uncounted;
    const rlimit none{0, before.rlim_max};
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0) return RingMemory::uncounted;
    io_uring ring{};
    const int error = open_small_ring(ring);
    if (error == 0) io_uring_queue_exit(&ring);
    setrlimit(RLIMIT_MEMLOCK, &before);
    return error == -ENOMEM ? RingMemory::locked : RingMemory::uncounted;
}

}  // namespace

Result<Survey> survey() {
    io_uring ring{};
    if (const int error = open_small_ring(ring); error < 0) return explain_setup_failure(-error);
    const char* const variable = std::getenv("WSBLAST_RING");
    const std::string_view override_text = variable != nullptr ? variable : "";
    io_uring_probe* const probe = io_uring_get_probe_ring(&ring);
    Survey found;
    for (const UsedOperation& operation : kOperations) {
        UsedFeature& feature = found.features.emplace_back(operation.feature);
        const bool there = abi::knows(probe, operation.code) && !is_overridden(override_text, feature.name);
        feature.presence = there ? Presence::there : Presence::missing;
    }
    io_uring_free_probe(probe);
    io_uring_queue_exit(&ring);
    found.memory = find_ring_memory();
    return found;
}

std::uint64_t locked_bytes_per_ring() {
    constexpr std::uint64_t kPageBytes = 4 * kKiB;
    // Each part is whole pages; 548 KiB were seen to suffice for the first ring of a process.
    constexpr std::uint64_t kParts = 3;
    return limits::kSqEntries * (sizeof(io_uring_sqe) + sizeof(std::uint32_t)) +
           limits::kCqEntries * sizeof(io_uring_cqe) + limits::kReceiveBuffers * sizeof(io_uring_buf) +
           kParts * kPageBytes;
}

}  // namespace wsblast::ring
