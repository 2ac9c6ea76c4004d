// The units that the whole program speaks in, and how a person writes them.
//
// Time is unsigned nanoseconds of the monotonic clock, bytes are spans of uint8_t. Every name of a quantity
// ends with its unit (`timeout_ns`, `size_max`).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wsblast {

using TimeNs = std::uint64_t;

inline constexpr TimeNs kMicrosecond = 1'000;
inline constexpr TimeNs kMillisecond = 1'000'000;
inline constexpr TimeNs kSecond = 1'000'000'000;
inline constexpr TimeNs kMinute = 60 * kSecond;
inline constexpr TimeNs kHour = 60 * kMinute;
inline constexpr TimeNs kNever = ~TimeNs{0};

inline constexpr double kNsPerS = 1e9;

[[nodiscard]] constexpr double to_seconds(TimeNs time_ns) {
    return static_cast<double>(time_ns) / kNsPerS;
}

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

// Borrowed bytes. Never owned, never null-terminated.
using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// "10ms", "1.5s", "2m", "250us", "1h"; a bare number is refused except 0.
[[nodiscard]] Result<TimeNs> parse_duration(std::string_view text);

// "100", "50k", "2M" (decimal: k = 1,000); no sign, no fraction that is not whole after scaling.
[[nodiscard]] Result<std::uint64_t> parse_count(std::string_view text);

// "1000", "5k", "0.5": events a second, above 0.
[[nodiscard]] Result<double> parse_rate(std::string_view text);

// The shortest exact form that parse_duration reads back: "10ms", "1500us", "2m".
[[nodiscard]] std::string to_duration_text(TimeNs duration_ns);

// 1234567 -> "1,234,567".
[[nodiscard]] std::string with_thousands(std::uint64_t value);

}  // namespace wsblast
