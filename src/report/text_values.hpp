// Values as the reports in words show them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "stats/histogram.hpp"
#include "text/format.hpp"

namespace wsblast::report {

// Between the parts of a report.
inline constexpr std::string_view kRule = "========================================\n";

// What came from the other end must not move the cursor: what is not printable ASCII becomes ".".
[[nodiscard]] inline std::string printable(std::string_view bytes) {
    std::string shown(bytes);
    for (char& byte : shown) {
        if (byte < ' ' || byte > '~') byte = '.';
    }
    return shown;
}

// "a, b".
[[nodiscard]] inline std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

// "90 s", "2 min 5 s".
[[nodiscard]] inline std::string seconds_text(TimeNs time_ns) {
    constexpr TimeNs kMinutesFrom = 2 * kMinute;
    const TimeNs seconds = time_ns / kSecond;
    if (time_ns < kMinutesFrom) return text::format("{} s", seconds);
    return text::format("{} min {} s", time_ns / kMinute, seconds % (kMinute / kSecond));
}

// "12.34ms".
[[nodiscard]] inline std::string ms(double time_ns) {
    return text::format("{:.2f}ms", time_ns / static_cast<double>(kMillisecond));
}

// Of one field of a summary; "n/a" without samples.
template <class Field>
[[nodiscard]] std::string ms(const std::optional<stats::Summary>& summary, Field stats::Summary::*field) {
    return summary ? ms(static_cast<double>((*summary).*field)) : "n/a";
}

}  // namespace wsblast::report
