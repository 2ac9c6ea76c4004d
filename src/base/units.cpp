#include "base/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace wsblast {

namespace {

struct Suffix {
    std::string_view name;
    double factor;
};

constexpr std::array<Suffix, 6> kDurationSuffixes{
    {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
constexpr std::array<Suffix, 3> kCountSuffixes{{{"", 1}, {"k", 1e3}, {"M", 1e6}}};

// The number at the front and what follows it; no sign, no exponent, no hex, no infinity.
Result<std::pair<double, std::string_view>> split_number(std::string_view text) {
    double number = 0;
    const auto [rest, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    const bool digit = !text.empty() && text.front() >= '0' && text.front() <= '9';
    if (!digit || error != std::errc{}) {
        return usage_error("'" + std::string(text) + "' does not begin with a number");
    }
    return std::pair{number, text.substr(static_cast<std::size_t>(rest - text.data()))};
}

const Suffix* find_suffix(std::span<const Suffix> suffixes, std::string_view name) {
    for (const Suffix& suffix : suffixes) {
        if (suffix.name == name) return &suffix;
    }
    return nullptr;
}

}  // namespace

Result<TimeNs> parse_duration(std::string_view text) {
    constexpr const char* kAllowed = "; a duration is a number with a unit: us, ms, s, m or h, as in 10ms";
    const auto parts = split_number(text);
    if (!parts) return usage_error(parts.error().what + kAllowed);
    const auto [number, unit] = *parts;
    if (unit.empty() && number == 0) return TimeNs{0};
    const Suffix* suffix = find_suffix(kDurationSuffixes, unit);
    if (suffix == nullptr) {
        const std::string fault = unit.empty() ? "has no unit" : "has an unknown unit";
        return usage_error("'" + std::string(text) + "' " + fault + kAllowed);
    }
    const double duration_ns = number * suffix->factor;
    constexpr double kYearNs = 365.0 * 24 * 3600e9;
    if (duration_ns > kYearNs) return usage_error("'" + std::string(text) + "' is more than a year");
    return static_cast<TimeNs>(std::llround(duration_ns));
}

Result<std::uint64_t> parse_count(std::string_view text) {
    constexpr const char* kAllowed = "; a count is a whole number, k and M allowed, as in 50k";
    const auto parts = split_number(text);
    if (!parts) return usage_error(parts.error().what + kAllowed);
    const auto [number, unit] = *parts;
    const Suffix* suffix = find_suffix(kCountSuffixes, unit);
    const double count = suffix != nullptr ? number * suffix->factor : 0.5;
    const double whole = std::round(count);
    const double rounding = count * 1e-15;  // of 1.005 * 1000, which is 1004.9999999999999
    if (std::abs(count - whole) > rounding || count > 1e15) {
        return usage_error("'" + std::string(text) + "' is not a whole number" + kAllowed);
    }
    return static_cast<std::uint64_t>(whole);
}

Result<double> parse_rate(std::string_view text) {
    constexpr const char* kAllowed = "; a rate is a number above 0, k and M allowed, as in 2.5k";
    const auto parts = split_number(text);
    if (!parts) return usage_error(parts.error().what + kAllowed);
    const auto [number, unit] = *parts;
    const Suffix* suffix = find_suffix(kCountSuffixes, unit);
    if (suffix == nullptr || number <= 0 || number * suffix->factor > 1e9) {
        return usage_error("'" + std::string(text) + "' is no rate" + kAllowed);
    }
    return number * suffix->factor;
}

std::string to_duration_text(TimeNs duration_ns) {
    if (duration_ns == 0) return "0";
    struct Unit {
        TimeNs size_ns;
        const char* name;
    };
    constexpr std::array<Unit, 5> kUnits{
        {{kHour, "h"}, {kMinute, "m"}, {kSecond, "s"}, {kMillisecond, "ms"}, {kMicrosecond, "us"}}};
    for (const Unit& unit : kUnits) {
        if (duration_ns % unit.size_ns == 0) return std::to_string(duration_ns / unit.size_ns) + unit.name;
    }
    return std::to_string(duration_ns) + "ns";
}

std::string with_thousands(std::uint64_t value) {
    std::string text = std::to_string(value);
    for (std::size_t place = text.size(); place > 3; place -= 3) text.insert(place - 3, ",");
    return text;
}

}  // namespace wsblast
