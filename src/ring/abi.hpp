// What the kernel knows and liburing 2.3 does not name yet: opcodes and layouts, filled in by hand.
#pragma once

#include <cstdint>
#include <cstring>

#include <liburing.h>
#include <sys/socket.h>

namespace wsblast::ring::abi {

inline constexpr std::uint8_t kOpBind = 56;                  // IORING_OP_BIND, Linux 6.11
inline constexpr std::uint8_t kOpInstall = 54;               // IORING_OP_FIXED_FD_INSTALL, Linux 6.8
inline constexpr std::uint32_t kSocketCommandSetOption = 3;  // SOCKET_URING_OP_SETSOCKOPT, Linux 6.7

// What io_uring_get_probe(3) says of an operation; it may have failed.
[[nodiscard]] inline bool knows(const io_uring_probe* probe, std::uint8_t op) {
    return probe != nullptr && probe->last_op >= op && (probe->ops[op].flags & IO_URING_OP_SUPPORTED) != 0;
}

// The first two arguments of setsockopt(2) after the descriptor.
struct SocketOption {
    int level;
    int name;
};

// setsockopt(2) on a slot of the fixed table. `value` is read when the request is issued, which may be
// after it was submitted: it must be static.
inline void prepare_set_option(io_uring_sqe* sqe, std::uint32_t slot, SocketOption option,
                               const int* value) {
    std::memset(sqe, 0, sizeof *sqe);
    sqe->opcode = IORING_OP_URING_CMD;
    sqe->fd = static_cast<std::int32_t>(slot);
    sqe->cmd_op = kSocketCommandSetOption;
    sqe->addr = static_cast<std::uint64_t>(option.level) | static_cast<std::uint64_t>(option.name) << 32;
    sqe->file_index = sizeof *value;  // optlen
    sqe->addr3 = reinterpret_cast<std::uint64_t>(value);
}

// bind(2) on a slot of the fixed table. `address` is copied when the request is submitted.
inline void prepare_bind(io_uring_sqe* sqe, std::uint32_t slot, const sockaddr* address, socklen_t length) {
    std::memset(sqe, 0, sizeof *sqe);
    sqe->opcode = kOpBind;
    sqe->fd = static_cast<std::int32_t>(slot);
    sqe->addr = reinterpret_cast<std::uint64_t>(address);
    sqe->addr2 = length;
}

// An ordinary descriptor (close-on-exec) of the socket on a slot of the fixed table.
inline void prepare_install(io_uring_sqe* sqe, std::uint32_t slot) {
    std::memset(sqe, 0, sizeof *sqe);
    sqe->opcode = kOpInstall;
    sqe->fd = static_cast<std::int32_t>(slot);
}

}  // namespace wsblast::ring::abi
