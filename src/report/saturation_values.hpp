// Loads and names as the report of a search shows them.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/units.hpp"
#include "stats/saturation_result.hpp"
#include "text/format.hpp"

namespace wsblast::report {

// "12,346", "1.5"; fractions are for small numbers.
[[nodiscard]] inline std::string number_text(double value) {
    constexpr double kWholeFrom = 100;
    if (value < kWholeFrom && value != std::floor(value)) return text::format("{:.1f}", value);
    return with_thousands(static_cast<std::uint64_t>(std::llround(std::fmax(value, 0))));
}

// "12,346 messages/s".
[[nodiscard]] inline std::string load_text(double load, stats::LoadAxis axis) {
    return text::format("{} {}", number_text(load), stats::unit_of(axis));
}

}  // namespace wsblast::report
