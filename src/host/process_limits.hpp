// What this process may have, and what it may do besides: its resource limits and capabilities. Any thread;
// not for the hot path.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "host/sysctls.hpp"

namespace wsblast::host {

inline constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

// A soft limit, which the process may raise to the hard one (getrlimit(2)).
struct ProcessLimit {
    std::uint64_t soft = kUnlimited;
    std::uint64_t hard = kUnlimited;

    friend bool operator==(const ProcessLimit&, const ProcessLimit&) = default;
};

struct ProcessLimits {
    std::optional<ProcessLimit> open_files{};           // RLIMIT_NOFILE
    std::optional<ProcessLimit> locked_memory_bytes{};  // RLIMIT_MEMLOCK
    std::optional<ProcessLimit> address_space_bytes{};  // RLIMIT_AS
    std::uint64_t capabilities = 0;                     // those in effect, by their bits (capabilities(7))
};

// Bits of `capabilities`.
inline constexpr std::uint64_t kCapNetAdmin = std::uint64_t{1} << 12;
inline constexpr std::uint64_t kCapIpcLock = std::uint64_t{1} << 14;
inline constexpr std::uint64_t kCapSysAdmin = std::uint64_t{1} << 21;

// Of this process: /proc/self/limits and /proc/self/status.
[[nodiscard]] ProcessLimits read_process_limits(const HostFiles& files);

// One line of /proc/self/limits: "Max open files   1024   524288   files".
[[nodiscard]] std::optional<ProcessLimit> parse_process_limit(std::string_view text, std::string_view name);

// The bits of "CapEff:\t000001ffffffffff"; 0 without the line.
[[nodiscard]] std::uint64_t parse_capabilities(std::string_view status);

}  // namespace wsblast::host
