#include "script/durations.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "base/limits.hpp"
#include "script/errors.hpp"
#include "text/format.hpp"

namespace wsblast::script {

namespace {

struct Unit {
    std::array<std::string_view, 5> names;
    TimeNs ns;
};

constexpr TimeNs kDay = 24 * kHour;
constexpr std::array kUnits{
    Unit{{"ms", "msec", "msecs", "millisecond", "milliseconds"}, kMillisecond},
    Unit{{"s", "sec", "secs", "second", "seconds"}, kSecond},
    Unit{{"m", "min", "mins", "minute", "minutes"}, kMinute},
    Unit{{"h", "hr", "hrs", "hour", "hours"}, kHour},
    Unit{{"d", "day", "days", "", ""}, kDay},
    Unit{{"w", "week", "weeks", "", ""}, 7 * kDay},
    Unit{{"y", "yr", "yrs", "year", "years"}, 8'766 * kHour},  // 365.25 days
};

std::optional<TimeNs> in_bounds(double seconds) {
    const double ns = std::round(seconds * static_cast<double>(kSecond));
    if (!(ns >= 0) || ns > static_cast<double>(limits::kPhaseNsMax)) return {};
    return static_cast<TimeNs>(ns);
}

}  // namespace

std::optional<TimeNs> parse_script_duration(std::string_view text) {
    double number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (error != std::errc() || !std::isfinite(number)) return {};
    std::string unit(rest, end);
    if (unit.empty()) return in_bounds(number);
    unit.erase(0, unit.find_first_not_of(' '));
    if (unit.empty()) return {};
    std::ranges::transform(unit, unit.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    for (const Unit& known : kUnits) {
        if (std::ranges::find(known.names, std::string_view(unit)) == known.names.end()) continue;
        return in_bounds(number * static_cast<double>(known.ns) / static_cast<double>(kSecond));
    }
    return {};
}

Result<TimeNs> duration_of(const Node& node, std::string_view key) {
    if (const auto number = node.as_number()) {
        if (const auto duration = in_bounds(*number)) return *duration;
    } else if (const auto text = node.as_text()) {
        if (const auto duration = parse_script_duration(*text)) return *duration;
    }
    return error_at(node.place, key, not_a(kDurationAllowed, node));
}

}  // namespace wsblast::script
