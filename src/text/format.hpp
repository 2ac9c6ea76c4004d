// Words from values: fmt, under the name that the rest of the program uses. For the control plane only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/units.hpp"

namespace wsblast::text {

using fmt::format;
using fmt::format_to;

// "1 user", "7,200 users": `one` is a word whose plural ends in s.
[[nodiscard]] inline std::string counted(std::uint64_t count, std::string_view one) {
    return with_thousands(count) + " " + std::string(one) + (count == 1 ? "" : "s");
}

}  // namespace wsblast::text
