// What this kernel's io_uring can do, found out once before the run: the floor is Linux 6.1, and each newer
// feature that is used has a fallback.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace wsblast::ring {

// How a connecting socket gets its options and its source address.
enum class ConnectPath : std::uint8_t {
    chain,  // socket, options, bind, connect: one linked chain in the ring (Linux 6.11: IORING_OP_BIND)
    descriptor,  // made as an ordinary descriptor, moved into the table, connected by the ring
};

// How the kernel's view of a connection can be read (ring/tcp_info.hpp).
enum class Inspection : std::uint8_t {
    none,
    descriptor,  // through an ordinary descriptor of it (Linux 6.8: IORING_OP_FIXED_FD_INSTALL)
};

struct Features {
    ConnectPath connect_path = ConnectPath::chain;
    Inspection inspection = Inspection::none;
    std::uint32_t table_size_max = 0;  // slots a ring may have: RLIMIT_NOFILE, after it was raised
};

// Makes a ring, asks it what it knows, and closes it. The environment variable WSBLAST_RING overrides what
// is found, so that every fallback can be run anywhere: "without=bind", "without=inspect", "table=20" (a
// list, separated by commas).
//
// Errors name the cause and the remedy: no io_uring (ENOSYS, or kernel.io_uring_disabled: EPERM), a kernel
// older than 6.1 (EINVAL), too little memory (ENOMEM), a file limit that is too small.
[[nodiscard]] Result<Features> probe_features();

// The same from a given override text; `probe_features` reads it from the environment.
[[nodiscard]] Result<Features> probe_features(std::string_view override_text);

// The message for an error number of io_uring_setup(2) or io_uring_register(2).
[[nodiscard]] Error explain_setup_failure(int error);

}  // namespace wsblast::ring
