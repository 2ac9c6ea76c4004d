// Words from values: fmt, under the name that the rest of the program uses. For the control plane only.
#pragma once

#include <fmt/format.h>

namespace wsblast::text {

using fmt::format;
using fmt::format_to;

}  // namespace wsblast::text
