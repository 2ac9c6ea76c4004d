// What the rows of `doctor` have in common: how sizes are written, and how a row says that it knows
// nothing. Each function here and in doctor_*.hpp makes one row from the facts; nothing is read.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "base/units.hpp"
#include "stats/limit_check.hpp"
#include "text/format.hpp"

namespace wsblast::search {

using stats::LimitCheck;
using stats::LimitStatus;
using stats::Setting;
using stats::SettingPlace;

// "548 KiB", "7.6 GiB".
[[nodiscard]] inline std::string size_text(std::uint64_t bytes) {
    constexpr double kStep = 1024;
    constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= kStep && unit + 1 < std::size(kUnits)) {
        value /= kStep;
        ++unit;
    }
    const bool whole = unit == 0 || value >= 100 || value == std::floor(value);
    return whole ? text::format("{:.0f} {}", value, kUnits[unit])
                 : text::format("{:.1f} {}", value, kUnits[unit]);
}

[[nodiscard]] constexpr std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
    return (value + by - 1) / by;
}

// A value for a setting: a tenth more than is needed, in whole steps, so that it is set once.
[[nodiscard]] constexpr std::uint64_t with_room(std::uint64_t needed, std::uint64_t step) {
    return divide_up(needed + needed / 10, step) * step;
}

// "sudo sysctl -w net.core.somaxconn=4096", quoted where a blank stands in it.
[[nodiscard]] inline std::string sysctl_command(const Setting& setting) {
    const bool blank = setting.value.find(' ') != std::string::npos;
    return text::format("sudo sysctl -w {}={}{}{}", setting.key, blank ? "\"" : "", setting.value,
                        blank ? "\"" : "");
}

// The row fails, or is doubtful, unless this one setting is made.
inline void mend_by(LimitCheck& row, Setting setting) {
    row.remedy = sysctl_command(setting);
    row.settings.push_back(std::move(setting));
}

// Nothing is guessed: `where` names what could not be read.
[[nodiscard]] inline LimitCheck unknown(LimitCheck row, std::string_view where) {
    row.status = LimitStatus::warn;
    row.here = "unknown";
    row.why = text::format("{} cannot be read here: it may be hidden from this container", where);
    row.remedy = "run doctor on the host itself";
    return row;
}

// A count beside another, in both forms.
inline void put_here(LimitCheck& row, std::uint64_t value) {
    row.here = with_thousands(value);
    row.here_value = static_cast<double>(value);
}
inline void put_needed(LimitCheck& row, std::uint64_t value) {
    row.needed = with_thousands(value);
    row.needed_value = static_cast<double>(value);
}

}  // namespace wsblast::search
